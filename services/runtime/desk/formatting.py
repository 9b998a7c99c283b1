"""How the desk writes what machines write otherwise: kinds of files, senders, and words that are marked in a text."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup, escape

from services.core.ports.entries import Snippet

MARKS = 200
"""Marked places of a text at most: a word that stands everywhere marks nothing."""
FOUND_WORDS, FOUND_CHARACTERS = 12, 60
"""Words of a hit that its document is opened with."""

_KINDS = {
    "application/pdf": "PDF",
    "message/rfc822": "E-Mail",
    "text/plain": "Text",
    "text/html": "formatierter Text",
    "text/rtf": "Textdokument (RTF)",
    "application/rtf": "Textdokument (RTF)",
    "text/csv": "Tabelle (CSV)",
    "text/calendar": "Kalendereintrag",
    "text/vcard": "Visitenkarte",
    "text/xml": "XML",
    "application/xml": "XML",
    "application/msword": "Word-Dokument",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word-Dokument",
    "application/vnd.ms-excel": "Excel-Tabelle",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel-Tabelle",
    "application/vnd.ms-powerpoint": "PowerPoint-Präsentation",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint-Präsentation",
    "application/vnd.oasis.opendocument.text": "Textdokument (ODT)",
    "application/vnd.oasis.opendocument.spreadsheet": "Tabelle (ODS)",
    "application/vnd.oasis.opendocument.presentation": "Präsentation (ODP)",
    "application/zip": "ZIP-Archiv",
    "application/octet-stream": "Datei",
}
_FAMILIES = {"image": "Bild", "audio": "Tonaufnahme", "video": "Film", "multipart": "mehrteilig"}
_ESCAPED = re.compile(r"\\(.)")
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(<[^<>]*>)\s*')


def kind_shown(media_type: str) -> str:
    """A media type in words; what has none stays as it is."""
    family, _, rest = media_type.partition("/")
    if family in _FAMILIES:
        letters = rest.removeprefix("x-").partition("+")[0].upper()
        return f"{_FAMILIES[family]} ({letters})" if family == "image" and letters else _FAMILIES[family]
    return _KINDS.get(media_type, media_type)


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
