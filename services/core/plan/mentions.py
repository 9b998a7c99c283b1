"""File numbers found in letters: how they are written, under which label, and what the scanner may have misread.

Labels after DIN 5008, both as a line of labels above a line of values and as label and value in one line. In a letter
that comes in, `Ihr Zeichen` is ours and `Unser Zeichen` is the sender's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from services.core.plan.file_numbers import FileNumber, Template, with_hyphens

Whose = Literal["ours", "theirs", "open"]

_DIGIT = r"[0-9OoIiLl|]"
_FIELDS = {
    "{position}": r"(?P<position>[0-9A-Za-z][0-9A-Za-z.,|]{0,31})",
    "{number}": rf"(?P<number>{_DIGIT}{{1,6}})",
    "{year}": rf"(?P<year>{_DIGIT}{{4}})",
}
_GAP = r"[^\S\n]?"
_CASE = rf"(?:{_GAP}#{_GAP}0{{0,5}}(?P<case>[1-9][0-9]{{0,5}})(?![^\W_]))?"
"""A Vorgang of the file."""
_WRAP = r"[^\S\n]?(?:\n[^\S\n]{0,40})?"
"""A line may break behind a separator."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "|": "1", ",": "."})
"""What recognition takes for each other."""
_ABBREVIATION = re.compile(r"^[A-Z]+\.(?=[0-9A-Z])")
"""A label that sticks to the number: `Az.52.10.02/17-2026`."""

_SIGN = r"(?:(?:gesch(?:ä|ae)fts|akten)?zeichen|zch\b\.?|az\b\.?|gz\b\.?)"
_LABEL = re.compile(
    rf"""(?<!\w)(?:
      (?P<ours>[il1|]hre?s?\s{{1,3}}{_SIGN}) | (?P<theirs>(?:unsere?s?|meine?s?)\s{{1,3}}{_SIGN})
    | (?:[il1|]hre|unsere|meine)\s{{1,3}}nachricht(?:\s{{1,3}}vom)?
    | {_SIGN} | kassenzeichen | buchungszeichen | vorgangs(?:nummer|nr\.?) | kundennummer | steuernummer
    | bezug | betreff | telefon | telefax | durchwahl | bearbeiter(?:in)? | name | datum | e-?mail
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_BESIDE_LABELS = re.compile(r"[\s:.,;/()-]*")
_QUOTED = re.compile(r"\s*[>|]")
_COLUMN = re.compile(r"\S {2,}|\S\t")
_SLACK = 3
"""Characters by which a value may stand left of its label."""
_HEAD = 33
"""A position and the blank behind it, in characters."""
_LOOK_BACK = 400
"""Characters before a number in which its line and the line of labels above are looked for."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a number stands. The first reading that exists counts; only `as_read` is worth a complaint."""

    as_read: FileNumber | None
    others: tuple[FileNumber, ...]
    """Without a label that stuck to it, and with O/0, l/1 and comma/point set right."""
    whose: Whose

    @property
    def readings(self) -> tuple[FileNumber, ...]:
        """All of them, the literal one first."""
        return (self.as_read, *self.others) if self.as_read else self.others


def mentions(template: Template, text: str, *, in_name: bool = False) -> Iterator[Mention]:
    """Every place in a text, or in a file name, where a number of the template's form may stand, in order."""
    text = with_hyphens(text)
    head, tail = _patterns(template, in_name=in_name)
    for behind in tail.finditer(text):
        before = head.search(text, max(0, behind.start() - _HEAD), behind.start())
        if before is None:
            continue
        written = before["position"], behind["number"], behind["year"]
        case = int(behind["case"]) if behind["case"] else None
        literal = _number(*written, case)
        others = [number for number in _set_right(*written, case) if number and number != literal]
        if literal or others:
            whose = "open" if in_name else _whose(text, before.start())
            yield Mention(literal, tuple(dict.fromkeys(others)), whose)


@lru_cache(maxsize=16)
def _patterns(template: Template, *, in_name: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The position with what must not stand before it, and all behind it: that begins with a slash, so it is fast."""
    first, *others = (_FIELDS.get(piece) or _separator(piece, in_name=in_name) for piece in template.pieces)
    # Not in the middle of a longer word or number; an abbreviated author behind a slash may follow (`…-2026/Mü`).
    head = re.compile(rf"(?<![^\W_])(?<!\d[./-]){first}{'' if in_name else _GAP}\Z")
    return head, re.compile(rf"{''.join(others).removeprefix(_GAP)}(?![^\W_]|/\d){_CASE}")


def _separator(piece: str, *, in_name: bool) -> str:
    if in_name:  # no file name can hold a slash
        return "".join("[/_-]" if character == "/" else re.escape(character) for character in piece)
    return _GAP + re.escape(piece) + _WRAP


def _number(position: str, number: str, year: str, case: int | None) -> FileNumber | None:
    plain = (number + year).isascii() and (number + year).isdecimal()
    return FileNumber(position.upper(), int(number), int(year), case) if plain and "," not in position else None


def _set_right(position: str, number: str, year: str, case: int | None) -> Iterator[FileNumber | None]:
    position, number, year = position.upper(), number.upper(), year.upper()
    bare = _ABBREVIATION.sub("", position)
    yield _number(bare, number, year, case)
    number, year = number.translate(_MISREAD), year.translate(_MISREAD)
    yield _number(position.translate(_MISREAD), number, year, case)
    yield _number(bare.translate(_MISREAD), number, year, case)


def _whose(text: str, start: int) -> Whose:
    lines = text[max(0, start - _LOOK_BACK) : start].split("\n")
    labels = list(_LABEL.finditer(lines[-1]))
    label = labels[-1] if labels else _label_above(lines, text, start)
    if label is None:
        return "open"
    # In a quoted letter of ours the roles are swapped: neither side is certain there.
    if _QUOTED.match(lines[-1]):
        return "open"
    return "ours" if label["ours"] else "theirs" if label["theirs"] else "open"


def _label_above(lines: list[str], text: str, start: int) -> re.Match[str] | None:
    above = next((line for line in reversed(lines[:-1]) if line.strip()), "")
    labels = list(_LABEL.finditer(above))
    if not labels or not _BESIDE_LABELS.fullmatch(_LABEL.sub("", above)):
        return None
    if len(labels) == 1 or _COLUMN.search(above):
        column = len(lines[-1]) + _SLACK
        return next((label for label in reversed(labels) if label.start() <= column), labels[0])
    # Columns were lost on the way: values count in order, where there are as many of them as labels.
    values = (lines[-1] + text[start:].partition("\n")[0]).split()
    place = len(lines[-1].split())
    return labels[place] if len(values) == len(labels) else None
