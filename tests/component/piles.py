"""Piles of paper on the scanner of a city hall, and what became of them."""

from typing import cast

from services.core.model import record
from services.core.model.record import Record
from tests.component.city_hall import CityHall


def scanned(hall: CityHall, content: bytes) -> str:
    """The document of a scan that came in."""
    return cast("str", hall.scan(content, "stapel.pdf")["document"])


def found(hall: CityHall, document: str) -> Record:
    """Its record."""
    return record.load(hall.ports.blobs, "main", document)


def parts_of(hall: CityHall, batch: str) -> list[Record]:
    """The documents that a batch was separated into."""
    extraction = found(hall, batch).extraction
    assert extraction
    assert extraction.sheets
    return [found(hall, part.document) for part in extraction.sheets.parts]
