// Files are looked for while somebody types, and chosen with the arrow keys. Sent without scripts, the same field brings
// the same list as a page. There may be two: for the letter that is open, and for those that are ticked in the list.

const PAUSE = 200;
const page = document;

class Picker {
  constructor(field) {
    this.field = field;
    this.place = field.dataset.found;
    this.asked = field.value.trim();
    this.timer = 0;
    field.addEventListener("input", () => this.wait());
    page.addEventListener("keydown", (event) => this.move(event));
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look().catch(() => {}), PAUSE); // away for a moment: the form asks again
  }

  async look() {
    const words = this.field.value.trim();
    if (words === this.asked) return;
    this.asked = words;
    const address = `${this.field.dataset.picker}&akte=${encodeURIComponent(words)}`;
    const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok || answer.redirected || words !== this.asked) return; // signed out, or typed on: the form itself says so
    const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [count, list] = [`${this.place}-count`, `${this.place}-list`];
    page.getElementById(count).textContent = piece.getElementById(count).textContent; // is said aloud
    page.getElementById(list).replaceWith(piece.getElementById(list));
  }

  /** Down from the field into the list and on, up again, and Escape back to the field. */
  move(event) {
    const { field } = this;
    const buttons = [...page.querySelectorAll(`#${this.place}-list button`)];
    const at = buttons.indexOf(page.activeElement);
    if (page.activeElement !== field && at < 0) return;
    const targets = { ArrowDown: buttons[at + 1], ArrowUp: at > 0 ? buttons[at - 1] : field, Escape: field };
    const target = targets[event.key];
    if (!target || (event.key === "Escape" && at < 0)) return;
    event.preventDefault();
    target.focus();
  }
}

page.querySelectorAll("[data-picker]").forEach((field) => new Picker(field));
