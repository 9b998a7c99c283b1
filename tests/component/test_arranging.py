"""A clerk arranges the pages of a scan as other documents; the original stays, and it can be taken back."""

from typing import Any

import pytest

from services.core.model import record
from tests.component.arranged import (
    LETTER,
    TWO,
    account_of,
    arrange,
    balances,
    documents_of,
    file_it,
    form_of,
    reopen,
    states,
    text_of,
)
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.piles import found, parts_of, scanned


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def test_a_letter_is_split_and_a_page_turned(hall: CityHall) -> None:
    """Each document is read, found and waits by itself; the scan is put before nobody, and stays as it came."""
    scan = scanned(hall, LETTER)
    assert arrange(hall, scan, [1, 2], {"pages": [3, 4], "turns": {"4": 90}}).status_code == 202
    first, second = parts_of(hall, scan)
    assert "Lageplan" in text_of(hall, first.document)
    assert "Foto (gedreht um 90)" in text_of(hall, second.document)
    assert states(hall, [scan, first.document, second.document]) == ["no_record", "held", "held"]
    reader = hall.key("search", all_offices=True)
    told = reader.get(f"{API}/documents/{second.document}").json()
    assert told["part_of"] == {
        "document": scan,
        "number": 2,
        "count": 2,
        "pages": "3\N{EN DASH}4 (gedreht: 4 um 90°)",
        "cover": "",
    }
    assert reader.get(f"{API}/documents/{scan}/original").content == LETTER
    hits = reader.get(f"{API}/search", params={"q": "widerspruch status:wartet"}).json()["items"]
    assert second.document in [hit["document"] for hit in hits]


def test_the_account_balances_and_the_history_names_who(hall: CityHall, clerk: Browser) -> None:
    """A page that is in no document is counted; the clerk's decision stands in the history with the pages."""
    scan = scanned(hall, LETTER)
    path = f"/posteingang/{scan}/seiten"
    fields = form_of(clerk.get(path).text) | {"p3": "1", "w2": "on", "w4": "on"}
    assert clerk.submit(path, **fields, schritt="ordnen").status_code == 303
    account = account_of(hall, scan)
    assert balances(account)
    assert (account.left_out, account.parts[0].pages) == ((2, 4), (3, 1))
    stops = clerk.get(f"{API}/documents/{scan}/history").json()["items"]
    told = next(stop for stop in stops if stop["stage"] == "decided")
    assert (told["code"], told["pages"]) == ("arrange", "3, 1")
    assert hall.access.name_of(told["actor"]) == "berg"
    assert "Seiten neu geordnet, Schriftstücke: 3, 1" in clerk.get(f"/dokumente/{scan}").text


def test_parts_of_a_batch_are_joined_and_others_are_not_touched(hall: CityHall) -> None:
    """A missing page boundary is put right at the batch: what keeps its pages keeps its name and its place."""
    batch = scanned(hall, TWO)
    first, second = parts_of(hall, batch)
    assert arrange(hall, batch, [1, 2], [4], [6]).status_code == 202
    now = parts_of(hall, batch)
    assert now[0].document == first.document
    assert [len(part.decisions) for part in now] == [0, 0, 0]
    assert states(hall, [second.document]) == ["no_record"]
    assert record.standing(found(hall, second.document)).reason == "superseded"
    assert balances(account_of(hall, batch))
    assert arrange(hall, batch, [1, 2, 4, 6]).status_code == 202
    assert states(hall, [part.document for part in now]) == ["no_record"] * 3
    joined = parts_of(hall, batch)
    assert [part.receipts[0].part_of.pages for part in joined if part.receipts[0].part_of] == [(1, 2, 4, 6)]
    account = account_of(hall, batch)
    assert balances(account)
    assert (account.separators, account.blanks, account.left_out) == ((3,), (5,), ())


def test_it_is_taken_back(hall: CityHall) -> None:
    """The letter waits again with its text, its documents are nobody's; the same once more brings the same ones."""
    scan = scanned(hall, LETTER)
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    documents = [part.document for part in parts_of(hall, scan)]
    assert reopen(hall, scan).status_code == 202
    assert states(hall, [scan, *documents]) == ["held", "no_record", "no_record"]
    assert "Widerspruch" in text_of(hall, scan)
    assert found(hall, scan).extraction.sheets is None  # type: ignore[union-attr]  # it was read
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    assert [part.document for part in parts_of(hall, scan)] == documents
    assert states(hall, [scan, *documents]) == ["no_record", "held", "held"]


def test_a_batch_goes_back_to_what_its_separators_said(hall: CityHall) -> None:
    """Taken back, the documents between the separator sheets are those that wait."""
    batch = scanned(hall, TWO)
    before = [part.document for part in parts_of(hall, batch)]
    assert arrange(hall, batch, [1, 2, 4, 6]).status_code == 202
    (joined,) = (part.document for part in parts_of(hall, batch))
    assert reopen(hall, batch).status_code == 202
    assert [part.document for part in parts_of(hall, batch)] == before
    assert states(hall, [*before, joined]) == ["held", "held", "no_record"]


def test_what_was_filed_is_not_pulled_apart(hall: CityHall, clerk: Browser) -> None:
    """The refusal says who filed it and when; once it waits again, its pages are free."""
    scan = scanned(hall, LETTER)
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    first, second = (part.document for part in parts_of(hall, scan))
    file_it(hall, first, clerk)
    for answer in (arrange(hall, scan, [1], [2, 3, 4]), reopen(hall, scan)):
        assert answer.status_code == 409
        told = answer.json()
        assert (told["code"], told["document"], told["state"]) == ("already_decided", first, "filed")
        assert hall.access.name_of(told["by"]) == "berg"
        assert told["at"] == found(hall, first).decisions[-1].decided_at.isoformat()
    assert states(hall, [first, second]) == ["filed", "held"]
    assert arrange(hall, scan, [1, 2], [3], [4]).status_code == 202, "the filed one keeps its pages"
    assert states(hall, [first]) == ["filed"]


@pytest.mark.parametrize(
    ("documents", "status", "code"),
    [
        ([[1, 2, 3, 4]], 409, "pages_unchanged"),
        ([[1, 1]], 422, "bad_pages"),
        ([[1], [1, 2]], 422, "bad_pages"),
        ([[5]], 422, "bad_pages"),
        ([{"pages": [1], "turns": {"2": 90}}], 422, "bad_pages"),
        ([{"pages": [1], "turns": {"1": 45}}], 400, "bad_request"),
        ([{"pages": []}], 400, "bad_request"),
        ([], 422, "bad_pages"),
    ],
)
def test_pages_that_do_not_fit_are_refused(hall: CityHall, documents: list[Any], status: int, code: str) -> None:
    """Each page at most once, each document at least one, and something has to change."""
    scan = scanned(hall, LETTER)
    answer = arrange(hall, scan, *documents)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert found(hall, scan).decisions == ()


def test_a_document_of_a_batch_is_split_by_itself(hall: CityHall) -> None:
    """Whoever sees that part alone can do so; the batch then says that somebody decided about it."""
    batch = scanned(hall, TWO)
    first, _ = (part.document for part in parts_of(hall, batch))
    assert arrange(hall, first, [1], [2]).status_code == 202
    parts = parts_of(hall, first)
    read = [text_of(hall, part.document) for part in parts]
    assert ["Ahorn" in text for text in read] == [True, False]
    assert ["Lageplan" in text for text in read] == [False, True]
    answer = arrange(hall, batch, [1, 2, 4, 6])
    assert (answer.status_code, answer.json()["document"]) == (409, first)


def test_a_scan_that_comes_again_is_an_arrival_of_what_its_pages_are_now(hall: CityHall) -> None:
    """Each document has a second receipt, as those of any batch have."""
    scan = scanned(hall, LETTER)
    assert arrange(hall, scan, [1, 2], {"pages": [3, 4], "turns": {"3": 270}}).status_code == 202
    assert hall.scan(LETTER, "noch einmal.pdf")["document"] == scan
    assert [len(part.receipts) for part in parts_of(hall, scan)] == [2, 2]


def test_a_document_that_an_arrangement_kept_in_vain_is_told_of_the_next(hall: CityHall) -> None:
    """Where the pages could not be taken out, what should have kept its own still has them, and can lose them."""
    batch = scanned(hall, TWO)
    first, second = documents_of(hall, batch)
    hall.sheets.clumsy = True
    assert arrange(hall, batch, [1, 2], [4]).status_code == 202
    assert account_of(hall, batch).faults == ("not_taken",)
    assert states(hall, [batch, first, second]) == ["held", "held", "no_record"]
    hall.sheets.clumsy = False
    assert arrange(hall, batch, [1], [2, 4, 6]).status_code == 202
    assert states(hall, [batch, first, *documents_of(hall, batch)]) == ["no_record", "no_record", "held", "held"]
