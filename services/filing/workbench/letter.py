"""The letter beside the decision: its pages, and the text of each of its parts with the words that decided marked."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, islice

from markupsafe import Markup
from msgspec import Struct

from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.entries import Viewer
from services.core.protocol.pointers.threads import message_key
from services.runtime.access.visibility import known, occurrence_of, title_for
from services.runtime.context.service import Context
from services.runtime.desk.formatting import words_marked

CHARACTERS = 12_000
"""Of each part; a letter is decided by its first pages, and the page has a link to the rest."""
PARTS = 30
NAMED = 5
"""Mails of a conversation that are looked for: the one that is answered, and the newest before it."""


class Piece(Struct, frozen=True, kw_only=True):
    """One part as it is shown: its facts, and as much of its text as is read at the desk."""

    part: Part
    text: Markup
    more: bool


class Earlier(Struct, frozen=True, kw_only=True):
    """A filed mail of the same conversation."""

    document: str
    title: str
    sender: str
    received_at: datetime | None
    files: tuple[str, ...]


def conversation_of(found: Record, viewer: Viewer, context: Context) -> list[Earlier]:
    """The filed mails that this one answers, the nearest first; only those that this viewer may see.

    A mail names those before it (RFC 5322, 3.6.4), so what comes later does not stand beside an earlier one.
    """
    mail = found.extraction.mail if found.extraction else None
    if mail is None:
        return []
    named = islice(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))), NAMED)
    folders = (keys.thread(found.tenant, message_key(name)) for name in named)
    there = chain.from_iterable(islice(context.ports.blobs.keys(Bucket.RECORDS, folder), NAMED) for folder in folders)
    documents = dict.fromkeys(key.rpartition("/")[2] for key in there)
    told = (_earlier(one, viewer, context) for one in documents if one != found.document)
    return [one for one in told if one]


def _earlier(document: str, viewer: Viewer, context: Context) -> Earlier | None:
    try:
        found = known(context, viewer, document)
    except Rejected:
        return None  # not theirs, or erased
    mail, own = found.extraction.mail if found.extraction else None, occurrence_of(found, viewer)
    return Earlier(
        document=document,
        title=title_for(found, viewer),
        sender=mail.sender if mail else "",
        received_at=own.received_at if own else None,
        files=tuple(filing.file for filing in record.standing(found).filings if filing.file),
    )


def pieces_of(found: Record, words: Sequence[str]) -> list[Piece]:
    """The parts that say something, could not be read, or can be had as a file."""
    parts = found.extraction.parts if found.extraction else ()
    telling = (part for part in parts if part.text or part.problem or part.part != "0")
    return [
        Piece(part=part, text=words_marked(part.text[:CHARACTERS], words), more=len(part.text) > CHARACTERS)
        for part in islice(telling, PARTS)
    ]
