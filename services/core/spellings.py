"""One form for what is written in many: numbers in groups, amounts, dates, words that a line end or a hyphen divides.

The index takes these forms in beside the words of a text, and a question asks for them beside its own words; both go
through here, so that `DE02 1203 0000 …` and `DE0212030000…`, `1.3.26` and `1. März 2026` find each other.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

MOST_FORMS = 5_000
"""Forms kept of one text: a table of a thousand rows has no more."""
DIGITS_AT_LEAST = 6
"""Digits from which groups count as one number; fewer are a page, a year, a room."""
SURE_DIGITS = 9
"""Digits from which groups in a question count as one number without a leading 0 or +."""

_HYPHENS = "-\u2010\u2011"
_DIVIDED = re.compile(rf"([^\W\d_]{{2,}})[{_HYPHENS}\u00ac]\n[ \t]*([a-zäöüß]{{2,}})")
_HYPHENATED = re.compile(rf"\b[^\W\d_]{{2,}}(?:[{_HYPHENS}][^\W\d_]{{2,}}){{1,4}}\b")
_IBAN = re.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)\b")
_AMOUNT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.\u00a0 ]\d{3})+|\d{1,9}),(\d{2}|-{1,2}|\u2014)(?![\d.,]*\d)")
_DAY = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)?\d{2})(?![\d/])")
_ISO_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_MONTHS = (
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
)
_SPOKEN_DAY = re.compile(
    rf"(?<!\d)(\d{{1,2}})\.\s?({'|'.join(_MONTHS)}|jänner|maerz)\s+((?:19|20)\d{{2}})", re.IGNORECASE
)
_RUN = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d[\d()]*(?:(?:[ \u00a0./-]|\s?[/-]\s?)\(?\d[\d()]*)*(?!\w)")
_ABROAD = re.compile(r"^(?:\+|00)49\s?(?:\(0\))?")
_LIGATURES = 0xFAFF
"""Code point below the presentation forms, which hold `ﬁ` and `ﬃ`."""
_MOST_GROUPS = 12
"""Groups of one number: an IBAN has nine; a longer row is a table."""
_AROUND = ".,;:!?()[]\"'"
_SEPARATORS = re.compile(r"[^\d]+")


def of_text(text: str) -> Iterator[str]:
    """The forms under which a text is found as well, in its order, at most `MOST_FORMS`."""
    yield from islice(_forms(text), MOST_FORMS)


def of_word(word: str) -> tuple[str, ...]:
    """What else to ask for where a person typed this word; empty where it has one form only."""
    word = word.strip(_AROUND)
    found = [_unhyphenated(word)] if _HYPHENATED.fullmatch(word) else []
    found += [form for form in (_amount(word), _day(word)) if form]
    digits = _number(word)
    if len(digits) >= DIGITS_AT_LEAST and not found:
        found.append(digits)
    iban = _IBAN.fullmatch(word.upper())
    return tuple(dict.fromkeys([*found, *([iban[1].replace(" ", "").lower()] if iban else [])]))


def run_in_question(text: str, place: int) -> tuple[str, int] | None:
    """A number that begins here in groups with blanks between, as it was typed, and where it ends.

    Two numbers beside each other look alike; what begins with 0 or +, or is as long as no other number, is one.
    """
    known = _IBAN.match(text.upper(), place) or _SPOKEN_DAY.match(text, place) or _DAY.match(text, place)
    run = known or _RUN.match(text, place)
    if run is None or not re.search(r"\s", run[0].strip()):
        return None
    if known:
        return text[known.start() : known.end()], known.end()
    digits = _number(run[0])
    sure = run[0].startswith(("0", "+", "(0")) or len(digits) >= SURE_DIGITS
    return (run[0].strip(), run.end()) if sure and len(digits) >= DIGITS_AT_LEAST else None


def _forms(text: str) -> Iterator[str]:
    for divided in _DIVIDED.finditer(text):
        yield divided[1] + divided[2]
    for word in _HYPHENATED.finditer(text):
        yield _unhyphenated(word[0])
    if any(unicodedata.category(letter) == "Ll" and ord(letter) > _LIGATURES for letter in set(text)):
        yield from (unicodedata.normalize("NFKC", word) for word in text.split() if _has_ligature(word))
    for iban in _IBAN.finditer(text):
        yield iban[1].replace(" ", "").lower()
    for amount in _AMOUNT.finditer(text):
        yield _amount(amount[0])
    for pattern in (_DAY, _ISO_DAY, _SPOKEN_DAY):
        yield from filter(None, (_day(day[0]) for day in pattern.finditer(text)))
    for run in _RUN.finditer(text):
        yield from _beginnings(run[0])


def _has_ligature(word: str) -> bool:
    return any(ord(letter) > _LIGATURES for letter in word)


def _unhyphenated(word: str) -> str:
    first, *rest = re.split(rf"[{_HYPHENS}]", word)
    return first + "".join(part.lower() for part in rest)


def _amount(text: str) -> str:
    """`1.234,56` as `1234euro56`: one word to every analyser, and none that anybody types."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        return ""
    cents = found[2] if found[2].isdigit() else "00"
    return f"{_SEPARATORS.sub('', found[1])}euro{cents}"


def _day(text: str) -> str:
    """A day in any of its spellings as `tag20260301`; two digits of a year are of this century up to 69 (POSIX)."""
    if found := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        year += 0 if year >= 100 else 2000 if year < 70 else 1900  # noqa: PLR2004  # as POSIX reads two digits
    elif found := _SPOKEN_DAY.fullmatch(text):
        named = found[2].lower().replace("jänner", "januar").replace("maerz", "märz")
        day, month, year = int(found[1]), _MONTHS.index(named) + 1, int(found[3])
    else:
        return ""
    is_day = 1 <= month <= 12 and 1 <= day <= 31  # noqa: PLR2004  # as calendars have them; 52.10.02 is a position
    return f"tag{year:04}{month:02}{day:02}" if is_day else ""


def _number(text: str) -> str:
    """The digits of a number in groups; a telephone number begins with its 0, not with the country."""
    if not _RUN.fullmatch(text.strip()):
        return ""
    return _SEPARATORS.sub("", _ABROAD.sub("0", text.strip()))


def _beginnings(run: str) -> Iterator[str]:
    """The number, and what it is without its last groups: a check digit or an extension is often left out."""
    groups = [group for group in _SEPARATORS.split(_ABROAD.sub("0", run)) if group]
    if len(groups) == 1 and groups[0] == run:
        return  # it stands in the text as it is
    for end in range(1, min(len(groups), _MOST_GROUPS) + 1):
        joined = "".join(groups[:end])
        if len(joined) >= DIGITS_AT_LEAST:
            yield joined
