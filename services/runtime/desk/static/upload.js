// Files go one by one, each with its progress and its receipt; they can be dragged onto the page. Without scripts the
// form takes them together.

const page = document;
const form = page.getElementById("upload");
const list = page.getElementById("sent");
const count = page.getElementById("sent-count");
const largest = Number(form.dataset.largest);
const counted = { all: 0, done: 0, failed: 0 };
let queue = Promise.resolve();

function element(name, facts, parent) {
  const one = Object.assign(page.createElement(name), facts);
  parent?.append(one);
  return one;
}

/** Said aloud once a file is done, not at each step of the bar. */
function tell() {
  const refused = counted.failed ? `, ${counted.failed} nicht angenommen` : "";
  count.textContent = `${counted.done} von ${counted.all} ${counted.all === 1 ? "Datei" : "Dateien"} hochgeladen${refused}`;
}

function send(file, key, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
    request.open("PUT", form.dataset.target + encodeURIComponent(file.name || "Aufnahme"));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Idempotency-Key", key);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / (event.total || 1)));
    request.addEventListener("load", () => {
      const told = JSON.parse(request.responseText || "{}");
      if (request.status === 202) resolve(told);
      else reject(new Error(told.detail || `Fehler ${request.status}`));
    });
    for (const event of ["error", "abort", "timeout"]) request.addEventListener(event, () => reject(new Error("Die Verbindung ist abgebrochen.")));
    request.send(file);
  });
}

function refused(item, reason, again) {
  counted.failed += 1;
  element("span", { className: "fault", textContent: reason }, item);
  if (!again) return;
  const button = element("button", { type: "button", className: "second", textContent: "Noch einmal" }, item);
  button.addEventListener("click", () => {
    counted.failed -= 1;
    item.querySelectorAll(".fault, button").forEach((one) => one.remove());
    again();
  });
}

function enqueue(file, item, key) {
  const bar = element("progress", { max: 1, value: 0, ariaLabel: `${file.name} wird hochgeladen` }, item);
  queue = queue.then(async () => {
    try {
      const told = await send(file, key, (part) => (bar.value = part));
      counted.done += 1;
      item.append("Eingangsnummer ");
      element("a", { href: `/eingang?nummer=${encodeURIComponent(told.receipt)}`, textContent: told.receipt }, item);
      if (told.duplicate) element("span", { className: "faint", textContent: " (diese Datei lag schon vor)" }, item);
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
    const item = element("li", { textContent: `${file.name || "Aufnahme"}: ` }, list);
    if (!file.size) refused(item, "Die Datei ist leer.");
    else if (file.size > largest) refused(item, "Die Datei ist zu groß.");
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
