"""What was chosen in the lists of a form in Rich Text (RTF 1.9.1, "Form Fields"): no word of it stands in the text."""

import re
from collections.abc import Iterator

RTF = "application/rtf"
MOST_FIELDS = 2_000
_LIST = re.compile(rb"\\formfield\s{0,5}\{?\s{0,5}\\fftype2(?!\d)")
_FARTHEST = 20_000
"""Bytes of one list: twenty-five entries of fifty letters, each written as a code of its own, are half of it."""
_ENTRY = re.compile(rb"\{\\\*\\ffl\b ?([^{}]{0,2000})\}")
_CHOSEN, _BEGUN = re.compile(rb"\\ffres(\d{1,2})(?!\d)"), re.compile(rb"\\ffdefres(\d{1,2})(?!\d)")
_UNDECIDED = 25
"""The number that says that nothing was chosen."""
_CODE = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,5}) ?(?:\?|\\'[0-9a-fA-F]{2})?|\\[a-z]{1,32}-?\d{0,10} ?|\\([\\{}])"
)


def chosen(content: bytes) -> list[str]:
    """The entries that were chosen, or that the form begins with, in the order of its lists."""
    return [entry for entry in _entries(content) if entry]


def _entries(content: bytes) -> Iterator[str]:
    for number, found in enumerate(_LIST.finditer(content)):
        if number >= MOST_FIELDS:
            return
        until = content.find(b"\\fldrslt", found.end(), found.end() + _FARTHEST)
        field = content[found.start() : until if until >= 0 else found.end() + _FARTHEST]
        entries = _ENTRY.findall(field)
        told = [int(one[1]) for sign in (_CHOSEN, _BEGUN) if (one := sign.search(field))]
        place = next((one for one in told if one != _UNDECIDED), 0)
        yield _words(entries[place]) if place < len(entries) else ""


def _words(entry: bytes) -> str:
    """The letters behind the codes."""

    def letter(code: re.Match[str]) -> str:
        if code[1]:
            return bytes.fromhex(code[1]).decode("cp1252", "replace")
        return chr(int(code[2]) % 0x10000) if code[2] else code[3] or ""

    return _CODE.sub(letter, entry.decode("cp1252", "replace")).strip()
