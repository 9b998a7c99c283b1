"""The workbench in a browser: letters are cleared by single keys, by forms, on a phone and without scripts."""

import json
from collections import Counter
from email.message import EmailMessage

import pytest
from selenium.webdriver import Chrome, Keys

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import API, PASSWORD, PLAN, CityHall, a_mail

pytestmark = pytest.mark.browser

LETTERS = 20
RULE = {"words": ["Gartenhaus"], "confidence": 0.5}
PROPOSED = "Neue Akte 52.10 Baugenehmigungen"


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in; the plan proposes a position for every garden house."""
    ruled = f'"parent": "52", "office": "bauamt", "rules": [{json.dumps(RULE)}]'
    plan = json.dumps(PLAN).replace('"parent": "52", "office": "bauamt"', ruled)
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=plan.encode()).is_success
    token = hall.access.add_account("berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    return keyboard


def states(hall: CityHall, documents: list[str]) -> Counter[str]:
    """How many of the documents stand where."""
    key = hall.key("search", all_offices=True)
    return Counter(key.get(f"{API}/documents/{document}").json()["state"] for document in documents)


def test_a_pile_is_cleared_with_one_key_a_letter(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """Enter takes the proposal, X sets aside; the next letter comes by itself, and the browser has no complaint."""
    documents = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(LETTERS)]
    clerk.open(f"{address}/posteingang")
    for done in range(LETTERS):
        left = LETTERS - done
        waiting = "1 Dokument wartet" if left == 1 else f"{left} Dokumente warten"
        clerk.wait_for(lambda waiting=waiting: waiting in clerk.text, waiting)  # type: ignore[misc]  # bound early
        clerk.press("x" if done % 4 == 3 else Keys.ENTER)
    clerk.wait_for(lambda: "Nichts wartet" in clerk.text, "the end of the pile")
    assert states(hall, documents) == {"filed": LETTERS * 3 // 4, "no_record": LETTERS // 4}
    assert clerk.complaints() == []


def test_keys_move_and_point_and_can_be_switched_off(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """J and K move, F goes to the field and then types, a space ticks, ? explains; switched off nothing happens."""
    documents = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(3)]
    clerk.open(f"{address}/posteingang")
    clerk.press("j")
    clerk.wait_for(lambda: documents[1] in clerk.address, "the second letter")
    clerk.press("k")
    clerk.wait_for(lambda: documents[0] in clerk.address, "the first letter")
    clerk.press(" ")
    clerk.wait_for(lambda: "Mit den ausgewählten (1)" in clerk.text, "a ticked letter")
    clerk.press("f")
    clerk.wait_for(lambda: clerk.focused.get_attribute("id") == "file", "the field")
    clerk.press("jx1")
    assert clerk.focused.get_attribute("value") == "jx1"
    clerk.open(f"{address}/posteingang")
    clerk.press("?")
    clerk.wait_for(lambda: "ersten Vorschlag übernehmen" in clerk.text, "the keys")
    clerk.press(" ", Keys.ESCAPE)  # the first thing in it is the switch
    clerk.press(Keys.ENTER, "x", "j")
    clerk.open(f"{address}/posteingang/{documents[0]}")
    assert "3 Dokumente warten" in clerk.text
    assert states(hall, documents) == {"held": 3}


def test_a_wrong_place_is_shown_at_the_field(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """The sentence is said at once, the field is marked and has the focus, and what was typed is still there."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    clerk.open(f"{address}/posteingang/{document}")
    clerk.press("f")
    clerk.press("99.9/1-2026", Keys.ENTER)
    clerk.wait_for(lambda: "Diese Akte gibt es nicht." in clerk.text, "the reason")
    assert clerk.focused.get_attribute("id") == "file"
    assert clerk.focused.get_attribute("aria-invalid") == "true"
    assert clerk.focused.get_attribute("value") == "99.9/1-2026"


def test_a_phone_shows_list_then_letter_then_proposal(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """At 390 pixels the best proposal stands in view below the letter, and nobody scrolls sideways."""
    document = hall.deliver(a_mail("Gartenhaus", "Bitte. " * 2_000))["document"]
    clerk.width(390, 844)
    clerk.open(f"{address}/posteingang")
    assert PROPOSED not in clerk.text
    assert clerk.overflow() <= 0
    clerk.open(f"{address}/posteingang/{document}")
    assert PROPOSED in clerk.text
    assert clerk.is_in_view(".proposal button")
    assert clerk.overflow() <= 0


def test_nothing_needs_scripts(hall: CityHall, address: str, clerk: Keyboard) -> None:
    """With scripts switched off the proposal is taken, and the letter comes back, by Tab and Enter."""
    hall.deliver(a_mail("Gartenhaus"))
    clerk.without_scripts()
    clerk.open(f"{address}/posteingang")
    clerk.enter(PROPOSED, "Abgelegt unter")
    clerk.enter("Zurück in den Posteingang", "Das Dokument liegt wieder im Posteingang.")
    assert "1 Dokument wartet" in clerk.text


def test_news_come_by_themselves_and_disturb_nobody(
    hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard
) -> None:
    """A new letter is in the list, a decided one is not; focus, what was typed and what was ticked stay as they are."""
    documents = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(3)]
    clerk.open(f"{address}/posteingang/{documents[0]}")
    clerk.press(" ", "f", "52.10/1")
    hall.deliver(a_mail("Gartenhaus neu"))
    set_aside(hall, documents[2])
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    chromium.execute_script(look)
    clerk.wait_for(lambda: "Gartenhaus neu" in clerk.text, "the new letter")
    assert "3 Dokumente warten" in clerk.text
    assert "Gartenhaus 2" not in clerk.text
    assert clerk.focused.get_attribute("value") == "52.10/1"
    ticked = "return document.querySelectorAll('.letters input:checked').length"
    assert chromium.execute_script(ticked) == 1
    set_aside(hall, documents[0])
    chromium.execute_script(look)
    clerk.wait_for(lambda: "Uhr als nicht aktenrelevant vermerkt" in clerk.text, "what became of it")
    assert clerk.focused.get_attribute("value") == "52.10/1"
    assert clerk.complaints() == []


def set_aside(hall: CityHall, document: str) -> None:
    """Somebody else decides."""
    program = hall.key("search", "decide", all_offices=True)
    version = program.get(f"{API}/documents/{document}").json()["version"]
    path, headers = f"{API}/documents/{document}/decisions", {"If-Match": f'"{version}"'}
    assert program.post(path, json={"action": "no_record"}, headers=headers).is_success


def test_pages_are_turned_over_by_keys(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard) -> None:
    """Arrows leaf through an attachment, R turns, + enlarges, without a new page; what was typed is not lost by it."""
    message = EmailMessage()
    message["From"], message["Subject"] = "anna@beispiel.test", "Gartenhaus"
    message.set_content("Anbei die Pläne.")
    message.add_attachment(b"PICTURE\fA\fB\fC", maintype="application", subtype="pdf", filename="plan.pdf")
    document = hall.deliver(message.as_bytes())["document"]
    clerk.open(f"{address}/posteingang/{document}?teil=1")
    chromium.execute_script("window.same = true; document.getElementById('file').value = '52.10/1'")
    source = "return document.querySelector('.sheets img').getAttribute('src')"
    for key, expected in ((Keys.ARROW_RIGHT, "pages/2.webp"), ("r", "turn=90"), ("+", "w=1920"), ("r", "turn=180")):
        clerk.press(key)
        clerk.wait_for(lambda expected=expected: expected in chromium.execute_script(source), expected)  # type: ignore[misc]  # bound early
    assert "Seite 2 von 3" in clerk.text
    clerk.press(Keys.ARROW_LEFT)
    clerk.wait_for(lambda: "Seite 1 von 3" in clerk.text, "the first page")
    kept = "return [window.same, document.getElementById('file').value]"
    assert chromium.execute_script(kept) == [True, "52.10/1"]
    assert "seite=" not in clerk.address
