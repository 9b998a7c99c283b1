"""The pages of a scan as they are laid out on the desk: read off the record, or off the form that a clerk filled in."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from services.core.model.batches.sheets import SheetAccount, pages_shown
from services.core.model.record import Record
from services.core.protocol.arranging import Pages, page_count_of
from services.runtime.translation.speaking import gettext, ngettext
from services.runtime.translation.speaking import gettext_noop as _

TURNS = {"": _("nicht drehen"), "90": _("nach rechts"), "180": _("auf den Kopf"), "270": _("nach links")}
"""What a page may be turned by, as it is said of a page that lies on a desk."""
_DIGITS = 4


class Laid(Struct, frozen=True, kw_only=True):
    """One page, and what is to become of it."""

    page: int
    place: int
    """Where it lies among all pages, from 1."""
    begins: bool = False
    """Whether a document begins with it."""
    turn: int = 0
    left_out: bool = False
    kind: str = ""
    """What it was found to be where it belongs to no document: a separator, a cover sheet, blank."""


def laid_out(found: Record) -> list[Laid]:
    """As the pages lie now: document by document, behind them what belongs to none."""
    sheets = found.extraction.sheets if found.extraction else None
    pages = range(1, page_count_of(found) + 1)
    if sheets is None or not sheets.is_batch:
        return [Laid(page=page, place=page, begins=page == 1) for page in pages]
    inside = [
        Laid(page=page, place=0, begins=place == 0, turn=turn)
        for part in sheets.parts
        for place, (page, turn) in enumerate(zip_longest(part.pages, part.turns, fillvalue=0))
    ]
    known = {one.page for one in inside}
    kinds = _kinds(sheets)
    apart = [Laid(page=page, place=0, left_out=True, kind=kinds.get(page, "")) for page in pages if page not in known]
    return _numbered([*inside, *apart])


def filled_in(fields: Mapping[str, str], before: Sequence[Laid]) -> list[Laid]:
    """As the form says; a place that is no number leaves the page where it was, and equal places keep their order."""
    wanted = [
        replace(
            one,
            place=_number(fields.get(f"p{one.page}", ""), one.place),
            begins=f"b{one.page}" in fields,
            turn=int(turn) if (turn := fields.get(f"d{one.page}", "")) in TURNS and turn else 0,
            left_out=f"w{one.page}" in fields,
        )
        for one in before
    ]
    # Who writes a page's new place means it to lie before what has lain there, or behind where it comes from before.
    was = {one.page: one.place for one in before}
    wanted.sort(key=lambda one: (one.left_out, one.place, _passes(one.place, was[one.page])))
    return _numbered(wanted)


def documents_of(laid: Sequence[Laid]) -> list[list[Laid]]:
    """The pages of each document; a document begins with the first page, and wherever one is said to begin."""
    piles: list[list[Laid]] = []
    for one in laid:
        if one.left_out:
            continue
        if one.begins or not piles:
            piles.append([])
        piles[-1].append(one)
    return piles


def wanted_of(laid: Sequence[Laid]) -> tuple[Pages, ...]:
    """The same as a wish."""
    return tuple(
        Pages(pages=tuple(one.page for one in pile), turns=tuple(one.turn for one in pile))
        for pile in documents_of(laid)
    )


def name_of(pile: Sequence[Laid]) -> str:
    """Its pages in words."""
    shown = pages_shown([one.page for one in pile])
    return ngettext("Seite {pages}", "Seiten {pages}", len(pile)).format(pages=shown)


def _passes(place: int, was: int) -> int:
    """-1 where a page moves up, 1 where it moves down, 0 where it stays: so it takes exactly the place that it got."""
    return (place > was) - (place < was)


def _kinds(sheets: SheetAccount) -> dict[int, str]:
    named = {
        gettext("Trennblatt"): sheets.separators,
        gettext("Deckblatt"): sheets.covers,
        gettext("leer"): sheets.blanks,
    }
    return {page: kind for kind, pages in named.items() for page in pages}


def _numbered(laid: Sequence[Laid]) -> list[Laid]:
    return list(_renumbered(laid))


def _renumbered(laid: Sequence[Laid]) -> Iterator[Laid]:
    for place, one in enumerate(laid, 1):
        yield replace(one, place=place)


def _number(text: str, otherwise: int) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else otherwise
