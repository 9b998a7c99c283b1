"""What the index keeps of an entry to show it: a card, packed."""

import msgspec

from services.adapters.search_index.questions.hits import LINE_CHARACTERS, READ_CHARACTERS, Card
from services.adapters.search_index.questions.occurrences import known_of
from services.core.language.german import clean
from services.core.ports.entries import Entry

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Card)


def card_of(entry: Entry) -> bytes:
    """The packed card of an entry."""
    card = Card(
        document=entry.document,
        version=entry.version,
        state=entry.state,
        complete=entry.complete,
        title=clean(entry.title[:LINE_CHARACTERS]),
        sender=clean(entry.sender[:LINE_CHARACTERS]),
        occurrences=tuple(known_of(entry)),
        problems=entry.problems,
        reason=entry.reason,
        files=entry.files,
        offices=entry.offices,
        body=clean(entry.body[:READ_CHARACTERS]),
        attachments=clean(entry.attachments[:READ_CHARACTERS]),
        protection=entry.protection,
        meant=entry.meant,
        meant_by=entry.meant_by,
        sketch=entry.sketch,
        cases=entry.cases,
    )
    return _encoder.encode(card)


def read_card(packed: bytes) -> Card:
    """The card as it was packed."""
    return _decoder.decode(packed)
