// The desk by keyboard; every key does what a link or a button of the page does.
"use strict";
const rows = [...document.querySelectorAll("[data-row]")];
const follow = selector => document.querySelector(selector)?.click();
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "Escape" && typing) typing.blur();
  if (typing) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step && rows.length) {
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
  } else if (step) follow(step === 1 ? "[rel=next]" : "[rel=prev]");
  else if (event.key === "/") document.querySelector("input[type=search]")?.focus();
  else if (event.key === "u") follow("[data-undo]");
  else if (event.key === "a") document.querySelector("[data-answer]")?.focus();
  else if (event.key === "r") follow("[data-reviewed]");
  else if (event.key === "l") follow("nav.desk a");
  else {
    const points = document.querySelector(`[data-points="${CSS.escape(event.key)}"]`);
    if (!points) return;
    points.closest("details").open = true;
    points.focus();
  }
  event.preventDefault();
});
// Whoever leaves the page is asked first if a form holds what was typed and not sent.
const differs = field => field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
const typed = form => "unsaved" in form.dataset || [...form.querySelectorAll("input, textarea")].some(differs);
let sent = null;
document.addEventListener("submit", event => { sent = event.target; });
window.addEventListener("beforeunload", event => {
  if ([...document.querySelectorAll("form[method=post]")].some(form => form !== sent && typed(form))) event.preventDefault();
  sent = null;
});
// The points that the ticked lines of a mark scheme sum to.
for (const scheme of document.querySelectorAll("[data-scheme]")) {
  const lines = [...scheme.querySelectorAll("[data-most]")];
  const points = line => {
    const [ticked, other] = line.querySelectorAll("input");
    const written = parseFloat(other.value.replace(",", "."));
    return other.value.trim() ? written || 0 : ticked.checked ? Number(line.dataset.most) : 0;
  };
  const show = () => {
    const sum = lines.reduce((total, line) => total + points(line), 0);
    scheme.querySelector("[data-sum]").textContent = `Sum of the lines: ${Math.round(sum * 1e4) / 1e4}`;
  };
  scheme.addEventListener("input", show);
  show();
}
