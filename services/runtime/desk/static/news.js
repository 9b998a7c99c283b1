// New letters and other people's decisions come into the list by themselves. What somebody has in hand stays as it is:
// nothing that has the focus or is ticked is moved or taken away.

const EVERY = 10_000;
const page = document;
const list = page.querySelector("[data-news]");
let stamp = list?.dataset.stamp;
let timer = 0;

const inHand = (one) => one.contains(page.activeElement) || one.querySelector("input:checked");
const nameOf = (letter) => letter.querySelector("input[type=checkbox]").name;
const versionOf = (letter) => letter.querySelector("input[type=checkbox]").value;

/** What has the role of a status says itself aloud, so it is touched only where it changed. */
function sayIfNew(own, said) {
  if (own && own.textContent !== said) own.textContent = said;
}

/** A letter that is new takes its place between those that stay where they are. */
function mergeLetters(fresh) {
  const letters = page.querySelector(".letters");
  const known = new Map([...letters.children].map((letter) => [nameOf(letter), letter]));
  let last = null;
  for (const letter of [...fresh.children]) {
    let own = known.get(nameOf(letter));
    if (own) sayIfNew(own.querySelector(".present"), letter.querySelector(".present").textContent);
    known.delete(nameOf(letter));
    if (!own || (versionOf(own) !== versionOf(letter) && !inHand(own))) {
      if (own) own.replaceWith(letter);
      else if (last) last.after(letter);
      else letters.prepend(letter);
      own = letter;
    }
    last = own;
  }
  for (const gone of known.values()) {
    if (!inHand(gone) && !gone.classList.contains("current")) gone.remove();
  }
}

function replace(selector, news) {
  const [own, fresh] = [page.querySelector(selector), news.querySelector(selector)];
  if (own && fresh && !own.contains(page.activeElement) && own.innerHTML !== fresh.innerHTML) own.replaceWith(fresh);
}

function show(news) {
  const fresh = news.querySelector(".letters");
  if (page.body.classList.contains("nothing")) {
    if (fresh.children.length) location.reload();
    return;
  }
  mergeLetters(fresh);
  sayIfNew(page.querySelector(".list .count"), news.querySelector(".list .count").textContent);
  sayIfNew(page.getElementById("present"), news.getElementById("present")?.textContent ?? "");
  replace(".list > .actions", news);
  replace(".steps", news);
  const changed = news.getElementById("changed");
  page.getElementById("changed")?.remove();
  if (changed) page.getElementById("decision").after(changed);
}

async function look() {
  if (page.visibilityState !== "visible") return;
  const headers = { "If-None-Match": stamp, Accept: "text/html" };
  const answer = await fetch(list.dataset.news, { headers, cache: "no-store" });
  if (answer.status === 304 || answer.status >= 500) return;
  if (!answer.ok || answer.redirected) {
    clearInterval(timer); // signed out: the next thing that somebody does says so
    return;
  }
  stamp = answer.headers.get("ETag");
  show(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

const tryToLook = () => look().catch(() => {}); // away for a moment; the next look may find it
if (list) {
  timer = setInterval(tryToLook, EVERY);
  page.addEventListener("visibilitychange", tryToLook);
}
