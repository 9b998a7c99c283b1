"""The pages in German or English: by the choice of an account, and by the browser before anybody is signed in."""

import re

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail

DOWNLOADS = (f"{API}/search/export?q=&format=csv", f"{API}/reports/table", f"{API}/search/export?q=&format=json")


@pytest.fixture
def berg(hall: CityHall) -> Browser:
    """Somebody who will choose."""
    return hall.clerk("h.berg", all_offices=True)


def test_a_person_chooses_english_and_german_again(hall: CityHall, berg: Browser) -> None:
    """The choice is kept with the account and holds wherever this person is signed in; others stay German."""
    assert '<html lang="de">' in berg.get("/konto").text
    assert berg.submit("/konto", at="/konto/sprache", sprache="en").status_code == 303
    assert hall.access.everybody.accounts[-1].language == "en"
    page = berg.get("/konto").text
    assert '<html lang="en" data-words="{' in page
    assert "Your pages now appear in English." in page
    assert "Mein Konto" not in page
    assert '<html lang="de">' in hall.clerk("k.ohm").get("/konto").text
    berg.submit("/konto", at="/konto/sprache", sprache="de")
    page = berg.get("/konto").text
    assert "Ihre Seiten erscheinen jetzt auf Deutsch." in page
    assert '<html lang="de">' in page


def test_no_other_language_is_taken(hall: CityHall, berg: Browser) -> None:
    """What the form does not offer is refused, and nothing changes."""
    for language in ("fr", "", "EN", "../en"):
        assert berg.submit("/konto", at="/konto/sprache", sprache=language).status_code == 422
    assert hall.access.everybody.accounts[-1].language == "de"


def test_the_sign_in_follows_the_browser_without_a_cookie(hall: CityHall, berg: Browser) -> None:
    """English where a browser asks for it, German otherwise; once somebody is signed in the account decides."""
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    page = hall.stranger().get("/anmelden", headers=english)
    assert '<html lang="en"' in page.text
    assert "Password" in page.text
    assert "sprache" not in page.headers.get("set-cookie", "")
    assert '<html lang="de">' in hall.stranger().get("/anmelden").text
    assert '<html lang="de">' in berg.get("/konto", headers=english).text
    wrong = hall.stranger().get("/einmal/nichts", headers=english | {"Accept": "text/html"})
    assert "The one-time link is invalid or used up." in wrong.text


def test_refusals_are_said_in_the_language_of_the_page(hall: CityHall, berg: Browser) -> None:
    """A wrong entry, a missing page and a right that is missing: all in English."""
    berg.submit("/konto", at="/konto/sprache", sprache="en")
    refused = berg.submit("/konto", at="/konto/kennwort", former="falsch", password="x" * 12, again="y" * 12)
    assert refused.status_code == 422
    assert '<html lang="en"' in refused.text
    for path, sentence in (("/konten", "You have no right to do this."), ("/akten/nichts", "Error 404")):
        assert sentence in berg.get(path, headers={"Accept": "text/html"}).text


def test_what_is_downloaded_stays_german(hall: CityHall, berg: Browser) -> None:
    """The API says to the session of an English account what it says to everybody: lists, facts and refusals."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    before = [berg.get(path).content for path in DOWNLOADS]
    told = berg.get(f"{API}/documents/{document}").json()
    berg.submit("/konto", at="/konto/sprache", sprache="en")
    assert [berg.get(path).content for path in DOWNLOADS] == before
    assert berg.get(f"{API}/documents/{document}").json() == told
    assert told["state_text"] == "wartet auf Entscheidung"
    assert "waits for a decision" in berg.get(f"/dokumente/{document}").text
    assert (
        berg.get(f"{API}/documents/nichts", headers={"Accept": "application/json"}).json()["detail"]
        == "Nicht gefunden."
    )


def test_days_and_numbers_follow(hall: CityHall, berg: Browser) -> None:
    """`29.11.2026` and `1,2 kB` in German, `29 Nov 2026` and `1.2 kB` in English, on one page."""
    document = hall.deliver(a_mail("Gartenhaus", "Wir bitten um Auskunft. " * 50))["document"]
    assert re.search(r"\d\d\.\d\d\.20\d\d, \d\d:\d\d Uhr.*\d,\d kB", berg.get(f"/dokumente/{document}").text, re.DOTALL)
    berg.submit("/konto", at="/konto/sprache", sprache="en")
    page = berg.get(f"/dokumente/{document}").text
    assert re.search(r"\d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d:\d\d\b.*\d\.\d kB", page, re.DOTALL)
    assert " Uhr" not in page
