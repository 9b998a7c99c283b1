// Pages of a letter without a new page: what a link of the viewer leads to takes the place of what is there.
// Everything is a link, so nothing needs this file.

const page = document;

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
