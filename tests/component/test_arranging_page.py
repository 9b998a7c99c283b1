"""The page on which a clerk arranges the pages of a scan, without a browser."""

import re

import pytest

from tests.component.arranged import (
    LETTER,
    arrange,
    file_it,
    form_of,
)
from tests.component.browser import Browser
from tests.component.city_hall import CityHall, a_mail
from tests.component.piles import found, parts_of, scanned


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def test_the_page_splits_joins_reorders_and_turns_without_scripts(hall: CityHall, clerk: Browser) -> None:
    """A preview shows what the form says; taken over, the documents are those of the preview."""
    scan = scanned(hall, LETTER)
    path = f"/posteingang/{scan}/seiten"
    assert path in clerk.get(f"/posteingang/{scan}").text
    fields = form_of(clerk.get(path).text)
    fields |= {"b3": "on", "p4": "3", "d4": "90", "w2": "on"}
    preview = clerk.submit(path, **fields, schritt="vorschau")
    assert preview.status_code == 200
    assert "Sie bilden 2 Schriftstücke." in preview.text
    assert "In keinem Schriftstück" in preview.text
    assert found(hall, scan).decisions == ()
    fields = form_of(preview.text)
    assert fields["folge"] == "1,4,3,2"
    answer = clerk.submit(path, **fields, schritt="ordnen")
    assert answer.status_code == 303
    parts = [part.receipts[0].part_of for part in parts_of(hall, scan)]
    assert [(part.pages, part.turns) for part in parts if part] == [((1, 4), (0, 90)), ((3,), ())]
    after = clerk.get(answer.headers["location"]).text
    assert "Neuordnung zurücknehmen" in after
    assert "Seiten werden neu geordnet" in after
    page = clerk.get(path).text
    assert "Sie bilden 2 Schriftstücke." in page
    fields = form_of(page)
    assert (fields["folge"], fields["d4"], "b3" in fields, "w2" in fields) == ("1,4,3,2", "90", True, True)


def test_the_page_keeps_what_was_filled_in_where_somebody_was_faster(hall: CityHall, clerk: Browser) -> None:
    """Another clerk filed it meanwhile: the page says who and when, and the form stands as it was."""
    scan = scanned(hall, LETTER)
    path = f"/posteingang/{scan}/seiten"
    fields = form_of(clerk.get(path).text) | {"b3": "on"}
    file_it(hall, scan, hall.clerk("feld", all_offices=True))
    answer = clerk.submit(path, **fields, schritt="ordnen")
    assert answer.status_code == 409
    assert re.search(r"wurde am [^<]+ von feld abgelegt", answer.text)
    assert "Sie bilden 2 Schriftstücke." in answer.text


def test_a_form_that_is_no_form_changes_nothing(hall: CityHall, clerk: Browser) -> None:
    """Wrong places, turns and orders are taken for none; a version that is no number is refused."""
    scan = scanned(hall, LETTER)
    path = f"/posteingang/{scan}/seiten"
    fields = form_of(clerk.get(path).text)
    wild = fields | {"p1": "-5", "p2": "²", "p3": "99999999999", "d1": "45", "d2": "x", "folge": "1,1,1,1", "b9": "on"}
    answer = clerk.submit(path, **wild, schritt="ordnen")
    assert answer.status_code == 409
    assert "schon so geordnet" in answer.text
    assert clerk.submit(path, **(fields | {"version": "x"}), schritt="ordnen").status_code == 400
    assert found(hall, scan).decisions == ()


def test_only_scans_have_pages_to_arrange(hall: CityHall, clerk: Browser) -> None:
    """A mail has none, and its page says so."""
    mail = hall.deliver(a_mail())["document"]
    answer = arrange(hall, mail, [1])
    assert (answer.status_code, answer.json()["code"]) == (422, "not_arrangeable")
    assert "Neu ordnen lassen sich nur" in clerk.get(f"/posteingang/{mail}/seiten").text
    assert "Seiten ordnen" not in clerk.get(f"/posteingang/{mail}").text.partition("<dialog")[0]


def test_a_letter_that_was_filed_itself_is_not_split(hall: CityHall, clerk: Browser) -> None:
    """Its file would hold what is none any more."""
    scan = scanned(hall, LETTER)
    file_it(hall, scan, clerk)
    answer = arrange(hall, scan, [1], [2, 3, 4])
    assert (answer.status_code, answer.json()["document"]) == (409, scan)
    page = clerk.get(f"/posteingang/{scan}/seiten").text
    assert re.search(r"wurde am [^<]+ von berg abgelegt", page)
    assert "Übernehmen" not in page
