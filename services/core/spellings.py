"""One form for what is written in many: numbers in groups, amounts, dates, words that a line end or a hyphen divides.

The index takes these forms in beside the words of a text, and a question asks for them beside its own words; both go
through here, so that `DE02 1203 0000 …` and `DE0212030000…`, `1.3.26` and `1. März 2026` find each other.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, islice

MOST_FORMS = 5_000
"""Forms kept of one text: a table of a thousand rows has no more."""
DIGITS_AT_LEAST = 6
"""Digits from which groups count as one number; fewer are a page, a year, a room."""
SURE_DIGITS = 9
"""Digits from which groups in a question count as one number without a leading 0 or +."""

_LETTERS = r"[^\W\d_]"
_HYPHENS = "-\u2010\u2011"
_LONGEST_WORD = 60
"""Letters of a part of a word, digits of a group: nothing is looked for over more, so that no text is slow to read."""
_DIVIDED = re.compile(
    rf"\b{_LETTERS}{{2,{_LONGEST_WORD}}}"
    rf"(?:[{_HYPHENS}\u00ac\u00ad][ \t]{{0,4}}\n[ \t>]{{0,40}}{_LETTERS}{{2,{_LONGEST_WORD}}}){{1,3}}\b"
)
"""A word over up to three line ends, also in what a mail quotes."""
_HYPHENATED = re.compile(rf"\b{_LETTERS}{{2,{_LONGEST_WORD}}}(?:[{_HYPHENS}]{_LETTERS}{{2,{_LONGEST_WORD}}}){{1,4}}\b")
_GROUPED_IBAN = r"[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?"
_GERMAN_IBAN = r"DE\d{2}(?:[ \u00a0.-]?\d){18}"
_IBAN = re.compile(rf"\b(?:(?i:{_GERMAN_IBAN})|{_GROUPED_IBAN})\b")
"""A German one is known by its 20 digits, however they are grouped; one of elsewhere by its capitals in fours."""
_TYPED_IBAN = re.compile(rf"\b{_GROUPED_IBAN}\b", re.IGNORECASE)
"""In a question; there words of four letters may follow each other, so its check digits have to be right."""
_GERMAN_VAT = re.compile(r"\bDE(?:[ \u00a0]?[0-9]{3}){3}\b")
"""A number for turnover tax (USt-IdNr., § 27a UStG), which letters write in threes and programs in one."""
_YEAR_BEHIND = re.compile(r"(?<=[/-])(?:20)?([0-9]{2})$")
"""The year at the end of a number in groups: letters write it with four digits, and clerks type two."""
_AMOUNT = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:(?P<whole>\d{1,3}(?:[.\u00a0 ]\d{3}){1,4}|\d{1,9}),(?P<cents>\d{2}|-{1,2}|\u2013|\u2014)"
    r"|(?P<plain>\d{1,9})\.(?P<hundredths>\d{2}))(?![.,]?\d)"
)
"""As people write it in German, and as programs do in invoices."""
_THOUSANDS = re.compile(r"(?<!\d)(?<!\d[.,])\d{1,3}(?:\.\d{3}){1,3}(?![.,]?\d)")
_DAY = re.compile(r"(?<!\d)(?<!\d\.)(\d{1,2})([./-])\s?(\d{1,2})\2\s?((?:19|20)?\d{2})(?![\d/])")
_ISO_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_MONTHS = ("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
_MONTH = (
    r"jan(?:uar)?|jän(?:ner)?|feb(?:ruar)?|mär(?:z)?|mrz|maerz|apr(?:il)?|mai|juni?|juli?|aug(?:ust)?|sept?(?:ember)?"
    r"|okt(?:ober)?|nov(?:ember)?|dez(?:ember)?"
)
_SPOKEN_DAY = re.compile(rf"(?<!\d)(\d{{1,2}})\.\s?({_MONTH})\.?\s{{1,3}}((?:19|20)\d{{2}})(?!\d)", re.IGNORECASE)
_OTHER_MONTHS = {"jän": "jan", "mrz": "mär", "mae": "mär"}
_PART_DAY = re.compile(rf"(?<![\d.])(\d{{1,2}})\.\s?(?:(\d{{1,2}})\.(?!\s?\d)|({_MONTH})\b)", re.IGNORECASE)
"""A day without its year: `18.2.` and `9. Februar`, whatever stands behind the month."""
_CODE = re.compile(r"\b[A-Za-z\d]{1,20}(?:[./-][A-Za-z\d]{1,20}){1,6}\b")
"""Groups of letters and digits: the sign of a file, an order, an invoice, where it holds both.

That it does is looked at afterwards: looking ahead from every group would read a long row again and again.
"""
_CODE_SIGNS_AT_LEAST = 4
"""Letters and digits from which groups are one sign; fewer are a paper size, a door, a paragraph."""
_DIGITS = re.compile(r"\d+")
_DIVIDING_SIGNS = f"{_HYPHENS}\u00ac\u00ad"
_DIVIDING = re.compile(f"[{_DIVIDING_SIGNS}]")
_GAP = re.compile(r"[ \n]")
_REACH = 60
"""Characters around which a passage goes on behind a digit or a hyphen: more than lies between two digits of a number
(groups of letters in an IBAN, the name of a month), or between a hyphen and the word behind the line end."""
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_RUN = re.compile(
    r"(?<!\w)(?<!\d[.,])(?:\+|00)?\(?\d[\d()]{0,39}(?:(?:\s?[/-]\s?|[ \u00a0.])\(?\d[\d()]{0,39}){0,11}(?!\w)"
)
_ABROAD = re.compile(r"^(?:\+|00)49\s?(?:\(0\))?")
_LIGATURE = re.compile("[\ufb00-\U0010ffff]")
"""The presentation forms, which hold `ﬁ` and `ﬃ`, and what lies behind them."""
_AROUND = ".,;:!?()[]\"'"
_SEPARATORS = re.compile(r"[^\d]+")
_IN_IBAN = re.compile(r"[ \u00a0.-]")
_THOUSAND_DIGITS = 4
"""Digits from which a whole amount is also a number of its own: `19` for `19,00` would find every 19."""


def of_text(text: str) -> Iterator[str]:
    """The forms under which a text is found as well, numbers first, at most `MOST_FORMS`.

    Only around a digit stands a number, and around a hyphen a divided word. Most of a letter is neither, and a dozen
    patterns over all of it cost more than the rest of its entry (decision 0048).
    """
    numbers = "\n\n".join(_around(_DIGITS, text))
    divided = "\n\n".join(_around(_DIVIDING, text)) if any(map(text.__contains__, _DIVIDING_SIGNS)) else ""
    of_both = _of_numbers(numbers) if numbers else (), _of_words(divided) if divided else ()
    yield from islice(chain(*of_both, _of_ligatures(text)), MOST_FORMS)


def _around(sign: re.Pattern[str], text: str) -> Iterator[str]:
    """The passages that hold the sign, each from the beginning of a word to the end of one.

    The last sign of a passage lies `_REACH` or more before its end, so no number and no divided word goes on in the
    next. Every character is looked at a fixed number of times, however long the words are.
    """
    start = end = last = 0
    for found in sign.finditer(text):
        if found.start() > max(end, last + _REACH):
            end = _end_of_word(text, max(end, last + _REACH))
        if found.start() > max(end, last + _REACH):
            if last:
                yield text[start:end]
            start = max(text.rfind(" ", end, found.start()), text.rfind("\n", end, found.start())) + 1
        last = found.end()
    if last:
        yield text[start : _end_of_word(text, max(end, last + _REACH))]


def _end_of_word(text: str, place: int) -> int:
    found = _GAP.search(text, place)
    return found.start() if found else len(text)


def of_word(word: str) -> tuple[str, ...]:
    """What else to ask for where a person typed this word; empty where it has one form only."""
    partial = _day_of_a_year(word)
    word = word.strip(_AROUND)
    if iban := _IBAN.fullmatch(word) or _TYPED_IBAN.fullmatch(word):
        return (_iban(iban[0]),)
    if _GERMAN_VAT.fullmatch(word.upper()):
        return (_iban(word),)
    found = [_unhyphenated(word)] if _HYPHENATED.fullmatch(word) else []
    found += [*_amount(word), *filter(None, (_day(word) or partial,)), *_code(word)]
    digits = _number(word)
    if len(digits) >= DIGITS_AT_LEAST and not found:
        found += [digits, *_with_other_year(word)]
    return tuple(dict.fromkeys(found))


def days_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Where days stand in a text, and which: `20261215`, or `1215` where nobody wrote the year; in no order."""
    whole = set()
    for pattern in (_DAY, _ISO_DAY, _SPOKEN_DAY):
        for found in pattern.finditer(text):
            whole.add(found.start())
            if day := _day(found[0]):
                yield found.start(), found.end(), day.removeprefix("tag")
    for found in _PART_DAY.finditer(text):
        if found.start() not in whole and (day := _day_of_a_year(found[0])):
            yield found.start(), found.end(), day.removeprefix("tag")


def run_in_question(text: str, place: int) -> tuple[str, int] | None:
    """A number that begins here in groups with blanks between, as it was typed, and where it ends.

    Two numbers beside each other look alike; what begins with 0 or +, or is as long as no other number, is one.
    """
    for pattern in (_TYPED_IBAN, _IBAN, _GERMAN_VAT, _SPOKEN_DAY, _DAY, _PART_DAY, _AMOUNT):
        known = pattern.match(text, place)
        found = _checked(known[0]) if known and pattern is _TYPED_IBAN else known[0] if known else ""
        if re.search(r"\s", found):
            return str(found), place + len(found)
    run = _RUN.match(text, place)
    if run is None or not re.search(r"\s", run[0].strip()):
        return None
    digits = _number(run[0])
    sure = run[0].startswith(("0", "+", "(0")) or len(digits) >= SURE_DIGITS
    return (run[0].strip(), run.end()) if sure and len(digits) >= DIGITS_AT_LEAST else None


def _of_numbers(text: str) -> Iterator[str]:
    for iban in _IBAN.finditer(text):
        yield _iban(_checked(iban[0]) or iban[0])
    yield from map(_iban, _GERMAN_VAT.findall(text))
    for pattern in (_AMOUNT, _THOUSANDS):
        for amount in pattern.finditer(text):
            yield from _amount(amount[0])
    for pattern in (_DAY, _ISO_DAY, _SPOKEN_DAY):
        for day in filter(None, (_day(day[0]) for day in pattern.finditer(text))):
            yield from (day, f"tag{day[-4:]}")
    yield from filter(None, (_day_of_a_year(day[0]) for day in _PART_DAY.finditer(text)))
    for code in _CODE.finditer(text):
        yield from _code(code[0])
    for run in _RUN.finditer(text):
        yield from _beginnings(run[0])


def _of_words(text: str) -> Iterator[str]:
    for divided in _DIVIDED.finditer(text):
        yield _joined(divided[0])
    for word in _HYPHENATED.finditer(text):
        yield _unhyphenated(word[0])


def _of_ligatures(text: str) -> Iterator[str]:
    if any(unicodedata.category(letter) == "Ll" for letter in set(_LIGATURE.findall(text))):
        yield from (unicodedata.normalize("NFKC", word) for word in text.split() if _LIGATURE.search(word))


def _joined(divided: str) -> str:
    """A word without its line ends: capitals behind them are those of a compound with a hyphen, or of a new line."""
    parts: list[str] = re.findall(rf"{_LETTERS}+", divided)
    return parts[0] + "".join(part.lower() for part in parts[1:])


def _unhyphenated(word: str) -> str:
    first, *rest = re.split(rf"[{_HYPHENS}]", word)
    return first + "".join(part.lower() for part in rest)


def _iban(text: str) -> str:
    return _IN_IBAN.sub("", text).lower()


def _checked(text: str) -> str:
    """The IBAN with which the text begins, without the words behind it that look like groups: its check digits tell.

    They are right where, letters being 10 to 35, the whole turned by four signs leaves 1 of 97 (ISO 13616).
    """
    ends = [gap.start() for gap in re.finditer(r"[ \u00a0]", text)]
    for end in [len(text), *reversed(ends)]:
        iban = _iban(text[:end])
        if int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1:
            return text[:end]
    return ""


def _amount(text: str) -> tuple[str, ...]:
    """`1.234,56` as `1234euro56`: one word to every analyser, and none that anybody types; whole ones as digits too."""
    text = text.strip()
    if _THOUSANDS.fullmatch(text):
        whole, cents = _SEPARATORS.sub("", text), "00"
    elif found := _AMOUNT.fullmatch(text):
        whole, cents = _SEPARATORS.sub("", found["whole"] or found["plain"]), found["cents"] or found["hundredths"]
        cents = cents if cents.isdigit() else "00"
    else:
        return ()
    form = f"{whole}euro{cents}"
    return (form, whole) if cents == "00" and len(whole) >= _THOUSAND_DIGITS else (form,)


def _day(text: str) -> str:
    """A day in any of its spellings as `tag20260301`; two digits of a year are of this century up to 69 (POSIX)."""
    if found := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        year += 0 if year >= 100 else 2000 if year < 70 else 1900  # noqa: PLR2004  # as POSIX reads two digits
    elif found := _SPOKEN_DAY.fullmatch(text):
        named = found[2].lower()[:3]
        day, month, year = int(found[1]), _MONTHS.index(_OTHER_MONTHS.get(named, named)) + 1, int(found[3])
    else:
        return ""
    is_day = 1 <= month <= 12 and 1 <= day <= 31  # noqa: PLR2004  # as calendars have them; 52.10.02 is a position
    return f"tag{year:04}{month:02}{day:02}" if is_day else ""


def _day_of_a_year(text: str) -> str:
    """A day whose year nobody wrote, as `tag0218`: found by it, and by no other year's question."""
    found = _PART_DAY.fullmatch(text.strip())
    if not found:
        return ""
    named = (found[3] or "").lower()[:3]
    month = int(found[2]) if found[2] else _MONTHS.index(_OTHER_MONTHS.get(named, named)) + 1
    is_day = 1 <= month <= 12 and 1 <= int(found[1]) <= 31  # noqa: PLR2004  # as calendars have them
    return f"tag{month:02}{int(found[1]):02}" if is_day else ""


def _code(text: str) -> tuple[str, ...]:
    """A sign of letters and digits without its separators, and without the zeros that its numbers begin with."""
    if not _CODE.fullmatch(text):
        return ()
    groups = re.split(r"[./-]", text.lower())
    joined = "".join(groups)
    if len(joined) < _CODE_SIGNS_AT_LEAST or joined.isdigit() or joined.isalpha():
        return ()
    return tuple(dict.fromkeys((joined, "".join(_ZEROS.sub("", group) for group in groups))))


def _number(text: str) -> str:
    """The digits of a number in groups; a telephone number begins with its 0, not with the country."""
    if not _RUN.fullmatch(text.strip()):
        return ""
    return _SEPARATORS.sub("", _ABROAD.sub("0", text.strip()))


def _with_other_year(word: str) -> Iterator[str]:
    """The number with its year in four digits where it was typed in two, and the other way round."""
    year = _YEAR_BEHIND.search(word)
    if year and len(digits := _SEPARATORS.sub("", word[: year.start()])) >= DIGITS_AT_LEAST - len(year[1]):
        yield digits + (year[1] if len(year[0]) > len(year[1]) else f"20{year[1]}")


def _beginnings(run: str) -> Iterator[str]:
    """The number, and what it is without its last groups: a check digit or an extension is often left out."""
    groups = [group for group in _SEPARATORS.split(_ABROAD.sub("0", run)) if group]
    if len(groups) == 1 and groups[0] == run:  # it stands in the text as it is
        if run.startswith("0") and len(run) > _THOUSAND_DIGITS:
            yield _ZEROS.sub("", run)
        return
    for end in range(1, len(groups) + 1):
        joined = "".join(groups[:end])
        if len(joined) >= DIGITS_AT_LEAST:
            yield joined
