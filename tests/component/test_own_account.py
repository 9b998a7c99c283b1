"""What people change about their own account: password, keys of the desk, sessions elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.component.browser import Browser
from tests.component.city_hall import PASSWORD, CityHall, a_mail

NEW = "ein ganz anderer Satz"


@pytest.fixture
def berg(hall: CityHall) -> Browser:
    """Somebody of the building office."""
    return hall.clerk("h.berg", offices=("bauamt",))


def signed_in(hall: CityHall, password: str) -> bool:
    """Whether this password lets them in."""
    return hall.stranger().submit("/anmelden", name="h.berg", password=password).status_code == 303


def change(browser: Browser, former: str = PASSWORD, password: str = NEW, again: str = "") -> httpx.Response:
    """Send the form of the password."""
    return browser.submit("/konto", at="/konto/kennwort", former=former, password=password, again=again or password)


def test_the_page_says_who_one_is(hall: CityHall, berg: Browser) -> None:
    """Name, rights and offices in words, a click away from every page; strangers sign in, machines have none."""
    assert 'href="/konto"' in berg.get("/suche").text
    page = berg.get("/konto").text
    assert "h.berg" in page
    assert "suchen und lesen, entscheiden und ablegen" in page
    assert "Bauamt" in page
    assert hall.stranger().get("/konto").status_code == 303
    assert hall.key("search").get("/konto").status_code == 404


def test_a_password_is_changed_by_its_owner(hall: CityHall, berg: Browser) -> None:
    """The former one lets nobody in any more, sessions elsewhere are over, this one goes on."""
    elsewhere = hall.stranger()
    elsewhere.submit("/anmelden", name="h.berg", password=PASSWORD)
    assert change(berg).status_code == 303
    assert "Ihr Kennwort ist geändert." in berg.get("/konto").text
    assert elsewhere.get("/konto").status_code == 303
    assert (signed_in(hall, PASSWORD), signed_in(hall, NEW)) == (False, True)


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"former": "falsch geraten hier"}, 401, "falsch"),
        ({"password": "kurz"}, 422, "zwölf"),
        ({"again": "ein dritter Satz dazu"}, 422, "stimmen nicht überein"),
    ],
)
def test_a_password_that_cannot_be_set_says_why(
    hall: CityHall, berg: Browser, fields: dict[str, str], status: int, sentence: str
) -> None:
    """At the field, and nothing has changed; no password is in the page."""
    answer = change(berg, **fields)
    assert answer.status_code == status
    assert sentence in answer.text
    assert re.search(r'id="former"[^>]*aria-invalid="true"', answer.text)
    assert not set(fields.values()) & set(re.findall(r'value="([^"]*)"', answer.text))
    assert (signed_in(hall, PASSWORD), signed_in(hall, NEW)) == (True, False)


def test_nobody_guesses_the_former_password(berg: Browser) -> None:
    """Whoever finds a browser signed in has ten guesses a minute, as at the sign-in."""
    # Of each minute of the clock: a new one may begin meanwhile, and the count with it.
    assert any(change(berg, former=f"geraten Nummer {number}").status_code == 429 for number in range(40))


def test_what_an_administrator_ended_stays_ended(hall: CityHall, berg: Browser) -> None:
    """A reset between two looks is not undone by the change of a password."""
    form = re.search(r'name="form" value="([^"]+)"', berg.get("/konto").text)
    assert form
    hall.access.reset_account("h.berg")
    data = {"form": form[1], "former": PASSWORD, "password": NEW, "again": NEW}
    assert berg.post("/konto/kennwort", data=data).status_code in {303, 401}
    assert not signed_in(hall, NEW)


def test_signing_out_elsewhere_keeps_this_session(hall: CityHall, berg: Browser) -> None:
    """Every other one is over."""
    elsewhere = hall.stranger()
    elsewhere.submit("/anmelden", name="h.berg", password=PASSWORD)
    assert elsewhere.get("/konto").status_code == 200
    assert berg.submit("/konto", at="/konto/abmelden").status_code == 303
    assert "überall sonst abgemeldet" in berg.get("/konto").text
    assert elsewhere.get("/konto").status_code == 303


def test_single_keys_are_switched_off_wherever_one_signs_in(hall: CityHall, berg: Browser) -> None:
    """The switch belongs to the account (WCAG 2.1.4): another browser knows it, another person does not."""
    hall.deliver(a_mail())
    off = '<input type="checkbox" id="keys-off" autocomplete="off" checked>'
    assert berg.submit("/konto", at="/konto/tasten").status_code == 303
    elsewhere = hall.stranger()
    elsewhere.submit("/anmelden", name="h.berg", password=PASSWORD)
    assert off in elsewhere.get("/posteingang").text
    assert off not in hall.clerk("m.feld").get("/posteingang").text
    berg.submit("/konto", at="/konto/tasten", an="1")
    assert off not in elsewhere.get("/posteingang").text


def test_forms_of_other_pages_change_nothing(hall: CityHall, berg: Browser) -> None:
    """Each form needs the word of this session."""
    for path in ("kennwort", "tasten", "abmelden"):
        assert berg.post(f"/konto/{path}", data={"form": "x", "former": PASSWORD}).status_code == 403
    assert signed_in(hall, PASSWORD)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """A hall with its plan."""
    hall = CityHall(tmp_path)
    yield hall
    hall.close()
