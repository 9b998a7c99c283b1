"""How the desk writes what machines write otherwise: kinds of files, senders, and words that are marked in a text."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup, escape

from services.core.ports.entries import Snippet
from services.runtime.translation.speaking import gettext
from services.runtime.translation.speaking import gettext_noop as _

MARKS = 200
"""Marked places of a text at most: a word that stands everywhere marks nothing."""
FOUND_WORDS, FOUND_CHARACTERS = 12, 60
"""Words of a hit that its document is opened with."""

_KINDS = {
    "application/pdf": _("PDF"),
    "message/rfc822": _("E-Mail"),
    "text/plain": _("Text"),
    "text/html": _("formatierter Text"),
    "text/rtf": _("Textdokument (RTF)"),
    "application/rtf": _("Textdokument (RTF)"),
    "text/csv": _("Tabelle (CSV)"),
    "text/calendar": _("Kalendereintrag"),
    "text/vcard": _("Visitenkarte"),
    "text/xml": _("XML"),
    "application/xml": _("XML"),
    "application/msword": _("Word-Dokument"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _("Word-Dokument"),
    "application/vnd.ms-excel": _("Excel-Tabelle"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _("Excel-Tabelle"),
    "application/vnd.ms-powerpoint": _("PowerPoint-Präsentation"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": _("PowerPoint-Präsentation"),
    "application/vnd.oasis.opendocument.text": _("Textdokument (ODT)"),
    "application/vnd.oasis.opendocument.spreadsheet": _("Tabelle (ODS)"),
    "application/vnd.oasis.opendocument.presentation": _("Präsentation (ODP)"),
    "application/zip": _("ZIP-Archiv"),
    "application/octet-stream": _("Datei"),
}
_FAMILIES = {"image": _("Bild"), "audio": _("Tonaufnahme"), "video": _("Film"), "multipart": _("mehrteilig")}
_ESCAPED = re.compile(r"\\(.)")
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(<[^<>]*>)\s*')


def kind_shown(media_type: str) -> str:
    """A media type in words; what has none stays as it is."""
    family, _, rest = media_type.partition("/")
    if family in _FAMILIES:
        letters = rest.removeprefix("x-").partition("+")[0].upper()
        said = gettext(_FAMILIES[family])
        return f"{said} ({letters})" if family == "image" and letters else said
    return gettext(_KINDS[media_type]) if media_type in _KINDS else media_type


def person_shown(address: str) -> str:
    """A mailbox without the quotes that mail needs around a name with a dot or a comma (RFC 5322 §3.4)."""
    found = _QUOTED.fullmatch(address)
    return _ESCAPED.sub(r"\1", found[1]) + " " + found[2] if found else address


def name_shown(address: str) -> str:
    """The name before an address, where a list has no room for both; the address itself where nothing stands before."""
    name = person_shown(address).partition(" <")[0].strip()
    return name or address


def words_marked(text: str, words: Sequence[str]) -> Markup:
    """The text with these words marked wherever one begins so, everything else escaped."""
    pieces, place = [], 0
    for start, end in islice(places_of(text, words), MARKS):
        pieces += [escape(text[place:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        place = end
    return Markup("").join([*pieces, escape(text[place:])])


def places_of(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where one of the words begins a word of the text, and where it ends."""
    if words:
        anyone = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))
        for found in re.finditer(rf"(?<!\w)(?:{anyone})", text, re.IGNORECASE):
            yield found.span()


def found_in(snippets: Sequence[Snippet]) -> str:
    """The words by which a document was found, as the end of its address: it is opened at them, and they are marked."""
    found = (one.text[start:end].strip()[:FOUND_CHARACTERS] for one in snippets for start, end in one.marks)
    words = dict.fromkeys(word for text in found for word in text.split())
    return f"?{urlencode({'treffer': ' '.join(islice(words, FOUND_WORDS))})}" if words else ""
