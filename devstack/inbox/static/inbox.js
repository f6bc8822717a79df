// Keeps the list fresh, fits the frame to its email and writes times in the reader's own zone. The page works without it.
"use strict";

const pollEvery = 2000; // ms

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    const options = "long" in time.dataset ? { dateStyle: "long", timeStyle: "medium" } : today ? { timeStyle: "short" } : { day: "numeric", month: "short" };
    time.textContent = new Intl.DateTimeFormat(undefined, options).format(at);
  }
}

function fitFrame() {
  const frame = document.querySelector("iframe");
  if (!frame) return;
  const fit = () => {
    const page = frame.contentDocument?.documentElement;
    if (page) frame.style.height = `${page.scrollHeight}px`;
  };
  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
  fit();
}

async function refresh() {
  if (document.hidden) return;
  try {
    const { revision } = await (await fetch("/_inbox/revision")).json();
    if (String(revision) === document.body.dataset.revision) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    document.body.dataset.revision = page.body.dataset.revision;
    for (const part of ["#live", ".events"]) {
      const [now, next] = [document.querySelector(part), page.querySelector(part)];
      if (!now || !next) continue;
      // Whoever was on a link of the list stays on it.
      const focused = now.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      localTimes(next);
      now.replaceChildren(...next.childNodes);
      if (focused) now.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }
  } catch {
    // The inbox is being restarted: the next round finds it again.
  }
}

localTimes(document);
fitFrame();
setInterval(refresh, pollEvery);
