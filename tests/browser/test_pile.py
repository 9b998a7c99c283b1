"""The sixty letters of the demo that wait are cleared: by keys, with the mouse, on a phone, and without scripts."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from services.cli.demo import mails
from services.cli.demo.letters import Letter, letters
from tests.browser.keyboard import Keyboard
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pile")]

ROOT = Path(__file__).parents[2]
WAITING = 60
MOST_KEYS = 100
MOST_SECONDS = 120
FIRST = 'form[data-key="1"] button'
ASIDE = 'form[data-key="x"] button'
DECIDED = {"filed", "no_record"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityHall]:
    """The post of the demo under the plan that is shipped."""
    hall = CityHall(tmp_path_factory.mktemp("hall"))
    hall.configuration.store("plan", (ROOT / "deploy/file-plans/musterstadt.json").read_bytes(), base=1)
    yield hall
    hall.close()


@pytest.fixture(scope="module")
def delivered(hall: CityHall) -> list[str]:
    """All letters of the demo; what names a file of nobody waits like the rest."""
    return [_deliver(hall, letter, number) for number, letter in enumerate(letters())]


def _deliver(hall: CityHall, letter: Letter, number: int) -> str:
    if letter.form:
        return str(hall.scan(f"{letter.subject}\n\n{letter.text}".encode(), f"{letter.id}.txt")["document"])
    return str(hall.deliver(mails.mail(letter, day=date(2026, 11, 27), minute=number))["document"])


@pytest.fixture
def pile(hall: CityHall, delivered: list[str]) -> list[str]:
    """The documents that wait; what an earlier test decided is back."""
    key = hall.key("search", "decide", all_offices=True)
    for document in dict.fromkeys(delivered):
        one = key.get(f"{API}/documents/{document}").json()
        if one["state"] in DECIDED and one["classification"]["outcome"] != "proposed":
            headers = {"If-Match": f'"{one["version"]}"'}
            told = key.post(f"{API}/documents/{document}/decisions", json={"action": "reopen"}, headers=headers)
            assert told.is_success, told.text
    waiting = _all_waiting(key)
    assert len(waiting) == WAITING
    return waiting


def _all_waiting(key: Browser) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = key.get(f"{API}/clearing?limit=50&cursor={cursor}").json()
        found += [hit["document"] for hit in page["items"]]
        cursor = page.get("next") or ""
        if not cursor:
            return found


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in."""
    name = f"berg{len(hall.access.everybody.accounts)}"
    token = hall.access.add_account(name, rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    return keyboard


def clear(clerk: Keyboard, take: Callable[[], None]) -> float:
    """Decide about one letter after the other until none waits; the seconds that it took."""
    began = time.monotonic()
    for left in range(WAITING, 0, -1):
        waiting = "1 Dokument wartet" if left == 1 else f"{left} Dokumente warten"
        clerk.wait_for(lambda waiting=waiting: waiting in clerk.text, waiting)  # type: ignore[misc]  # bound early
        take()
    clerk.wait_for(lambda: "Nichts wartet" in clerk.text, "the end of the pile")
    return time.monotonic() - began


def states(hall: CityHall, documents: list[str]) -> Counter[str]:
    """How many of the documents stand where."""
    key = hall.key("search", all_offices=True)
    return Counter(key.get(f"{API}/documents/{document}").json()["state"] for document in documents)


def test_by_keys(hall: CityHall, address: str, clerk: Keyboard, pile: list[str]) -> None:
    """Enter where a place is proposed, X where none is: at most a hundred keystrokes and two minutes of the machine."""
    pressed: list[str] = []

    def take() -> None:
        pressed.append(Keys.ENTER if clerk.is_shown(FIRST) else "x")
        clerk.press(pressed[-1])

    clerk.open(f"{address}/posteingang")
    seconds = clear(clerk, take)
    assert len(pressed) <= MOST_KEYS
    assert seconds <= MOST_SECONDS
    assert states(hall, pile) == {"filed": pressed.count(Keys.ENTER), "no_record": pressed.count("x")}
    assert pressed.count("x") < WAITING // 4
    assert clerk.complaints() == []


def _click(chromium: Chrome) -> None:
    """The best proposal, or "Nicht aktenrelevant" where there is none."""
    buttons = chromium.find_elements(By.CSS_SELECTOR, FIRST) or chromium.find_elements(By.CSS_SELECTOR, ASIDE)
    buttons[0].click()


def test_with_the_mouse(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, pile: list[str]) -> None:
    """One click a letter, without scrolling for it."""
    clerk.open(f"{address}/posteingang")
    assert clear(clerk, lambda: _click(chromium)) <= MOST_SECONDS
    assert states(hall, pile)["held"] == 0


def test_on_a_phone(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, pile: list[str]) -> None:
    """At 390 by 844 the first letter is opened from the list; then one tap a letter, at the foot of the screen."""
    clerk.width(390, 844)
    clerk.open(f"{address}/posteingang")
    chromium.find_element(By.CSS_SELECTOR, ".letters a").click()

    def tap() -> None:
        assert clerk.overflow() <= 0
        assert clerk.is_shown(".decision")
        _click(chromium)

    for left in range(WAITING, 0, -1):
        clerk.wait_for(lambda: clerk.is_shown(".bench.asked .decision"), "a letter")
        tap()
        clerk.wait_for(lambda left=left: _left(clerk) == left - 1, f"{left - 1} letters")  # type: ignore[misc]  # bound early
    assert states(hall, pile)["held"] == 0


def _left(clerk: Keyboard) -> int:
    """How many wait by the page's own count, which a phone does not show beside a letter."""
    return clerk.counted(".count")


def test_without_scripts(hall: CityHall, address: str, chromium: Chrome, clerk: Keyboard, *, pile: list[str]) -> None:
    """Everything is a form: the pile is cleared by clicks, also a letter that is assigned, with no script running."""
    clerk.without_scripts()
    clerk.open(f"{address}/posteingang")
    Select(chromium.find_element(By.ID, "office")).select_by_index(1)
    chromium.find_element(By.XPATH, "//form[.//select[@id='office']]//button").click()
    clerk.wait_for(lambda: "Das Dokument ist dem Amt zugewiesen." in clerk.text, "the assignment")
    clear(clerk, lambda: _click(chromium))
    assert states(hall, pile)["held"] == 0
