"""Sixty batches of chance: every page is accounted for, and what is slipped in or left out is told."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import pytest
from PIL import Image

from services.adapters.sheet_reader.zxing import SheetLimits, ZxingSheetReader
from services.core.model.batches import covers
from services.core.model.batches.covers import Cover
from services.core.model.batches.sheets import SheetAccount
from services.core.model.documents import document_id
from services.core.model.receipts import new_receipt
from services.core.model.record_files import Receipt
from services.core.ports.sheets.sheet_reader import Sheet
from services.extraction.batches.account import account_of
from tests.ports import batches

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
SEPARATORS = ("PATCHT", "POSTSTELLE-TRENNBLATT")
FILES = ("52.10/17-2026", "20.1/3-2026")
CODES = {
    **{f"cover {file}": covers.written("main", file=file) for file in FILES},
    "cover bauamt": covers.written("main", office="bauamt"),
    "slip": covers.written("main", file=FILES[0]).replace("17", "71"),
    "foreign": covers.written("nachbarstadt", file=FILES[0]),
}


@pytest.fixture(scope="module")
def reader() -> Iterator[ZxingSheetReader]:
    """With one worker."""
    made = ZxingSheetReader(SheetLimits(workers=1))
    yield made
    made.close()


@cache
def page(kind: str) -> Image.Image:
    """The picture of a page of this kind."""
    if kind == "blank":
        return batches.blank()
    if kind in SEPARATORS:
        return batches.sheet(kind, scale=2)
    return batches.sheet(CODES[kind], "QRCode", scale=8) if kind in CODES else batches.letter(kind)


@dataclass
class Pile:
    """What somebody lays into the feeder, and what has to come of it."""

    kinds: list[str] = field(default_factory=list)
    parts: list[tuple[tuple[int, ...], Cover | None]] = field(default_factory=list)

    def lay(self, kind: str) -> int:
        """One page; its number."""
        self.kinds.append(kind)
        return len(self.kinds)

    def content(self, chance: random.Random) -> bytes:
        """As one file."""
        pages = [page(kind) for kind in self.kinds]
        return batches.pdf(pages) if chance.random() < 0.5 else batches.tiff(pages)

    def of(self, *kinds: str) -> tuple[int, ...]:
        """The numbers of the pages of these kinds."""
        return tuple(number for number, kind in enumerate(self.kinds, 1) if kind in kinds)


def a_pile(chance: random.Random) -> Pile:
    """One to four letters; a separator or a cover sheet begins each but perhaps the first."""
    pile = Pile()
    for place in range(chance.randint(1, 4)):
        begins = chance.choice(("separator", "cover", "both", "cover twice"))
        if place == 0 and chance.random() < 0.3:
            begins = "nothing"
        for _ in range(chance.randint(1, 2) if begins in ("separator", "both") else 0):
            pile.lay(chance.choice(SEPARATORS))
        known = [kind for kind in CODES if kind.startswith("cover")]
        cover = chance.choice(known) if begins in {"both", "cover", "cover twice"} else ""
        for _ in range((2 if begins == "cover twice" else 1) if cover else 0):
            pile.lay(cover)
        pages = []
        for _ in range(chance.randint(1, 3)):
            if chance.random() < 0.3:
                pile.lay("blank")
            pages.append(pile.lay(f"Brief {place + 1}"))
        pile.parts.append((tuple(pages), covers.read(CODES[cover], "main") if cover else None))
    if chance.random() < 0.3 or not pile.of(*SEPARATORS, *CODES):
        pile.lay(SEPARATORS[0])
    return pile


def counted(reader: ZxingSheetReader, content: bytes, **told: int) -> SheetAccount:
    """The account of a scan of which the scanner told this."""
    receipt = Receipt(
        receipt=new_receipt(NOW),
        tenant="main",
        document=document_id("main", "bytes", "0" * 64, incarnation=0),
        incarnation=0,
        channel="scan",
        source="scanner",
        received_at=NOW,
        media_type="application/pdf",
        size_bytes=1,
        sha256="0" * 64,
        kind="bytes-1",
        digest="0" * 64,
        properties={f"scan.{name}": str(value) for name, value in told.items()},
    )
    with reader.opened(io.BytesIO(content)) as stack:
        assert stack.problem is None
        assert stack.problem is None
        sheets = [stack.look(number) for number in range(1, stack.page_count + 1)]
    seen = [sheet for sheet in sheets if isinstance(sheet, Sheet)]
    assert len(seen) == len(sheets)
    return account_of(receipt, seen, separators=frozenset(SEPARATORS), offices=frozenset({"bauamt"}))


@pytest.mark.parametrize("seed", range(60))
def test_every_page_of_a_batch_of_chance_is_accounted_for(reader: ZxingSheetReader, seed: int) -> None:
    """Documents with their pages and cover sheets as they were laid; all else is separators, covers and blank pages."""
    chance = random.Random(seed)
    pile = a_pile(chance)
    told = {"page_count": len(pile.kinds), "batch_size": len(pile.parts)}
    account = counted(reader, pile.content(chance), **told)
    assert [(part.pages, part.cover) for part in account.parts] == pile.parts
    assert account.separators == pile.of(*SEPARATORS)
    assert account.covers == pile.of(*CODES)
    assert account.blanks == pile.of("blank")
    assert account.faults == ()
    in_parts = sum(len(part.pages) for part in account.parts)
    assert account.page_count == in_parts + len(account.separators) + len(account.covers) + len(account.blanks)


def laid(*kinds: str) -> bytes:
    """A batch of these pages."""
    return batches.pdf([page(kind) for kind in kinds])


def test_a_missing_separator_is_told(reader: ZxingSheetReader) -> None:
    """Three letters were counted, and two of them stick together."""
    account = counted(reader, laid("Brief 1", "PATCHT", "Brief 2", "Brief 3"), batch_size=3)
    assert account.faults == ("documents_differ",)


def test_a_lone_separator_that_is_missing_is_told(reader: ZxingSheetReader) -> None:
    """Without any separator it is one document, and the scanner said two."""
    account = counted(reader, laid("Brief 1", "Brief 2"), batch_size=2)
    assert (account.is_batch, account.faults) == (False, ("documents_differ",))


def test_a_surplus_page_is_told(reader: ZxingSheetReader) -> None:
    """The scanner counted one page less than there are."""
    account = counted(reader, laid("Brief 1", "PATCHT", "Brief 2", "Brief 3"), page_count=3)
    assert account.faults == ("pages_differ",)


@pytest.mark.parametrize(
    ("kinds", "fault"),
    [
        (("slip",), "cover_broken"),
        (("foreign",), "cover_foreign"),
        (("cover bauamt", f"cover {FILES[0]}"), "cover_twice"),
    ],
)
def test_a_wrong_cover_sheet_is_told_with_its_document_alone(
    reader: ZxingSheetReader, kinds: tuple[str, ...], fault: str
) -> None:
    """Nothing is guessed from it, and the other documents of the batch are as good as ever."""
    account = counted(reader, laid(f"cover {FILES[1]}", "Brief 1", *kinds, "Brief 2", "PATCHT", "Brief 3"))
    assert [part.cover for part in account.parts] == [Cover(file=FILES[1]), Cover(fault=fault), None]


def test_an_office_that_nobody_knows_is_told(reader: ZxingSheetReader) -> None:
    """Another town's plan may have it."""
    CODES["elsewhere"] = covers.written("main", office="hafenamt")
    account = counted(reader, laid("elsewhere", "Brief 1"))
    assert [part.cover for part in account.parts] == [Cover(fault="cover_unknown")]


def test_a_cover_sheet_with_nothing_behind_it_is_told(reader: ZxingSheetReader) -> None:
    """The letter that it was for is missing."""
    account = counted(reader, laid("PATCHT", "Brief 1", "cover bauamt"))
    assert account.faults == ("cover_alone",)
