"""A scan as PDF/A over HTTP: made once, with the rights of the document, erased with it, only of what has pages."""

import io
from dataclasses import replace

import pytest
from msgspec import structs

from services.core.keys import Bucket
from services.core.model import record
from services.core.ports.ocr_engine import Look, PagePicture, PageWords
from services.extraction.archival import routes
from tests.component.city_hall import API, CityHall
from tests.component.test_part_pictures import a_letter, erase

FRAME = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x08\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xff\xd9"
"""The frame of a JPEG of 8 by 16; nobody decodes it here."""


@pytest.fixture
def asked(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> list[Look]:
    """What was drawn; each part has three pages."""
    looks: list[Look] = []

    def draw(_: io.BytesIO, *, media_type: str, look: Look) -> PagePicture:
        del media_type
        looks.append(look)
        return PagePicture(page_count=3, content=FRAME if look.number <= 3 else b"")

    monkeypatch.setattr(hall.ports.ocr, "show_page", draw)
    monkeypatch.setattr(hall.ports.ocr, "page_words", lambda *_, **__: PageWords(page_count=3))
    return looks


def path_of(hall: CityHall, document: str, part: str = "") -> str:
    """Where it is: of the attachment, unless another part is named."""
    found = record.load(hall.ports.blobs, "main", document).extraction
    part = part or next(one.part for one in (found.parts if found else ()) if one.name)
    return f"{API}/documents/{document}/parts/{part}/archival.pdf"


def kept(hall: CityHall) -> list[str]:
    """Of these files in the store."""
    return [key for key in hall.ports.blobs.keys(Bucket.DERIVED, "main/") if "pdfa" in key]


def test_it_is_made_once_and_kept(hall: CityHall, asked: list[Look]) -> None:
    """Three pages are drawn for the first who asks; a range is given of what is kept."""
    document = a_letter(hall)
    hall.work()
    reader = hall.key("search", all_offices=True)
    first = reader.get(path_of(hall, document))
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.content.startswith(b"%PDF-1.7")
    assert [look.number for look in asked] == [1, 2, 3]
    assert reader.get(path_of(hall, document)).content == first.content
    assert reader.get(path_of(hall, document), headers={"Range": "bytes=0-7"}).content == b"%PDF-1.7"
    assert (len(asked), len(kept(hall))) == (3, 1)
    assert "attachment" in first.headers["content-disposition"]


def test_none_is_kept_that_lacks_words(hall: CityHall, asked: list[Look], monkeypatch: pytest.MonkeyPatch) -> None:
    """While pages are still to be recognised, it is made anew for each who asks."""
    document = a_letter(hall)
    hall.work()
    found = record.load(hall.ports.blobs, "main", document)
    assert found.extraction
    unread = replace(found, extraction=structs.replace(found.extraction, complete=False))
    monkeypatch.setattr(routes, "visible", lambda *_: unread)
    reader = hall.key("search", all_offices=True)
    for _ in range(2):
        assert reader.get(path_of(hall, document)).status_code == 200
    assert (len(asked), kept(hall)) == (6, [])


def test_rights_are_those_of_the_document(hall: CityHall, asked: list[Look]) -> None:
    """Another office finds nothing, and a machine without the right to read is refused; nothing is drawn for them."""
    document = a_letter(hall)
    hall.work()
    assert hall.key("search", offices=("kasse",)).get(path_of(hall, document)).status_code == 404
    assert hall.key("deliver").get(path_of(hall, document)).status_code == 403
    assert (asked, kept(hall)) == ([], [])


def test_what_has_no_pages_is_said(hall: CityHall, asked: list[Look]) -> None:
    """The mail itself is no paper, and a part that is not there is none."""
    document = a_letter(hall)
    hall.work()
    reader = hall.key("search", all_offices=True)
    assert [reader.get(path_of(hall, document, part)).status_code for part in ("0", "0.9")] == [404, 404]
    assert asked == []


def test_nothing_stays_of_what_was_erased_meanwhile(
    hall: CityHall, asked: list[Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tombstone came while it was drawn."""
    document = a_letter(hall)
    hall.work()
    draw = hall.ports.ocr.show_page

    def meanwhile(*args: object, **how: object) -> PagePicture:
        if len(asked) == 2:
            erase(hall, document)
        return draw(*args, **how)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(hall.ports.ocr, "show_page", meanwhile)
    assert hall.key("search", all_offices=True).get(path_of(hall, document)).status_code in {404, 410}
    assert kept(hall) == []


def test_too_many_pages_are_refused_before_they_are_drawn(
    hall: CityHall, asked: list[Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first page tells how many there are."""
    document = a_letter(hall)
    hall.work()
    many = PagePicture(page_count=201, content=FRAME)
    draw = hall.ports.ocr.show_page

    def every(*args: object, **how: object) -> PagePicture:
        draw(*args, **how)  # type: ignore[arg-type]  # as it is called
        return many

    monkeypatch.setattr(hall.ports.ocr, "show_page", every)
    answer = hall.key("search", all_offices=True).get(path_of(hall, document))
    assert (answer.status_code, answer.json()["problem"], len(asked)) == (404, "too_many_parts", 1)
