"""What narrows a search without words: state, channel, office, kind, sender, position, year and the like."""

import difflib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from services.core import catalogue
from services.core.language.senders import sender_key
from services.core.model import invoice_keys
from services.core.plan import file_numbers
from services.core.ports.entries import Field, Filters
from services.runtime.access.explanation import KINDS
from services.runtime.context.local_day import HERE

MAX_VALUES = 100

FIELDS: dict[str, tuple[Field, ...]] = {
    "betreff": ("title",),
    "subject": ("title",),
    "von": ("sender",),
    "from": ("sender",),
    "absender": ("sender",),
    "sender": ("sender",),
    "an": ("recipients",),
    "to": ("recipients",),
    "datei": ("names",),
    "name": ("names",),
    "akte": ("file",),
    "file": ("file",),
    "text": ("body", "attachments"),
}
"""German names and their English twins; a word in a field of two is in one of both. Typed, a sender is looked for by
words; as a filter of its own, which a facet's choice is, it is one address or name."""

FILTERS: dict[str, str] = {
    "status": "states",
    "state": "states",
    "kanal": "channels",
    "channel": "channels",
    "amt": "offices",
    "office": "offices",
    "grund": "reasons",
    "reason": "reasons",
    "problem": "problems",
    "vorgang": "cases",
    "case": "cases",
    "stelle": "positions",
    "position": "positions",
    "dokument": "documents",
    "document": "documents",
    "rechnung": "invoices",
    "invoice": "invoices",
    "betrag": "amounts",
    "amount": "amounts",
    "lieferant": "suppliers",
    "supplier": "suppliers",
    "art": "kinds",
    "kind": "kinds",
    "jahr": "years",
    "year": "years",
    "absender": "senders",
    "sender": "senders",
    "bearbeitung": "clerks",
    "clerk": "clerks",
    "wiedervorlage": "due",
    "due": "due",
    "seit": "received_from",
    "since": "received_from",
    "bis": "received_before",
    "until": "received_before",
}
"""German names and their English twins. `bis:` includes the day that it names."""

WHOLE_FILTERS: dict[str, Callable[[str], str]] = {
    "invoices": invoice_keys.number_key,
    "amounts": invoice_keys.typed_amount,
    "suppliers": invoice_keys.name_key,
    "senders": sender_key,
}
"""What is asked of invoices and senders, each value whole: an amount holds a comma, and so does a name."""
ATTACHED = frozenset(
    name for name, field in FILTERS.items() if field in {*WHOLE_FILTERS, "cases", "kinds", "years", "clerks", "due"}
)
"""Names that filter only with the value close behind the colon: `Betrag: 119,00` are words of a letter."""

_CODES: dict[str, dict[str, tuple[str, str]]] = {
    "states": catalogue.STATES,
    "channels": catalogue.CHANNELS,
    "reasons": catalogue.REASONS,
    "problems": catalogue.PROBLEMS,
    "kinds": {code: (text, code.replace("_", " ")) for code, text in KINDS.items()},
}
_ALSO = {"email": "mail", "e-mail": "mail", "fachverfahren": "procedure", "wartet": "held", "wartend": "held"}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_YEAR = re.compile(r"[12]\d{3}", re.ASCII)
_CASE = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")


class UnknownValue(Exception):
    """A filter's value means nothing; `nearest` is what may have been meant, or empty."""

    def __init__(self, nearest: str = "") -> None:
        super().__init__()
        self.nearest = nearest


def filters_of(found: Sequence[tuple[str, str]]) -> Filters:
    """All of these filters together: values of one name are alternatives, of a period the last one counts."""
    lists: dict[str, list[str]] = {}
    period: dict[str, datetime] = {}
    for name, value in found:
        field = FILTERS[name]
        if field.startswith("received_"):
            period[field] = _moment(value, end=field == "received_before")
        elif field in WHOLE_FILTERS:
            lists.setdefault(field, []).append(_whole(field, value))
        else:
            lists.setdefault(field, []).extend(_values(field, value))
    if any(len(values) > MAX_VALUES for values in lists.values()):
        raise UnknownValue
    chosen: dict[str, tuple[str, ...]] = {field: tuple(dict.fromkeys(values)) for field, values in lists.items()}
    return Filters(**chosen, **period)  # type: ignore[arg-type]  # names and types are those of FILTERS


def _values(field: str, value: str) -> list[str]:
    words = [word.strip() for word in value.split(",") if word.strip()]
    if not words:
        raise UnknownValue
    if field == "years" and not all(_YEAR.fullmatch(word) for word in words):
        raise UnknownValue
    read: Callable[[str], str] = {"positions": str.upper, "due": _due, "cases": _case}.get(field, str.lower)
    return [_code(_CODES[field], word) if field in _CODES else read(word) for word in words]


def _case(value: str) -> str:
    """The sign of a Vorgang as the index has it, however dashes, blanks and zeros were typed."""
    file, sign, number = file_numbers.normalised(value).rpartition("#")
    if not (file and _CASE.fullmatch(number)):
        raise UnknownValue
    return f"{file}{sign}{number.lstrip('0')}"


def _due(value: str) -> str:
    """A year, a month or a day as the index has it: `2026`, `2026-12`, `2026-12-15`."""
    typed = _GERMAN.fullmatch(value)
    day = f"{typed[3]}-{int(typed[2]):02}-{int(typed[1]):02}" if typed and typed[3] else value
    if not _ISO.fullmatch(day):
        raise UnknownValue
    return day


def _whole(field: str, value: str) -> str:
    key = WHOLE_FILTERS[field](value)
    if not key:
        raise UnknownValue
    return key


def _code(codes: dict[str, tuple[str, str]], word: str) -> str:
    lower = word.lower()
    for code, texts in codes.items():
        if lower in {code, *(text.lower() for text in texts)}:
            return code
    if _ALSO.get(lower) in codes:
        return _ALSO[lower]
    nearest = difflib.get_close_matches(lower, [*codes, *(text[0] for text in codes.values())], 1)
    raise UnknownValue(nearest[0] if nearest else "")


def _moment(value: str, *, end: bool) -> datetime:
    """The beginning of a year, month or day, or its end where that is asked for."""
    iso, german = _ISO.fullmatch(value), _GERMAN.fullmatch(value)
    if iso:
        year, month, day = (int(part) if part else 0 for part in iso.groups())
    elif german:
        day, month, year = (int(part) for part in german.groups())
        year += 2000 if year < 100 else 0  # noqa: PLR2004  # a year of two digits
    else:
        raise UnknownValue
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=HERE)
        return (_behind(first, months=not day, years=not month) if end else first).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnknownValue from error


def _behind(first: datetime, *, months: bool, years: bool) -> datetime:
    if years:
        return first.replace(year=first.year + 1)
    if months:
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=1)
