"""An entry as the cluster keeps it, and back again as the card of a hit."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from services.adapters.search_index.opensearch.schema import BANDS
from services.adapters.search_index.questions.conditions import FORMS
from services.adapters.search_index.questions.entry_forms import forms_of_entry
from services.adapters.search_index.questions.facets import FIELD as FACETS
from services.adapters.search_index.questions.facets import SENDERS, facet_senders, facets_of
from services.adapters.search_index.questions.hits import LINE_CHARACTERS, READ_CHARACTERS, Card
from services.adapters.search_index.questions.occurrences import known_of, owned_channels, owned_words, owned_years
from services.core.language import german
from services.core.language.sketch import bands_of
from services.core.ports.entries import Entry, Occurrence

_encoder = msgspec.json.Encoder()
_LIMITS = {"title": LINE_CHARACTERS, "sender": LINE_CHARACTERS, "body": READ_CHARACTERS, "attachments": READ_CHARACTERS}


class Line(Struct, frozen=True, array_like=True, gc=False):
    """One document of a bulk request: the action and the source, each a line."""

    rank: int
    action: bytes
    source: bytes
    whole: bool = True
    """Whether the source holds everything; else its texts were cut."""

    @property
    def size(self) -> int:
        """Bytes in the request."""
        return len(self.action) + len(self.source) + 2


def line_of(entry: Entry) -> Line:
    """Written only over a lower rank, or the same once more; a tombstone keeps no fact at all, so nothing finds it.

    An erased entry stays as a document: the engine would forget the version of one that it deleted.
    """
    name = _encoder.encode(entry.document)
    action = b'{"index":{"_id":%b,"version":%d,"version_type":"external_gte"}}' % (name, entry.rank)
    return Line(entry.rank, action, b"{}" if entry.erased else _source(entry))


def _source(entry: Entry) -> bytes:
    if len(entry.body) > READ_CHARACTERS or len(entry.attachments) > READ_CHARACTERS:
        return _encoder.encode(_parted(entry))
    if len(entry.title) > LINE_CHARACTERS or len(entry.sender) > LINE_CHARACTERS:
        return _encoder.encode(_parted(entry))
    try:
        return _encoder.encode(_with_occurrences(msgspec.structs.asdict(entry), entry))
    except UnicodeEncodeError:  # half a surrogate pair, from a broken file name or mail
        return _encoder.encode(_parted(entry))


def _parted(entry: Entry) -> dict[str, Any]:
    """Clean texts; what is longer than a list may show stands apart."""
    source = {name: _cleaned(value) for name, value in msgspec.structs.asdict(entry).items()}
    source = _with_occurrences(source, entry)
    for name, limit in _LIMITS.items():
        text = source[name]
        if len(text) > limit:
            cut = text.rfind(" ", limit // 2, limit) + 1 or limit
            source[name], source[f"{name}_rest"] = text[:cut], text[cut:]
    return source


def _with_occurrences(source: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """With what each office knows of an arrival: words to find it by, and `known` for the card."""
    names = [german.clean(name) for name in owned_words(entry)]
    told = {"occurrences": names, "channels": owned_channels(entry), "known": known_of(entry)}
    told |= {"years": owned_years(entry), SENDERS: facet_senders(entry), FACETS: facets_of(entry)}
    told |= {BANDS: bands_of(entry.sketch)}
    return source | told | {FORMS: list(forms_of_entry(entry))}


def _cleaned(value: object) -> Any:
    if isinstance(value, str):
        return german.clean(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(word) if isinstance(word, str) else word for word in value)
    return value


def cut(line: Line) -> Line:
    """The line without what was parted off: of a document that is larger than any request may be."""
    source = msgspec.json.decode(line.source)
    kept = {name: value for name, value in source.items() if not name.endswith("_rest")}
    return Line(line.rank, line.action, _encoder.encode(kept), whole=False)


class Source(Struct, frozen=True):
    """What is fetched of a document for a list."""

    document: str
    version: int
    state: str
    complete: bool
    title: str
    sender: str
    known: tuple[Occurrence, ...]
    received_at: datetime | None
    problems: tuple[str, ...]
    reason: str
    files: tuple[str, ...]
    offices: tuple[str, ...]
    protection: int
    body: str = ""
    attachments: str = ""
    meant: bytes = b""
    meant_by: str = ""
    sketch: bytes = b""
    cases: tuple[str, ...] = ()


def card_of(source: Source) -> Card:
    """The card of a hit; invisible characters were found over, but are not shown."""
    facts = msgspec.structs.asdict(source)
    del facts["received_at"]
    facts["occurrences"] = facts.pop("known")
    return Card(**{**facts, **{name: german.clean(facts[name]) for name in _LIMITS}})
