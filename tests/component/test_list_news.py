"""What is new in the Posteingang without a reload: cheap where nothing is, and true about the letter that is open."""

import html
import re

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """Somebody of the mail room."""
    return hall.clerk(all_offices=True)


def asked(page: str) -> tuple[str, dict[str, str]]:
    """Where the list of this page asks for news, and what it knows."""
    found = re.search(r'data-news="([^"]+)" data-stamp="([^"]+)"', page)
    assert found
    return html.unescape(found[1]), {"If-None-Match": html.unescape(found[2])}


def decide(hall: CityHall, document: str) -> None:
    """Somebody else decides."""
    program = hall.key("search", "decide", all_offices=True)
    version = program.get(f"{API}/documents/{document}").json()["version"]
    path, headers = f"{API}/documents/{document}/decisions", {"If-Match": f'"{version}"'}
    assert program.post(path, json={"action": "no_record"}, headers=headers).is_success


def test_nothing_new_costs_nothing(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """304 without a look at any record of the list; on a page of the list and beside a letter."""
    documents = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(3)]
    for page in ("/posteingang?folge=neu", f"/posteingang/{documents[1]}"):
        path, known = asked(clerk.get(page).text)
        with monkeypatch.context() as patched:
            patched.setattr("services.filing.workbench.news_pages.waiting", None)
            answer = clerk.get(path, headers=known)
        assert (answer.status_code, answer.content) == (304, b"")


def test_new_letters_and_others_decisions_are_told(hall: CityHall, clerk: Browser) -> None:
    """The list comes anew, with a stamp of its own; that is then known."""
    first = hall.deliver(a_mail("Gartenhaus"))["document"]
    path, known = asked(clerk.get(f"/posteingang/{first}").text)
    second = hall.deliver(a_mail("Zaun"))["document"]
    answer = clerk.get(path, headers=known)
    assert answer.status_code == 200
    assert "2 Dokumente warten" in answer.text
    assert f"wahl_{second}" in answer.text
    assert clerk.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    decide(hall, second)
    answer = clerk.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert "1 Dokument wartet" in answer.text
    assert 'id="changed"' not in answer.text


def test_the_open_letter_says_that_it_was_decided(hall: CityHall, clerk: Browser) -> None:
    """Before the clerk decides about it a second time."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    path, known = asked(clerk.get(f"/posteingang/{document}").text)
    decide(hall, document)
    answer = clerk.get(path, headers=known)
    assert re.search(
        r"Inzwischen hat ein Programm „Gartenhaus“ um \d\d:\d\d Uhr als nicht aktenrelevant vermerkt\.", answer.text
    )


def test_news_are_for_those_who_may_see_them(hall: CityHall) -> None:
    """Another office hears of nothing; who may not decide is refused; a letter that is not theirs is gone."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    other = hall.clerk("kasse", offices=("kasse",))
    told = other.get(f"/posteingang/neues?offen={document}&stand=1").text
    assert "Gartenhaus" not in told
    assert "nicht mehr da oder gehört nicht mehr" in told
    assert hall.clerk("leser", rights=("search",)).get("/posteingang/neues").status_code == 403
    assert hall.stranger().get("/posteingang/neues").status_code == 303


def test_the_note_of_the_next_page_is_not_taken_by_a_look(hall: CityHall, clerk: Browser) -> None:
    """A look between a decision and its page leaves what is to be said, and how to take it back."""
    documents = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(2)]
    page = f"/posteingang/{documents[0]}"
    version = re.search(r'name="version" value="(\d+)"', clerk.get(page).text)
    assert version
    clerk.submit(page, action="no_record", version=version[1])
    assert clerk.get("/posteingang/neues").status_code == 200
    assert "nicht aktenrelevant vermerkt" in clerk.get("/posteingang").text
