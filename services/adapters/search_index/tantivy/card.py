"""What the index keeps of an entry to show it: a card, packed."""

from datetime import datetime

import msgspec
from msgspec import Struct

from services.adapters.search_index.tantivy.german import clean
from services.core.entries import Entry

_READ_CHARACTERS = 200_000
"""Words behind this are found, but not shown in a snippet."""
_LINE_CHARACTERS = 1_000


class Card(Struct, frozen=True, array_like=True):
    """The facts of a hit and the text that snippets are cut from."""

    document: str
    version: int
    state: str
    complete: bool
    title: str
    sender: str
    channel: str
    received_at: datetime | None
    problems: tuple[str, ...]
    reason: str
    files: tuple[str, ...]
    offices: tuple[str, ...]
    body: str
    attachments: str


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Card)


def card_of(entry: Entry) -> bytes:
    """The packed card of an entry."""
    card = Card(
        document=entry.document,
        version=entry.version,
        state=entry.state,
        complete=entry.complete,
        title=clean(entry.title[:_LINE_CHARACTERS]),
        sender=clean(entry.sender[:_LINE_CHARACTERS]),
        channel=entry.channel,
        received_at=entry.received_at,
        problems=entry.problems,
        reason=entry.reason,
        files=entry.files,
        offices=entry.offices,
        body=clean(entry.body[:_READ_CHARACTERS]),
        attachments=clean(entry.attachments[:_READ_CHARACTERS]),
    )
    return _encoder.encode(card)


def read_card(packed: bytes) -> Card:
    """The card as it was packed."""
    return _decoder.decode(packed)
