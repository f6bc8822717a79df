// Small comforts for the Checkout page. It works without them.
"use strict";

const group = (digits) =>
  /^3[47]/.test(digits)
    ? digits.replace(/^(\d{4})(\d{1,6})?(\d{1,5})?.*$/, (_, a, b, c) => [a, b, c].filter(Boolean).join(" "))
    : digits.slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 ");

const onInput = (name, format) => {
  const field = document.querySelector(`input[name=${name}]`);
  field?.addEventListener("input", () => {
    // Only while typing at the end, so that the cursor never jumps.
    if (field.selectionStart === field.value.length) field.value = format(field.value);
  });
};

onInput("number", (v) => group(v.replace(/\D/g, "")));
onInput("expiry", (v) => {
  const d = v.replace(/\D/g, "").slice(0, 4);
  return d.length > 2 ? `${d.slice(0, 2)} / ${d.slice(2)}` : d;
});

const form = document.querySelector("form");
form?.addEventListener("submit", () => {
  const pay = document.getElementById("pay");
  pay.disabled = true;
  pay.textContent = "Processing…";
});
// A page that comes back from the browser's memory must be usable again.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
