// Files go one by one, each with its progress and its receipt; they can be dragged onto the page. Without scripts the
// form takes them together.

const page = document;
const form = page.getElementById("upload");
const list = page.getElementById("sent");
const count = page.getElementById("sent-count");
const largest = Number(form.dataset.largest);
const words = JSON.parse(page.documentElement.dataset.words || "{}");
const say = (german) => words[german] ?? german; // as the page's language has it; German stands here
const counted = { all: 0, done: 0, failed: 0 };
let queue = Promise.resolve();

function element(name, facts, parent) {
  const one = Object.assign(page.createElement(name), facts);
  parent?.append(one);
  return one;
}

/** Said aloud once a file is done, not at each step of the bar. */
function tell() {
  const refused = counted.failed ? say(", {failed} nicht angenommen").replace("{failed}", counted.failed) : "";
  const sentence = counted.all === 1 ? say("{done} von {all} Datei hochgeladen") : say("{done} von {all} Dateien hochgeladen");
  count.textContent = sentence.replace("{done}", counted.done).replace("{all}", counted.all) + refused;
}

function send(file, key, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
    request.open("PUT", form.dataset.target + encodeURIComponent(file.name || say("Aufnahme")));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Idempotency-Key", key);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / (event.total || 1)));
    request.addEventListener("load", () => {
      const told = JSON.parse(request.responseText || "{}");
      if (request.status === 202) resolve(told);
      else reject(new Error((page.documentElement.lang === "de" ? told.detail : told.title) || say("Fehler {status}").replace("{status}", request.status)));
    });
    for (const event of ["error", "abort", "timeout"]) request.addEventListener(event, () => reject(new Error(say("Die Verbindung ist abgebrochen."))));
    request.send(file);
  });
}

function refused(item, reason, again) {
  counted.failed += 1;
  element("span", { className: "fault", textContent: reason }, item);
  if (!again) return;
  const button = element("button", { type: "button", className: "second", textContent: say("Noch einmal") }, item);
  button.addEventListener("click", () => {
    counted.failed -= 1;
    item.querySelectorAll(".fault, button").forEach((one) => one.remove());
    again();
  });
}

function enqueue(file, item, key) {
  const bar = element("progress", { max: 1, value: 0, ariaLabel: say("{name} wird hochgeladen").replace("{name}", () => file.name) }, item);
  queue = queue.then(async () => {
    try {
      const told = await send(file, key, (part) => (bar.value = part));
      counted.done += 1;
      item.append(say("Eingangsnummer"), " ");
      element("a", { href: `/eingang?nummer=${encodeURIComponent(told.receipt)}`, textContent: told.receipt }, item);
      if (told.duplicate) item.append(" "), element("span", { className: "faint", textContent: say("(diese Datei lag schon vor)") }, item);
    } catch (error) {
      refused(item, error.message, () => enqueue(file, item, key)); // with the same key: what came before is not taken twice
    }
    bar.remove();
    tell();
  });
}

function take(files) {
  if (!files.length) return;
  page.getElementById("sending").hidden = false;
  for (const file of files) {
    counted.all += 1;
    const item = element("li", { textContent: `${file.name || say("Aufnahme")}: ` }, list);
    if (!file.size) refused(item, say("Die Datei ist leer."));
    else if (file.size > largest) refused(item, say("Die Datei ist zu groß."));
    else enqueue(file, item, crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
  }
  tell();
}

form.addEventListener("submit", (event) => {
  const fields = [...form.querySelectorAll("input[type=file]")];
  const files = fields.flatMap((field) => [...field.files]);
  if (!files.length) return; // the server says what is missing
  event.preventDefault();
  take(files);
  fields.forEach((field) => (field.value = ""));
  page.getElementById("sending-title").focus();
});

const carries = (event) => event.dataTransfer?.types.includes("Files");
page.addEventListener("dragover", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  form.classList.add("dragged");
});
page.addEventListener("dragleave", (event) => event.relatedTarget ?? form.classList.remove("dragged"));
page.addEventListener("drop", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  form.classList.remove("dragged");
  take([...event.dataTransfer.files]);
});
form.querySelector(".drop").hidden = false;
form.querySelectorAll(".alone").forEach((one) => (one.hidden = true));
