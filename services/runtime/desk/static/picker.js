// Files are looked for while somebody types, and chosen with the arrow keys. Sent without scripts, the same field brings
// the same list as a page.

const PAUSE = 200;
const page = document;
const field = page.querySelector("[data-picker]");
let timer = 0;
let asked = field?.value.trim();

async function look() {
  const words = field.value.trim();
  if (words === asked) return;
  asked = words;
  const address = `${field.dataset.picker}&akte=${encodeURIComponent(words)}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected || words !== asked) return; // signed out, or typed on: the form itself says so
  const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.getElementById("found-count").textContent = piece.getElementById("found-count").textContent; // is said aloud
  page.getElementById("found-list").replaceWith(piece.getElementById("found-list"));
}

/** Down from the field into the list and on, up again, and Escape back to the field. */
function move(event) {
  const buttons = [...page.querySelectorAll("#found-list button")];
  const at = buttons.indexOf(page.activeElement);
  if (page.activeElement !== field && at < 0) return;
  const targets = { ArrowDown: buttons[at + 1], ArrowUp: at > 0 ? buttons[at - 1] : field, Escape: field };
  const target = targets[event.key];
  if (!target || (event.key === "Escape" && at < 0)) return;
  event.preventDefault();
  target.focus();
}

if (field) {
  field.removeAttribute("list"); // the browser's own list would lie over ours
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => {}), PAUSE); // away for a moment: the form asks again
  });
  page.addEventListener("keydown", move);
}
