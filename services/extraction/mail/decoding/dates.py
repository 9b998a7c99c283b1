"""`Date` fields as programs write them: RFC 5322, its forerunners, ISO 8601, and what German programs make of it."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LONGEST = 100
_BERLIN = (
    r"(?:w\. ?europe|mitteleuropäische|central europe(?:an)?) ?(?:standard|summer|daylight|sommer)?[ -]?(?:time|zeit)"
)
_ZONES = {
    **dict.fromkeys(("cet", "mez", "met"), "+0100"),
    **dict.fromkeys(("cest", "mesz", "mest"), "+0200"),
    **dict.fromkeys(("wez", "wet"), "+0000"),
    **dict.fromkeys(("eet", "oez"), "+0200"),
    "bst": "+0100",
    **dict.fromkeys(("eest", "oesz", "msk"), "+0300"),
}
"""Names of zones that Python takes for UTC; RFC 5322 knows none of them."""
_MONTHS = {
    "jän": "Jan",
    "mär": "Mar",
    "mrz": "Mar",
    "mae": "Mar",
    "mai": "May",
    "okt": "Oct",
    "dez": "Dec",
    **{month.lower(): month for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct")},
    "nov": "Nov",
    "dec": "Dec",
}
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_USUAL = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?([0-9]{{1,2}}) ({'|'.join(_ENGLISH)}) ((?:19|20)[0-9]{{2}})"
    r" ([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]) ([+-])([01][0-9])([0-5][0-9])(?: \([A-Z]{1,5}\))?"
)
"""As RFC 5322 §3.3 has it, and nearly every mail: the patterns for all others change nothing in it, and cost most of
what its header costs."""
_COMMENT = re.compile(r"\([^()]*\)")
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-zä]*\b\.?", re.IGNORECASE)
_DAY_NAME = re.compile(r"^\s*[A-Za-zäö]{2,10}\.?\s*,?\s+(?=\d)")
_FRACTION = re.compile(r"(:\d{2})[.,]\d{1,9}\b")
_DOTTED_TIME = re.compile(r"(?<=\s)(\d{1,2})\.(\d{2})\.(\d{2})(?=\s|$)")
_DAY_POINT = re.compile(r"^(\d{1,2})\.\s+(?=[A-Za-z])")
_OFFSET = re.compile(r"\b(?:GMT|UTC|UT)?\s?([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
_HALF = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2})?)\s*([AP])\.?M\.?(?=\s|$)", re.IGNORECASE)
_FULL_DAY, _LEAP = re.compile(r"(?<!:)\b24(:00(?::00)?)\b"), re.compile(r"(\d{1,2}:\d{2}):60\b")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4})?")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_PLACE = re.compile(r"\b([A-Z][a-z]+/[A-Z][A-Za-z_]+)$")
_YEARS, _SINCE_1900 = range(1970, 2200), range(100, 200)
"""Programs of the turn of the century wrote the years since 1900."""


def date_of(value: str) -> datetime | None:
    """When it was written, in UTC; None where it is no date. Without a zone it counts as UTC (RFC 5322 §3.3)."""
    try:
        found = _read(" ".join(value[:_LONGEST].split()))
        sent = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError, ZoneInfoNotFoundError):
        return None
    if sent.year in _SINCE_1900:
        sent = sent.replace(year=sent.year + 1900)
    return sent if sent.year in _YEARS else None


def _read(value: str) -> datetime:
    if usual := _USUAL.fullmatch(value):
        day, month, year, hour, minute, second, sign, hours, minutes = usual.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        date = int(year), _ENGLISH.index(month) + 1, int(day)
        return datetime(*date, int(hour), int(minute), int(second), tzinfo=timezone(ahead))
    plain = _plain(value)
    if german := _GERMAN.match(plain):
        day, month, year, hour, minute, second, zone = german.groups()
        return datetime.strptime(  # noqa: DTZ007  # without a zone the caller takes it for UTC
            f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}{zone or ''}",
            f"%Y-%m-%d %H:%M:%S{'%z' if zone else ''}",
        )
    if iso := _ISO.match(plain):
        return datetime.fromisoformat(f"{iso[1]}T{iso[2]}{(iso[3] or '').upper()}")
    if place := _PLACE.search(plain):
        local = parsedate_to_datetime(plain[: place.start()].strip())
        return local.replace(tzinfo=ZoneInfo(place[1]))
    later = timedelta(days=1) if _FULL_DAY.search(plain) else timedelta()
    return parsedate_to_datetime(_FULL_DAY.sub(r"00\1", plain)) + later


def _plain(value: str) -> str:
    """The value in the words that the standard knows."""
    value = _zoned(value.strip().strip('"'))
    value = _DAY_POINT.sub(r"\1 ", _DAY_NAME.sub("", value))
    value = _MONTH.sub(lambda found: _MONTHS[found[1].lower()], value)
    value = _LEAP.sub(r"\1:59", _FRACTION.sub(r"\1", _DOTTED_TIME.sub(r"\1:\2:\3", value)))
    return _HALF.sub(_of_24, value).strip()


def _zoned(value: str) -> str:
    """The value with its zone as four digits, at its end, and without comments, which may hold the only zone."""
    told = re.search(r"\((\w+)\)\s*$", value)
    value = _COMMENT.sub(" ", value).strip()
    year = re.search(r"\s([A-Za-z]{3,4})\s(\d{4})$", value)  # the program `date` writes the zone before the year
    if year and year[1].lower() in _ZONES:
        value = f"{value[: year.start()]} {year[2]} {_ZONES[year[1].lower()]}"
    value = re.sub(_BERLIN + "$", "Europe/Berlin", value, flags=re.IGNORECASE)
    name = re.search(r"\"?\b([A-Za-z]{3,4})\"?$", value)
    if name and name[1].lower() in _ZONES:
        before = value[: name.start()].rstrip()
        value = before if re.search(r"[+-]\d{4}$", before) else f"{before} {_ZONES[name[1].lower()]}"
    elif told and told[1].lower() in _ZONES and not re.search(r"[+-]\d{1,2}:?\d{0,2}$", value):
        value = f"{value} {_ZONES[told[1].lower()]}"
    return _OFFSET.sub(_four_digits, value) if re.search(r":\d{2}", value) and not _ISO.match(value) else value


def _four_digits(found: re.Match[str]) -> str:
    return f" {found[1]}{int(found[2]):02}{found[3] or '00'}"


def _of_24(found: re.Match[str]) -> str:
    hour = int(found[1]) % 12 + (12 if found[3] in "Pp" else 0)
    return f"{hour:02}{found[2]}"
