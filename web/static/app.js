// What the pages do beyond HTML: live fragments, totals that follow a choice, copy, print and reveal buttons, submits that
// happen once, forwarding to the processor's page, passkeys. Every page works without it, passkeys and copy buttons aside.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- Fragments: bring an element to what a freshly drawn page says, touching only what differs, so that focus, scroll,
// open menus and a half-typed form stay, and a screen reader hears only the news.

const inUse = (form) => form.contains(document.activeElement) || "dirty" in form.dataset || "sent" in form.dataset;

function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) return from.replaceWith(to);
  if (from.nodeType !== Node.ELEMENT_NODE) return void (from.nodeValue = to.nodeValue);
  if (from.nodeName === "FORM" && inUse(from)) return;
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && name !== "open") from.setAttribute(name, value);
  }
  const keyed = new Map([...from.children].filter((c) => c.id).map((c) => [c.id, c]));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const known = wanted.id ? keyed.get(wanted.id) : at && !at.id && at.nodeName === wanted.nodeName ? at : null;
    if (!known) {
      from.insertBefore(wanted, at);
      continue;
    }
    if (known !== at) from.insertBefore(known, at);
    else at = at.nextSibling;
    morph(known, wanted);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const parse = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

// ---- Live: <div id="x" data-live="/events"> redraws itself whenever the stream says so, from this page's own address or, with
// data-from, from another.

const streams = new Map();
const changed = new Set();
let drawing = false;
let drawAgain = false;

function news(url) {
  changed.add(url);
  redraw();
}

function redrawAll() {
  for (const region of all("[data-live]")) changed.add(region.dataset.live);
  redraw();
}

async function redraw() {
  if (drawing) return void (drawAgain = true);
  drawing = true;
  try {
    const regions = all("[data-live]").filter((region) => changed.has(region.dataset.live));
    changed.clear();
    for (const region of regions.filter((r) => r.dataset.from)) {
      const response = await fetch(region.dataset.from, { cache: "no-store", headers: { Accept: "text/html" } });
      const fresh = response.ok && !response.redirected && (await parse(response)).getElementById(region.id);
      if (fresh) morph(region, fresh);
    }
    const drawn = regions.filter((r) => !r.dataset.from);
    if (drawn.length === 0) return;
    const response = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    // A form that was refused is drawn below the address of its page, which leads back to that page; elsewhere leads a sign-out.
    const at = new URL(response.url);
    if (response.redirected && !location.pathname.startsWith(at.pathname + "/")) return location.assign(at);
    if (!response.ok) return;
    const page = await parse(response);
    for (const region of all("[data-live]:not([data-from])")) {
      const fresh = page.getElementById(region.id);
      if (fresh) morph(region, fresh);
    }
    const bar = document.querySelector(".paybar"); // below the page on a phone, outside its regions
    const freshBar = page.querySelector(".paybar");
    if (bar && freshBar) morph(bar, freshBar);
    else bar?.remove();
    document.title = page.title;
    follow();
    forward();
    reveal();
  } catch {
    // Offline: the stream's own retry brings the next chance.
  } finally {
    drawing = false;
    if (drawAgain) {
      drawAgain = false;
      redraw();
    }
  }
}

function follow() {
  const wanted = new Set(document.hidden ? [] : all("[data-live]").map((region) => region.dataset.live));
  for (const [url, stream] of streams) {
    if (!wanted.has(url)) {
      stream.close();
      streams.delete(url);
    }
  }
  for (const url of wanted) {
    if (streams.has(url)) continue;
    const stream = new EventSource(url);
    stream.onmessage = () => news(url);
    stream.addEventListener("changed", () => news(url));
    stream.addEventListener("end", () => {
      stream.close(); // stays in the map: nothing more will come
      news(url);
    });
    streams.set(url, stream);
  }
}

document.addEventListener("visibilitychange", () => {
  const had = all("[data-live]").length > 0;
  follow();
  if (had && !document.hidden) redrawAll();
  seen();
});
addEventListener("pagehide", () => {
  for (const stream of streams.values()) stream.close();
  streams.clear();
});

// ---- Viewed: a page that somebody looks at says so, once. What is fetched, prefetched or drawn behind another page is not seen.

const said = new Set();
function seen() {
  if (document.hidden || document.prerendering) return;
  for (const { dataset } of all("[data-viewed]")) {
    if (said.has(dataset.viewed)) continue;
    said.add(dataset.viewed);
    fetch(dataset.viewed, { method: "POST", keepalive: true }).catch(() => said.delete(dataset.viewed));
  }
}
document.addEventListener("prerenderingchange", seen);

// ---- Drafts: what is typed below [data-draft] outlives a lost session and a closed page, until it is posted.

function drafts() {
  for (const place of all("[data-draft]")) {
    if ("posted" in place.dataset) sessionStorage.removeItem(place.dataset.draft);
    const kept = sessionStorage.getItem(place.dataset.draft);
    const text = place.querySelector("textarea");
    if (kept && text && !text.value) text.value = kept;
  }
}
// Whoever signs in here next is somebody else, perhaps.
addEventListener("submit", ({ target }) => {
  if (new URL(target.action).pathname.endsWith("/sign-out")) sessionStorage.clear();
});
addEventListener("input", ({ target }) => {
  const place = target.nodeName === "TEXTAREA" && target.closest("[data-draft]");
  if (place) sessionStorage.setItem(place.dataset.draft, target.value);
});

// ---- Forms: submitted once, and marked when typed in. <form data-refresh="preview" data-refreshes="totals"> presses its own
// button intent=preview in the background when a choice changes: the server stays the only one that adds up.

addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.method !== "post" || button?.formMethod === "get" || button?.formTarget || form.target === "_blank" || "repeat" in form.dataset) return;
  if ("sent" in form.dataset) return event.preventDefault();
  form.dataset.sent = "";
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  const label = button.querySelector("[data-busy]");
  if (label) {
    label.dataset.label = label.textContent;
    label.textContent = label.dataset.busy;
  }
});

function release() {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  for (const label of all("[data-label][data-busy]")) label.textContent = label.dataset.label;
}

addEventListener("input", (event) => {
  if (event.target.form) event.target.form.dataset.dirty = "";
});

// A box that ticks all others says whether they are.
function tally() {
  for (const box of all("input[data-all]")) {
    const each = all(`input[name="${CSS.escape(box.dataset.all)}"]:not(:disabled)`, box.form ?? document);
    box.checked = each.length > 0 && each.every((one) => one.checked);
  }
}

let asking = null;
addEventListener("change", async (event) => {
  const input = event.target;
  if (input.dataset.all) {
    for (const box of all(`input[name="${CSS.escape(input.dataset.all)}"]:not(:disabled)`, input.form)) box.checked = input.checked;
  }
  tally();
  const form = input.form;
  if (!form || !("refresh" in form.dataset)) return;
  const targets = form.dataset.refreshes.split(" ").map((id) => document.getElementById(id));
  asking?.abort();
  asking = new AbortController();
  for (const target of targets) target.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form));
  body.set("intent", form.dataset.refresh);
  try {
    const response = await fetch(form.action, { method: "POST", body, signal: asking.signal });
    const page = await parse(response);
    for (const target of targets) {
      const fresh = page.getElementById(target.id);
      if (fresh) morph(target, fresh);
      target.removeAttribute("aria-busy");
    }
  } catch (err) {
    if (err.name !== "AbortError") for (const target of targets) target.removeAttribute("aria-busy");
  }
});

// ---- Buttons: copy, print, show password.

function say(words) {
  let region = document.getElementById("said");
  if (!region) {
    region = Object.assign(document.createElement("p"), { id: "said", className: "visually-hidden" });
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = words;
}

addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
  if ("print" in button.dataset) print();
  if (button.dataset.copy) {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.innerText);
    const label = button.querySelector("[data-done]");
    const before = label.textContent;
    label.textContent = label.dataset.done;
    say(label.dataset.done);
    setTimeout(() => (label.textContent = before), 2000);
  }
  if (button.dataset.shows) {
    const input = document.getElementById(button.dataset.shows);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.firstElementChild.textContent = shown ? "Show" : "Hide";
  }
  if (button.dataset.passkey) passkey(button);
});

// The keys / and Ctrl+K lead into the box that searches everywhere; Escape leads out of it.
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (slash || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
    const box = document.querySelector("[data-find]");
    const link = document.querySelector(".find-link");
    if (box?.checkVisibility()) box.select();
    else if (link) link.click();
    else return;
    event.preventDefault();
  }
  if (event.key === "Escape" && typing && "find" in typing.dataset) typing.blur();
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// ---- Passkeys: the server's options are in the button's data-options; the answer goes back in the form's field `credential`.

async function passkey(button) {
  const options = JSON.parse(button.dataset.options);
  const form = button.form;
  try {
    const credential =
      button.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.requestSubmit();
  } catch {
    say(button.dataset.refused ?? "");
  }
}

// ---- Start.

// A page that answers a form is in the browser's history as that form: Back or Reload would send it again. From here on it is
// there by its address alone, where the server shows how things are now.
history.replaceState(history.state, "");

// forward leads on to the processor's page, once: coming back with the Back button shows the page instead.
function forward() {
  const link = document.querySelector("a[data-forward]");
  if (!link || history.state?.forwarded) return;
  history.replaceState({ forwarded: true }, "");
  location.assign(link.href);
}

// reveal shows the buttons that need this script.
function reveal() {
  for (const button of all("button[data-copy], button[data-print], button[data-shows]")) button.hidden = false;
  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    for (const button of all("button[data-passkey]")) button.hidden = false;
  }
}

addEventListener("pageshow", (event) => {
  // The browser may have kept the page as it was left, and shows how things were. What is half typed is worth more than that.
  if (event.persisted && all("form[method=post][data-dirty]:not([data-sent])").length === 0) return location.reload();
  release();
  follow();
  setTimeout(forward); // after the load has ended: earlier, this page would lose its place in the history
  if (event.persisted && all("[data-live]").length > 0) redrawAll();
  seen();
});
reveal();
drafts();
tally();
document.querySelector("[data-find][autofocus]")?.select();
