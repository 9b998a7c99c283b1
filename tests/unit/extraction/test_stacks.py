"""Fronts and backs from two stacks come to the same documents as from a scanner that reads both sides."""

import random
from datetime import UTC, datetime

import pytest

from services.core.model.batches.sheets import SheetAccount
from services.core.model.documents import document_id
from services.core.model.receipts import new_receipt
from services.core.model.record_files import Receipt
from services.core.ports.sheets.sheet_reader import Sheet
from services.extraction.batches.account import account_of

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
TURN = "POSTSTELLE-RUECKSEITEN"


def counted(pages: list[str], *, scanner: dict[str, str] | None = None) -> SheetAccount:
    """The account of these pages; empty ones are blank, `[…]` is a barcode."""
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
        properties=scanner or {},
    )
    sheets = [
        Sheet(number=number, codes=(said[1:-1],) if said.startswith("[") else (), blank=not said)
        for number, said in enumerate(pages, 1)
    ]
    return account_of(receipt, sheets, separators=frozenset({"PATCHT"}), turning=frozenset({TURN}))


def words(account: SheetAccount, pages: list[str]) -> list[list[str]]:
    """What stands on the pages of each document."""
    return [[pages[number - 1] for number in part.pages] for part in account.parts]


@pytest.mark.parametrize("seed", range(60))
def test_two_stacks_come_to_the_same_documents_as_both_sides_at_once(seed: int) -> None:
    """Of random piles with separators and blank backs, by the sheet between the stacks and by the sidecar."""
    chance = random.Random(seed)
    sides = []
    for letter in range(chance.randint(1, 4)):
        sides += ["[PATCHT]", ""]
        for sheet in range(chance.randint(1, 4)):
            sides += [f"Brief {letter} Blatt {sheet}", chance.choice(("", f"Brief {letter} Blatt {sheet} hinten"))]
    fronts, backs = sides[::2], sides[1::2][::-1]
    wanted = words(counted(sides), sides)
    with_sheet = [*fronts, f"[{TURN}]", *backs]
    for pages, scanner in ((with_sheet, {}), ([*fronts, *backs], {"scan.duplex": "stacks"})):
        account = counted(pages, scanner=scanner)
        assert words(account, pages) == wanted
        laid = [page for part in account.parts for page in part.pages]
        assert sorted([*laid, *account.separators, *account.blanks]) == list(range(1, len(pages) + 1))
        assert account.faults == ()
        assert account.backs_from == len(pages) - len(backs) + 1


def test_one_letter_without_separators_is_put_together() -> None:
    """Its pages have to change their order, so it becomes a document of its own, without its blank backs."""
    account = counted(["1", "3", f"[{TURN}]", "", "2"])
    assert [part.pages for part in account.parts] == [(1, 5, 2)]
    assert (account.separators, account.blanks) == ((3,), (4,))


@pytest.mark.parametrize(
    ("pages", "scanner"),
    [
        (["1", "3", "5", f"[{TURN}]", "4", "2"], {}),
        (["1", f"[{TURN}]", "2", f"[{TURN}]"], {}),
        ([f"[{TURN}]", "2"], {}),
        (["1", "3", "2"], {"scan.duplex": "stacks"}),
    ],
)
def test_uneven_stacks_are_told_and_never_guessed(pages: list[str], scanner: dict[str, str]) -> None:
    """A page drawn in twice would pair all others wrongly: the scan stays whole, and a person looks."""
    account = counted(pages, scanner=scanner)
    assert (account.parts, account.faults) == ((), ("stacks_differ",))
    assert account.page_count == len(pages)
