"""Two stacks in one run: the fronts, then the turned stack, whose first page is the back of the last sheet.

So a scanner without a duplex unit delivers paper that is written on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from services.core.model.record_files import Receipt
from services.core.ports.sheets.sheet_reader import Sheet

TOLD = "scan.duplex"
"""What a sidecar says with `duplex`."""


@dataclass(frozen=True, kw_only=True)
class Stacks:
    """The pages in the order in which they are read."""

    sheets: tuple[Sheet, ...]
    turning: tuple[int, ...] = ()
    """The sheets that were laid between the stacks; they are no page of any document."""
    backs_from: int | None = None
    """The first page of the backs; None where it is one stack."""
    are_uneven: bool = False
    """There are two stacks, and nobody can say which back belongs to which front."""


def in_order(receipt: Receipt, sheets: Sequence[Sheet], *, turning: frozenset[str]) -> Stacks:
    """Each front with its back behind it, where a sheet between the stacks or the sidecar says that there are two.

    Fronts and backs have to be equally many: a page drawn in twice or not at all would pair all that follows wrongly.
    """
    between = tuple(sheet.number for sheet in sheets if not turning.isdisjoint(sheet.codes))
    if not between and receipt.properties.get(TOLD) != "stacks":
        return Stacks(sheets=tuple(sheets))
    pages = [sheet for sheet in sheets if sheet.number not in between]
    half = between[0] - 1 if between else len(pages) // 2
    fronts, backs = pages[:half], pages[half:]
    if len(fronts) != len(backs) or len(between) > 1:
        return Stacks(sheets=tuple(sheets), turning=between, are_uneven=True)
    merged = chain.from_iterable(zip(fronts, reversed(backs), strict=True))
    return Stacks(sheets=tuple(merged), turning=between, backs_from=backs[0].number if backs else None)
