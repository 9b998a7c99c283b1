"""A subject is changed by hand: a revision of its own that says who did it, found at once, the original kept."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.filing.titles.titling import tell_again
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_part_pictures import erase


@pytest.fixture
def document(hall: CityHall) -> str:
    """A letter that says nothing of itself."""
    return str(hall.deliver(a_mail("Scan 047", "Die Laterne am Lindenweg ist aus."))["document"])


@pytest.fixture
def program(hall: CityHall) -> Browser:
    """A machine that may decide about everything."""
    return hall.key("search", "decide", all_offices=True)


def entitle(program: Browser, document: str, title: str, version: int = 0) -> tuple[int, dict[str, Any]]:
    """What is answered to another title, on the version as it is."""
    version = version or int(program.get(f"{API}/documents/{document}").json()["version"])
    headers = {"If-Match": f'"{version}"'}
    answer = program.ask("PUT", f"{API}/documents/{document}/title", json={"title": title}, headers=headers)
    return answer.status_code, answer.json()


def found(program: Browser, words: str) -> list[str]:
    """The titles of the hits."""
    return [hit["title"] for hit in program.get(f"{API}/search", params={"q": words}).json()["items"]]


def test_a_clerk_changes_the_subject(hall: CityHall, document: str, program: Browser) -> None:
    """On a page of its own; list, document, search and history show it, with the name of who did it."""
    clerk = hall.clerk("h.berg", all_offices=True)
    path = f"/dokumente/{document}/titel"
    version = re.search(r'name="version" value="(\d+)"', clerk.get(path).text)
    assert version
    answer = clerk.submit(path, version=version[1], title="  Laterne   am Lindenweg ")
    assert answer.headers["location"] == f"/dokumente/{document}"
    page = clerk.get(answer.headers["location"]).text
    assert "Der Betreff ist geändert." in page
    assert '<h1 id="title">Laterne am Lindenweg</h1>' in page
    assert "<dt>Betreff im Original</dt><dd>Scan 047</dd>" in page
    assert re.search(r"<strong>Betreff geändert</strong> durch h\.berg", page)
    assert "Laterne am Lindenweg" in clerk.get("/posteingang").text
    assert "h.berg" in clerk.get(path).text
    assert found(program, "betreff:Laterne") == ["Laterne am Lindenweg"]
    assert found(program, "Scan 047") == ["Laterne am Lindenweg"]


def test_a_program_changes_it_on_the_version_it_saw(document: str, program: Browser) -> None:
    """`If-Match` is needed; who saw an older version is refused, who asks again for the same is told the same."""
    seen = int(program.get(f"{API}/documents/{document}").json()["version"])
    assert entitle(program, document, "Laterne", seen) == (200, {"version": seen + 1})
    assert entitle(program, document, "Laterne", seen) == (200, {"version": seen + 1})
    assert entitle(program, document, "Ampel", seen)[0] == 412
    path, body = f"{API}/documents/{document}/title", {"title": "Ampel"}
    assert program.ask("PUT", path, json=body).status_code == 428
    told = program.get(f"{API}/documents/{document}").json()
    assert (told["title"], told["own_title"], told["version"]) == ("Laterne", "Scan 047", seen + 1)
    history = program.get(f"{API}/documents/{document}/history").json()["items"]
    titled = [stop for stop in history if stop["stage"] == "titled"]
    assert len(titled) == 1
    assert titled[0]["actor"].startswith("k-")


def test_the_documents_own_subject_comes_back(document: str, program: Browser) -> None:
    """By an empty one, or by writing it again; what it is called already is no revision."""
    entitle(program, document, "Laterne")
    assert entitle(program, document, "")[0] == 200
    assert found(program, "Lindenweg") == ["Scan 047"]
    version = int(program.get(f"{API}/documents/{document}").json()["version"])
    assert entitle(program, document, "Scan 047") == (200, {"version": version})


@pytest.mark.parametrize(("title", "expected"), [("a" * 301, 400), ("\u202egnp.\u202c\x07", 200), ("<b>&", 200)])
def test_strange_subjects(document: str, program: Browser, title: str, expected: int) -> None:
    """Too long is refused; what cannot be seen is left out."""
    assert entitle(program, document, title)[0] == expected
    told = program.get(f"{API}/documents/{document}").json()["title"]
    assert told.isprintable()
    assert len(told) <= 300


def test_nobody_changes_what_is_not_theirs(hall: CityHall, document: str) -> None:
    """Another office, who may only read, a stranger; and nobody what is erased."""
    assert entitle(hall.key("search", "decide", offices=("kasse",)), document, "x", 1)[0] == 404
    assert entitle(hall.key("search", all_offices=True), document, "x", 1)[0] == 403
    assert entitle(Browser(hall.app), document, "x", 1)[0] == 401
    reader = hall.clerk("leser", all_offices=True, rights=("search",))
    assert reader.get(f"/dokumente/{document}/titel").status_code == 403
    assert "/titel" not in reader.get(f"/dokumente/{document}").text
    erase(hall, document)
    assert entitle(hall.key("search", "decide", all_offices=True), document, "x", 1)[0] == 410


def test_a_title_is_told_again_when_the_log_was_away(hall: CityHall, document: str, program: Browser) -> None:
    """It stands at once; the index hears of it by the round, and then nothing is left to be told."""
    hall.log.away = True
    assert entitle(program, document, "Laterne")[0] == 200
    assert program.get(f"{API}/documents/{document}").json()["title"] == "Laterne"
    hall.log.away = False
    assert found(program, "Lindenweg") == ["Scan 047"]
    context = hall.contexts["filing"]
    tell_again(context)
    assert found(program, "Lindenweg") == ["Scan 047"]  # whoever gave it may still be at it
    later = hall.ports.clock.now() + timedelta(hours=1)
    context.ports.clock.now = lambda: later  # type: ignore[method-assign]
    tell_again(context)
    assert found(program, "Lindenweg") == ["Laterne"]
    assert list(hall.ports.blobs.keys(Bucket.RECORDS, keys.titled("main"))) == []


def test_a_stale_page_says_so_at_the_field(hall: CityHall, document: str, program: Browser) -> None:
    """What was typed is still there, and the field is marked."""
    clerk = hall.clerk("h.berg", all_offices=True)
    entitle(program, document, "Laterne")
    answer = clerk.submit(f"/dokumente/{document}/titel", version="1", title="Ampel <b>")
    assert answer.status_code == 412
    assert "inzwischen geändert" in answer.text
    assert re.search(r'value="Ampel &lt;b&gt;"[^>]*aria-invalid="true"', answer.text)
    assert clerk.submit(f"/dokumente/{document}/titel", version="x", title="Ampel").status_code == 400
