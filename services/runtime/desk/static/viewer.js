// Pages of a letter without a new page: what a link of the viewer leads to takes the place of what is there.
// Everything is a link, so nothing needs this file.

const page = document;
const words = JSON.parse(page.documentElement.dataset.words || "{}");
const say = (german) => words[german] ?? german; // as the page's language has it; German stands here

async function show(address, control) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const viewer = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("viewer");
  if (!answer.ok || answer.redirected || !viewer) {
    location.assign(address); // signed out, erased, moved: the page itself says so
    return;
  }
  page.getElementById("viewer").replaceWith(viewer);
  history.replaceState(null, "", address);
  (viewer.querySelector(`[data-view="${control}"]`) ?? viewer.querySelector(".sheets, [aria-current]"))?.focus({ preventScroll: true });
  fetchAhead();
}

/** The page behind is there when it is asked for. */
function fetchAhead() {
  const following = page.querySelector(".sheets")?.dataset.following;
  if (following) new Image().src = following;
}

page.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link.href, link.dataset.view).catch(() => location.assign(link.href));
});
addEventListener("load", fetchAhead);

/** Where the picture of a page does not come, the page says so: beside it stands the text, and the way to try again. */
function tellOfFailure(picture) {
  const sheets = picture.closest(".sheets");
  if (!sheets || picture.matches(".marks") || sheets.querySelector(".fault")) return;
  const told = page.createElement("p");
  Object.assign(told, { className: "fault", textContent: say("Das Bild dieser Seite ist gerade nicht zu sehen. Ihr Text steht darunter.") });
  told.setAttribute("role", "status");
  told.append(" ", Object.assign(page.createElement("a"), { href: location.href, textContent: say("Neu laden") }));
  sheets.querySelector(".sheet").hidden = true;
  sheets.prepend(told);
}

page.addEventListener("error", ({ target }) => target.matches?.(".sheet img") && tellOfFailure(target), true);
page.querySelectorAll(".sheet img").forEach((one) => one.complete && !one.naturalWidth && tellOfFailure(one)); // before this was here

// The words of a page, transparent over its picture: they can be selected, copied and found. They come when somebody
// points at the page or goes to it. Read aloud is the text below, so they are hidden there.

const SVG = "http://www.w3.org/2000/svg";
const WHOLE = 10_000;

function drawn(name, attributes, parent) {
  const one = page.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => one.setAttribute(key, value));
  parent?.append(one);
  return one;
}

/** Words that stand beside each other are one line, which is copied with its blanks. */
function linesOf(words) {
  const lines = [];
  for (const word of words) {
    const last = lines.at(-1)?.at(-1);
    const beside = last && word.left >= last.left + last.width && Math.abs(word.top - last.top) < last.height / 2;
    if (beside) lines.at(-1).push(word);
    else lines.push([word]);
  }
  return lines;
}

function layOver(sheet, words, turn) {
  const layer = drawn("svg", { class: "words", viewBox: `0 0 ${WHOLE} ${WHOLE}`, preserveAspectRatio: "none", "aria-hidden": true });
  const upright = drawn("g", { transform: `rotate(${turn} ${WHOLE / 2} ${WHOLE / 2})` }, layer);
  for (const line of linesOf(words)) {
    const text = drawn("text", {}, upright);
    for (const { left, top, width, height, text: said } of line) {
      const place = { x: left, y: top + height * 0.8, textLength: width, lengthAdjust: "spacingAndGlyphs", "font-size": height };
      drawn("tspan", place, text).textContent = said;
      text.append(" ");
    }
  }
  sheet.append(layer);
}

async function fetchWords(sheet) {
  if (!sheet || sheet.dataset.words) return;
  sheet.dataset.words = "asked";
  const picture = new URL(sheet.querySelector("img").src);
  const answer = await fetch(picture.pathname.replace(/\.webp$/, "/words"), { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return; // a page without words has its text below all the same
  layOver(sheet, (await answer.json()).words, picture.searchParams.get("turn") ?? 0);
}

const onSheet = ({ target }) => fetchWords(target.closest?.(".sheets")?.querySelector(".sheet")).catch(() => {}); // away: as a page without words
page.addEventListener("pointerover", onSheet);
page.addEventListener("focusin", onSheet);
page.addEventListener("keydown", (event) => {
  const layer = event.key === "a" && (event.ctrlKey || event.metaKey) && page.activeElement?.closest(".sheets")?.querySelector(".words");
  if (!layer) return;
  event.preventDefault();
  page.getSelection().selectAllChildren(layer);
});
