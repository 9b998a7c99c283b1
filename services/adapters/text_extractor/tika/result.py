"""What Tika answered, read as our parts: pure, and distrustful of every value."""

import operator
import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from services.adapters.text_extractor.tika import text_layer
from services.core.ports.text_extractor import ReadPart

Answer = Mapping[str, object]

MAX_NAME = 255
MAX_PROPERTY = 1_000
UNMAPPED_SHARE = 0.3
"""Share of letters without a meaning (a font that names no Unicode) from which a layer is none, and is recognised."""
BOMB_RATIO = 100
"""Characters or unpacked bytes per byte of the container: from here on too much text is no longer only too large."""

_UNKNOWN = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
# Controls, and halves of surrogate pairs, which no UTF-8 can carry.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n{3,}")

_EIGHT_BIT = re.compile(r"^text/plain; charset=((?:iso-8859|windows)-\d+)$", re.IGNORECASE)

_PROPERTIES = {
    "title": ("dc:title", "title"),
    "author": ("dc:creator", "meta:author"),
    "subject": ("dc:subject",),
    "created": ("dcterms:created",),
    "modified": ("dcterms:modified",),
    "language": ("dc:language", "Content-Language"),
    "page_count": ("xmpTPg:NPages", "meta:page-count"),
}

_EXCEPTIONS = ("container_exception", "embedded_exception")
_ARCHIVES = {
    *("application/zip", "application/x-7z-compressed", "application/x-rar-compressed", "application/x-tar"),
    *("application/gzip", "application/x-bzip2", "application/x-xz"),
}
_NEVER_TEXT = ("audio/", "video/", "image/")
_READS_NONE = frozenset({"EmptyParser", "ExecutableParser", "DWGParser"})
"""Parsers of formats whose text nobody reads: without one, or with one that only looks at what kind of file it is."""
_READS_SOURCE = frozenset({"TXTParser", "TextAndCSVParser"})
_NEVER_READ = ("audio/", "video/", "application/vnd.ms-works")
"""Where a parser finds nothing, or fails, because the format is none of its own: what is spoken, and old Works."""
_NO_WORDS = re.compile(r"(?:null|[\W\d_])*", re.IGNORECASE)
"""What stands for the missing tags of a recording."""
# What stands in the message or the class of an exception, and whose problem it then is; the first that fits.
_MEANINGS = (
    ("encrypt", "encrypted"),
    ("password", "encrypted"),
    ("zerobytefile", "empty"),
    ("zip bomb", "bomb"),
    ("memorylimit", "too_large"),
    ("no space left on device", "too_large"),  # to read it takes more room than the server has for one file
    ("unsupportedformat", "unsupported"),
    ("detached pkcs7", "unsupported"),
    ("oldwordfileformat", "unsupported"),
    ("oldexcelformat", "unsupported"),
)


class Container(Struct, frozen=True, kw_only=True):
    """What we know of the file that was sent, and how deep we follow it."""

    size: int
    """Bytes."""
    media_type: str = _UNKNOWN
    name: str = ""
    max_depth: int = 10
    max_characters: int = 10_000_000
    """Of all parts together; how many were read when Tika says that the limit was reached."""
    beyond_limit: str = "too_large"
    """The problem of a part that reached it."""


def parts(answers: Iterable[Answer], container: Container) -> list[ReadPart]:
    """The parts, container first, then depth first in the order of the original.

    Tika numbers embedded things as it meets them and lists children before their parents; resource paths collide,
    the path of numbers (`embedded_id_path`) does not. What lies deeper than `max_depth` is dropped, and the part
    it lay in says `too_deep`.
    """
    numbered = sorted(((_numbers(answer), answer) for answer in answers), key=operator.itemgetter(0))
    if any(_inflates(answer, container) for _, answer in numbered):
        container = replace(container, beyond_limit="bomb")
    places = _places(numbers for numbers, _ in numbered)
    found: dict[tuple[int, ...], ReadPart] = {}
    cut: set[tuple[int, ...]] = set()
    for numbers, answer in numbered:
        path = places[numbers]
        if len(path) > container.max_depth:
            cut.add(path[: container.max_depth])
        else:
            found.setdefault(path, _part(answer, path, container))
    return [_too_deep(part) if part.path in cut else part for part in found.values()]


def without_text(container: Container, problem: str) -> list[ReadPart]:
    """The one part of a file that could not be read at all."""
    return [ReadPart(media_type=container.media_type, name=clean_name(container.name), problem=problem)]


def clean(text: str) -> str:
    """Printable text without deserts of blank lines."""
    return _BLANK_LINES.sub("\n\n", printable(text)).strip()


def printable(text: str) -> str:
    """Text without controls; lines end in a line feed."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_name(name: str) -> str:
    """A name as one short line."""
    return " ".join(clean(name).split())[:MAX_NAME]


def media_type_of(value: str) -> str:
    """The media type without its parameters; unknown where it is none."""
    plain = value.split(";", maxsplit=1)[0].strip().lower()
    return plain if _MEDIA_TYPE.fullmatch(plain) else _UNKNOWN


def _part(answer: Answer, path: tuple[int, ...], container: Container) -> ReadPart:
    name = container.name if not path and container.name else _first(answer, "resourceName")
    text, pages = _layer(answer, clean(_reread(_tika(answer, "content"), _first(answer, "Content-Type"))))
    media_type = media_type_of(_first(answer, "Content-Type"))
    if media_type.startswith(("audio/", "video/")) and _NO_WORDS.fullmatch(text):
        text = ""
    if media_type.startswith("image/") and _parser(answer) in _READS_SOURCE:
        text = ""  # a picture that is written as a program: its numbers are no words
    problem = _problem(answer, container) or (None if text or pages else _silence(answer, media_type))
    unread = not (path or text or pages) and problem in {None, "broken"} and _is_unread(answer, media_type)
    return ReadPart(
        path=path,
        name=clean_name(name),
        media_type=media_type,
        text=text,
        properties=_properties(answer),
        page_characters=pages,
        problem="unsupported" if unread else problem,
    )


def _layer(answer: Answer, text: str) -> tuple[str, tuple[int, ...]]:
    """The text, and how much of it lies on each page of a PDF: nothing, where its layer is no text."""
    pages = tuple(int(count) for count in _values(answer, "pdf:charsPerPage") if count.isdecimal())
    if not pages:
        return text, ()
    unmapped = [int(count) for count in _values(answer, "pdf:unmappedUnicodeCharsPerPage") if count.isdecimal()]
    if sum(unmapped) > UNMAPPED_SHARE * sum(pages):
        return "", (0,) * len(pages)
    if len(unmapped) == len(pages):
        both = zip(pages, unmapped, strict=True)
        pages = tuple(0 if none > UNMAPPED_SHARE * count else count for count, none in both)
    return (text, (0,) * len(pages)) if text_layer.is_none(text) else (text_layer.mended(text), pages)


def _problem(answer: Answer, container: Container) -> str | None:
    for kind in _EXCEPTIONS:
        if trace := _tika(answer, f"EXCEPTION:{kind}"):
            return _meaning(trace)
    if _tika(answer, "EXCEPTION:write_limit_reached"):
        return container.beyond_limit
    if _tika(answer, "EXCEPTION:embedded_resource_limit_reached"):
        return "too_many_parts"
    return _inner_problem(answer)


def _inner_problem(answer: Answer) -> str | None:
    """Something inside could not be unpacked: all that matters of an archive, a trifle in a document with text."""
    trace = _tika(answer, "EXCEPTION:embedded_stream_exception")
    problem = _meaning(trace) if trace else None
    is_archive = media_type_of(_first(answer, "Content-Type")) in _ARCHIVES
    return None if problem == "broken" and not is_archive and clean(_tika(answer, "content")) else problem


def _inflates(answer: Answer, container: Container) -> bool:
    length = _first(answer, "Content-Length")
    unpacked = int(length) if length.isdecimal() and _numbers(answer) else 0
    return max(unpacked, container.max_characters) > BOMB_RATIO * container.size


def _silence(answer: Answer, media_type: str) -> str | None:
    """Nothing was read and nothing is said of it: an unknown format, or a file so broken that it is only warned of."""
    if _tika(answer, "EXCEPTION:warn") and not media_type.startswith(_NEVER_TEXT):
        return "broken"
    return "unsupported" if media_type == _UNKNOWN else None


def _is_unread(answer: Answer, media_type: str) -> bool:
    """Whether nobody reads files of this format; a picture is recognised instead, unless it is a drawing in lines."""
    parser = _parser(answer)
    if media_type.startswith("image/"):
        return parser == "DWGParser" or parser in _READS_SOURCE
    return parser in _READS_NONE or media_type.startswith(_NEVER_READ)


def _parser(answer: Answer) -> str:
    """The class that read it, the innermost one."""
    parsers = [*_values(answer, "X-TIKA:Parsed-By"), *_values(answer, "tk:Parsed-By")]
    return parsers[-1].rpartition(".")[2] if parsers else ""


def _meaning(trace: str) -> str:
    """Whose problem an exception is. Frames are left out: they name classes for encryption in any broken PDF."""
    told = "\n".join(line for line in trace.splitlines() if not line.lstrip().startswith("at ")).lower()
    return next((problem for word, problem in _MEANINGS if word in told), "broken")


def _reread(text: str, content_type: str) -> str:
    """Text that was taken for an eight-bit charset and is valid UTF-8 when read again: UTF-8 it was.

    Tika guesses so for short files inside archives; those pass us by on their way in.
    """
    guessed = _EIGHT_BIT.search(content_type)
    if guessed is None or text.isascii():
        return text
    try:
        return text.encode(guessed[1]).decode()
    except (UnicodeError, LookupError):
        return text


def _too_deep(part: ReadPart) -> ReadPart:
    return replace(part, problem=part.problem or "too_deep")


def _properties(answer: Answer) -> dict[str, str]:
    found = {ours: clean(_first(answer, *theirs))[:MAX_PROPERTY] for ours, theirs in _PROPERTIES.items()}
    return {ours: value for ours, value in found.items() if value}


def _numbers(answer: Answer) -> tuple[int, ...]:
    """Tika's numbers from the container down to this part; () is the container."""
    steps = _tika(answer, "embedded_id_path").strip("/").split("/")
    return tuple(int(step) for step in steps if step.isdecimal())


def _places(numbers: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Our path for each of Tika's: counted from 1 among brothers; a parent that is missing keeps its place."""
    places: dict[tuple[int, ...], tuple[int, ...]] = {(): ()}
    children: dict[tuple[int, ...], int] = {}
    for own in numbers:
        for length in range(1, len(own) + 1):
            path, parent = own[:length], own[: length - 1]
            if path not in places:
                children[parent] = children.get(parent, 0) + 1
                places[path] = (*places[parent], children[parent])
    return places


def _tika(answer: Answer, key: str) -> str:
    """A value of Tika's own: `X-TIKA:` in 3.x, `tk:` from 4.0 on."""
    return _first(answer, f"X-TIKA:{key}", f"tk:{key}")


def _first(answer: Answer, *keys: str) -> str:
    return next((value for key in keys for value in _values(answer, key) if value), "")


def _values(answer: Answer, key: str) -> Iterator[str]:
    """All values of a key; Tika gives one as a string, several as a list."""
    value = answer.get(key)
    yield from (str(one) for one in (value if isinstance(value, list) else [value]) if one is not None)
