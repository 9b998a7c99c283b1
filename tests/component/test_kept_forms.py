"""A session that is over in the middle of something: what was sent is kept through the sign-in and offered again."""

import html
import re

import pytest

from services.runtime.web.http import SESSION_COOKIE
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall, a_mail

OURS = {"Origin": "http://poststelle"}


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form in a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


@pytest.fixture
def letter(hall: CityHall) -> str:
    """A letter that waits."""
    return str(hall.deliver(a_mail("Gartenhaus"))["document"])


@pytest.fixture
def clerk(hall: CityHall, letter: str) -> Browser:
    """Somebody who has the letter open."""
    clerk = hall.clerk(all_offices=True)
    assert clerk.get(f"/posteingang/{letter}").status_code == 200
    return clerk


def decision(clerk: Browser, letter: str, **headers: str) -> str:
    """What the page says to a decision that is sent after the session was over."""
    fields = fields_of(clerk.get(f"/posteingang/{letter}").text) | {"action": "open", "position": "52.10"}
    clerk.cookies.delete(SESSION_COOKIE)
    answer = clerk.post(f"/posteingang/{letter}", data=fields, headers=headers)
    return answer.text if answer.status_code == 401 else ""


def state(hall: CityHall, letter: str) -> str:
    """Where the letter stands."""
    return str(hall.key("search", all_offices=True).get(f"{API}/documents/{letter}").json()["state"])


def test_what_was_decided_is_offered_again_after_the_sign_in(hall: CityHall, letter: str, clerk: Browser) -> None:
    """A wrong password later it is still there; it is carried out when somebody says so, and not before."""
    page = decision(clerk, letter, **OURS)
    assert "52.10" in page
    for password in ("ein falsches Kennwort", PASSWORD):
        kept = fields_of(page)
        page = clerk.post("/anmelden", data=kept | {"name": "berg", "password": password}).text
        assert state(hall, letter) == "held"
    assert "noch nicht ausgeführt" in page
    target = re.search(r'action="(/posteingang/[^"]+)"', page)
    assert target
    assert clerk.post(html.unescape(target[1]), data=fields_of(page)).status_code == 303
    assert state(hall, letter) == "filed"


def test_another_site_keeps_nothing_here(letter: str, clerk: Browser) -> None:
    """Nobody signs in and finds a decision that a stranger's page thought of."""
    assert decision(clerk, letter, Origin="http://anderswo.test") == ""
    assert decision(clerk, letter) == ""


def test_a_word_that_proves_a_form_is_not_kept(letter: str, clerk: Browser) -> None:
    """Nor is a password, whatever form it was typed in."""
    kept = fields_of(decision(clerk, letter, **OURS))["behalten"]
    assert "form=" not in kept
    secret = clerk.post(f"/posteingang/{letter}", data={"action": "x", "password": "geheim"}, headers=OURS)
    assert "geheim" not in secret.text


def test_a_form_without_end_is_not_kept(letter: str, clerk: Browser) -> None:
    """A stranger is asked to sign in, and that is all."""
    clerk.cookies.delete(SESSION_COOKIE)
    answer = clerk.post(f"/posteingang/{letter}", data={"action": "x" * 40_000}, headers=OURS)
    assert (answer.status_code, "anmelden" in answer.headers["location"]) == (303, True)


def test_where_a_form_goes_stays_here(hall: CityHall, clerk: Browser) -> None:
    """Whoever fills in the fields of the sign-in leads nobody elsewhere."""
    fields = {"name": "berg", "password": PASSWORD, "ziel": "https://anderswo.test/", "behalten": "a=b"}
    clerk.cookies.delete(SESSION_COOKIE)
    assert "anderswo" not in clerk.submit("/anmelden", **fields).text
