"""Notes, days and colleagues beside a letter when something is wrong with them: refused, and hostile."""

import pytest
from selenium.webdriver import Chrome

from services.filing.handling.handling import LONGEST
from tests.browser.axe import unexplained
from tests.browser.keyboard import Keyboard
from tests.browser.test_hostile import Listener, attacks, listener
from tests.component.city_hall import API, CityHall, a_mail

__all__ = ("listener",)

pytestmark = pytest.mark.browser

REFUSED = {
    "text": ("   ", "Eine Notiz braucht"),
    "due": ("2020-01-01", "liegt in der Vergangenheit"),
    "clerk": ("niemand", "Dieses Konto gibt es nicht"),
}
"""By field: what is refused, and a word of the reason."""
_SEND = """
// What the browser itself would not send; an old tab or a program does.
const field = document.getElementById(arguments[0]);
field.closest("details").open = true;
field.form.noValidate = true;
if (field.tagName === "SELECT") field.add(new Option(arguments[1], arguments[1]));
field.value = arguments[1];
field.form.requestSubmit();
"""
_MARKED = """
const marked = [...document.querySelectorAll("[aria-invalid=true]")];
return marked.map((one) => [one.id, one.getAttribute("aria-describedby")]);
"""
_NOTES = "return [...document.querySelectorAll('.notes .said')].map((one) => one.textContent)"
_PLANTED = """
const bad = [...document.querySelectorAll("a[href], form[action]")].filter(
  (one) => /^(javascript|data):/i.test(one.getAttribute("href") ?? one.getAttribute("action")));
const planted = document.querySelectorAll("#planted, main iframe, main style, main script");
return [window.ran ?? 0, planted.length, bad.length];
"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("field", REFUSED)
def test_a_refused_entry_is_said_at_its_field(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, field: str, width: int
) -> None:
    """The reason in words, the field marked, described by it and with the focus; axe finds nothing."""
    wrong, reason = REFUSED[field]
    document = hall.deliver(a_mail("Gartenhaus", "Bitte bis 15.12.2030."))["document"]
    clerk.width(width)
    clerk.open(f"{address}/posteingang/{document}")
    chromium.execute_script(_SEND, field, wrong)
    clerk.wait_for(lambda: clerk.there_are(".handling [role=alert]"), "the reason")
    assert reason in str(chromium.execute_script("return document.getElementById('unwritten').textContent"))
    assert chromium.execute_script(_MARKED) == [[field, "unwritten"]]
    assert chromium.execute_script("return document.activeElement.id") == field
    assert clerk.overflow() <= 0
    assert list(unexplained(chromium, field)) == []


def test_a_note_is_words(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, listener: Listener
) -> None:
    """Scripts, HTML and javascript: in notes, and in one that was refused: shown as written on each page."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    key = hall.key("search", "decide", all_offices=True)
    whole = attacks(listener.url)
    notes = [whole[start : start + LONGEST] for start in range(0, len(whole), LONGEST)]
    breaking_out = f"</p></li></ol><script src={listener.url}/n.js></script><b id=planted>"
    notes += ["javascript:window.ran=1", breaking_out, "\u202etxt.exe"]
    for note in notes:
        path = f"{API}/documents/{document}"
        headers = {"If-Match": f'"{key.get(path).json()["version"]}"'}
        assert key.post(f"{path}/handling", json={"kind": "note", "text": note}, headers=headers).status_code == 201
    for place in (f"/posteingang/{document}", f"/dokumente/{document}", "/posteingang", "/suche?q=Gartenhaus"):
        clerk.open(f"{address}{place}")
        assert chromium.execute_script(_PLANTED) == [0, 0, 0], place
    clerk.open(f"{address}/posteingang/{document}")
    shown = chromium.execute_script(_NOTES)
    assert "javascript:window.ran=1" in shown
    assert any("<script>window.ran=1;" in one for one in shown)
    refused = f"</textarea><script src={listener.url}/t.js></script><b id=planted>" + "x" * LONGEST
    chromium.execute_script(_SEND, "text", refused)
    clerk.wait_for(lambda: clerk.there_are(".handling [role=alert]"), "the reason")
    assert chromium.execute_script("return document.getElementById('text').value").startswith("</textarea><script")
    assert chromium.execute_script(_PLANTED) == [0, 0, 0]
    assert clerk.address.startswith(address)
    assert listener.heard == []
