// Keys of the workbench. Everything they do is a link or a form of the page, so nothing needs this file.

const page = document;
const words = JSON.parse(page.documentElement.dataset.words || "{}");
const say = (german) => words[german] ?? german; // as the page's language has it; German stands here
const dialog = page.getElementById("keys");
const off = page.getElementById("keys-off");

const find = (selector) => page.querySelector(selector);

/** Whether a key belongs to what has the focus: a field takes every key, a link and a button their own. */
function isTyping(event) {
  const { target } = event;
  if (target.closest("dialog")) return true;
  if (target.matches("input:not([type=checkbox]), select, textarea")) return true;
  return (event.key === "Enter" || event.key === " ") && target.matches("a, button, summary, input");
}

function submit(key) {
  const form = find(`form[data-key="${key}"]`);
  if (!form) return false;
  form.requestSubmit(form.querySelector("button"));
  return true;
}

function follow(key) {
  const link = find(`a[data-key="${key}"]`);
  if (!link) return false;
  link.click();
  return true;
}

function focus(key) {
  const field = find(`[data-focus="${key}"]`);
  if (!field) return false;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
  return true;
}

function choose() {
  const box = find(".letters .current input[type=checkbox]");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function help() {
  dialog.showModal();
  return true;
}

function search() {
  location.assign("/suche");
  return true;
}

const ACTIONS = {
  j: () => follow("j"),
  k: () => follow("k"),
  Enter: () => submit("1"),
  1: () => submit("1"),
  2: () => submit("2"),
  3: () => submit("3"),
  a: () => submit("a"),
  f: () => focus("f"),
  n: () => focus("n"),
  p: () => follow("p"),
  z: () => focus("z"),
  w: () => focus("w"),
  c: () => focus("c"),
  b: () => focus("b"),
  m: () => submit("m"),
  x: () => submit("x"),
  v: () => submit("v"),
  o: () => submit("o"),
  u: () => submit("u") || follow("u"),
  ArrowLeft: () => follow("ArrowLeft"),
  ArrowRight: () => follow("ArrowRight"),
  "+": () => follow("+"),
  "-": () => follow("-"),
  r: () => follow("r"),
  t: () => follow("t"),
  " ": choose,
  "/": search,
  "?": help,
};

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (off.checked || isTyping(event)) return;
  const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action && action()) event.preventDefault();
}

/** A form is sent once: the second of two quick keys would be a decision on a page that is gone. */
function onSubmit(event) {
  const { target } = event;
  if (target.method === "dialog") return;
  if (target.dataset.sent) event.preventDefault();
  target.dataset.sent = "1";
}

/** The switch is the one of the own account: it holds wherever somebody is signed in. */
function keep() {
  const fields = new URLSearchParams({ form: find("input[name=form]").value });
  if (!off.checked) fields.set("an", "1");
  fetch("/konto/tasten", { method: "POST", body: fields, redirect: "manual" }).catch(() => {}); // holds for this page
}

/** How many are ticked stands at what may be done with them. */
function onChange() {
  const ticked = page.querySelectorAll(".letters input:checked").length;
  const several = find(".several");
  if (!several) return;
  several.querySelector("summary").textContent = say("Mit den ausgewählten") + (ticked ? ` (${ticked})` : "");
  if (ticked) several.open = true;
}

off.addEventListener("change", keep);
page.addEventListener("keydown", onKey);
page.addEventListener("submit", onSubmit);
find(".letters")?.addEventListener("change", onChange);
const button = page.getElementById("show-keys");
if (button) {
  button.hidden = false;
  button.addEventListener("click", help);
}
find(".letters .current")?.scrollIntoView({ block: "nearest" });
// Back from the browser's memory the forms may be sent anew.
addEventListener("pageshow", () => page.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
