"""What of a letter is looked at, by its address: which part, which page, how large and which way up."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from services.core.model.record import Record
from services.core.model.record_files import Part
from services.runtime.access.visibility import can_be_drawn
from services.runtime.desk.formatting import places_of
from services.runtime.translation.speaking import gettext
from services.runtime.web.http import API

SIZES = ("", "150", "200", "300")
"""Per cent of the pane that a page is as wide as; empty: as wide as the pane."""
TURNS = ("", "90", "180", "270")
USUAL, CLOSE = 960, 1_920
"""Pixels across of a page in the pane, and of one that is looked at closely."""
GLANCED_AT = frozenset({"attachment", "body"})
"""Roles whose pages are always offered; a picture inside a text only where it is a page."""
AS_WRITTEN = "original"
_PARAMETERS = ("teil", "seite", "drehen", "gross", "ansicht", "treffer")
FOUND_BY, WORDS = 200, 12
"""Characters and words at most that a letter is opened at."""


class Viewed(Struct, frozen=True, kw_only=True):
    """As the address says it; every field is one of it."""

    teil: str = ""
    seite: int = 1
    drehen: str = ""
    gross: str = ""
    ansicht: str = ""
    treffer: str = ""
    """Words that the letter was found by."""


class Tab(Struct, frozen=True, kw_only=True):
    """One part that has pages, or the letter itself."""

    label: str
    pages: int
    address: str
    current: bool


class Sheet(Struct, frozen=True, kw_only=True):
    """The page that is looked at; addresses are empty where they would lead nowhere."""

    source: str
    name: str
    number: int
    count: int
    size: str
    before: str
    after: str
    smaller: str
    larger: str
    turned: str
    following: str
    """The picture behind, which a browser may fetch before it is asked for."""
    marks: str
    """The picture with the marks, which lies over the page; empty where no words are to be marked."""


class Viewer(Struct, frozen=True, kw_only=True):
    """The strip of parts and the page below it."""

    tabs: Sequence[Tab]
    sheet: Sheet | None
    part: str
    """The part that was chosen; empty where the letter is shown as a whole."""
    looks: Sequence[Tab] = ()
    """The two ways to look at a mail: its text, and as it was written."""
    frame: str = ""
    """Where the mail is as it was written; empty where its text is shown."""


def look_at(found: Record, asked: Mapping[str, str], address: str, words: Sequence[str] = ()) -> Viewer:
    """What this address shows of the letter; what it asks for in vain is shown as if it had not been asked for.

    `address` leads to the letter; it may have a query of its own. `words` are marked where the address names none. A
    letter that was found by words, and of which no part is asked for, is opened at their first page.
    """
    parts = [part for part in (found.extraction.parts if found.extraction else ()) if _has_a_tab(part)]
    wanted = next((part for part in parts if part.part == asked.get("teil")), None)
    as_written = asked.get("ansicht") == AS_WRITTEN
    opened, page = (None, 0) if wanted or as_written else _found_in(found, parts, words_in(asked))
    wanted = wanted or opened
    shown = wanted or (None if as_written else _first(found, parts))
    viewed = _viewed({**asked, "seite": str(page)} if page and "seite" not in asked else asked, wanted, shown)
    mail = wanted.part if wanted and wanted.role == "message" else "0" if _is_mail(found) and not shown else ""
    tabs = _tabs(found, parts, shown, address)
    return Viewer(
        tabs=tabs if len(tabs) > 1 else (),
        sheet=_sheet(found, shown, viewed, address=address, words=words) if shown and not mail else None,
        part=wanted.part if wanted else "",
        looks=_looks(replace(viewed, ansicht=AS_WRITTEN if as_written else ""), address) if mail else (),
        frame=f"/dokumente/{found.document}/nachrichten/{mail}" if mail and as_written else "",
    )


def words_in(asked: Mapping[str, str]) -> Sequence[str]:
    """The words that the letter of this address was found by."""
    return asked.get("treffer", "")[:FOUND_BY].split()[:WORDS]


def _found_in(found: Record, parts: Sequence[Part], words: Sequence[str]) -> tuple[Part | None, int]:
    """The first part with pages that has one of the words, and its page; none where the message itself has one."""
    for part in found.extraction.parts if found.extraction and words else ():
        place = next(places_of(part.text, words), None)
        if place:
            # A form feed stands between two pages of a text.
            return (part, part.text.count("\f", 0, place[0]) + 1) if part in parts else (None, 0)
    return None, 0


def letter_address(path: str, fields: Mapping[str, str]) -> str:
    """The address of this page without what is looked at."""
    rest = {name: value for name, value in fields.items() if name not in _PARAMETERS}
    return f"{path}?{urlencode(rest)}" if rest else path


def _is_mail(found: Record) -> bool:
    return bool(found.extraction and found.extraction.mail)


def _has_a_tab(part: Part) -> bool:
    if part.role == "message":
        return not part.problem
    return can_be_drawn(part) and (part.page_count > 0 or part.role in GLANCED_AT)


def _tabs(found: Record, parts: Sequence[Part], shown: Part | None, address: str) -> list[Tab]:
    names = {"body": gettext("Scan"), "message": gettext("Angehängte E-Mail")}
    whole = (
        [Tab(label=gettext("Nachricht"), pages=0, address=address, current=shown is None)] if _is_mail(found) else []
    )
    return whole + [
        Tab(
            label=part.name or names.get(part.role, gettext("Anhang")),
            pages=part.page_count,
            address=_address(address, Viewed(teil=part.part)),
            current=part is shown,
        )
        for part in parts
    ]


def _looks(viewed: Viewed, address: str) -> list[Tab]:
    ways = ((gettext("Text"), ""), (gettext("Original"), AS_WRITTEN))
    return [
        Tab(
            label=label, pages=0, address=_address(address, replace(viewed, ansicht=way)), current=viewed.ansicht == way
        )
        for label, way in ways
    ]


def _first(found: Record, parts: Sequence[Part]) -> Part | None:
    """What is shown unasked: of paper its first page, of a mail without words what hangs on it."""
    read = found.extraction
    words = read and read.mail and any(part.role == "body" and part.text.strip() for part in read.parts)
    return None if words or not parts else parts[0]


def _viewed(asked: Mapping[str, str], wanted: Part | None, shown: Part | None) -> Viewed:
    number = asked.get("seite", "")
    number = number if number.isascii() and number.isdigit() else "1"
    count = max(shown.page_count, 1) if shown else 1
    turn, size = asked.get("drehen", ""), asked.get("gross", "")
    return Viewed(
        teil=wanted.part if wanted else "",
        seite=max(1, min(int(number[:6]), count)),
        drehen=turn if turn in TURNS else "",
        gross=size if size in SIZES else "",
        treffer=" ".join(words_in(asked)),
    )


def _sheet(found: Record, part: Part, viewed: Viewed, *, address: str, words: Sequence[str]) -> Sheet:
    count, size = max(part.page_count, 1), SIZES.index(viewed.gross)
    viewed = replace(viewed, teil=part.part)
    at = viewed.seite

    def there(possible: bool, **changed: str | int) -> str:  # noqa: FBT001  # read as a question
        return _address(address, replace(viewed, **changed)) if possible else ""

    return Sheet(
        source=_source(found, part, viewed),
        name=part.name or "Scan",
        number=at,
        count=count,
        size=viewed.gross,
        before=there(at > 1, seite=at - 1),
        after=there(at < count, seite=at + 1),
        smaller=there(size > 0, gross=SIZES[size - 1]),
        larger=there(size < len(SIZES) - 1, gross=SIZES[min(size + 1, len(SIZES) - 1)]),
        turned=there(possible=True, drehen=TURNS[(TURNS.index(viewed.drehen) + 1) % len(TURNS)]),
        following=_source(found, part, replace(viewed, seite=at + 1)) if at < count else "",
        marks=_marks(found, part, viewed, viewed.treffer.split() or words),
    )


def _marks(found: Record, part: Part, viewed: Viewed, words: Sequence[str]) -> str:
    if not words:
        return ""
    fields: dict[str, Sequence[str]] = {"wort": [word[:FOUND_BY] for word in words[:WORDS]]}
    fields |= {"turn": [viewed.drehen]} if viewed.drehen else {}
    path = f"{API}/documents/{found.document}/parts/{part.part}/pages/{viewed.seite}/marks.svg"
    return f"{path}?{urlencode(fields, doseq=True)}"


def _source(found: Record, part: Part, viewed: Viewed) -> str:
    fields = {"w": CLOSE if viewed.gross else USUAL} | ({"turn": viewed.drehen} if viewed.drehen else {})
    path = f"{API}/documents/{found.document}/parts/{part.part}/pages/{viewed.seite}.webp"
    return f"{path}?{urlencode(fields)}"


def _address(address: str, viewed: Viewed) -> str:
    fields = {"teil": viewed.teil, "drehen": viewed.drehen, "gross": viewed.gross, "ansicht": viewed.ansicht}
    fields |= {"treffer": viewed.treffer}
    fields |= {"seite": str(viewed.seite)} if viewed.seite > 1 else {}
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address
