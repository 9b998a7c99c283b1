"""Files for whoever knows a number, a subject, a street or a sender: asked of the index, with the viewer's rights."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from email.utils import parseaddr
from itertools import islice

from msgspec import Struct

from services.core.model.record import Record
from services.core.plan.file_numbers import Template, normalised
from services.core.ports.entries import Filters, Hit, Match, Query, Term, Viewer
from services.filing.existing import ExistingFile, files_at, subject_of
from services.runtime.context.service import Context

OFFERED = 8
"""Files that are offered at once: as many as are read at a glance."""
_HITS = 40
"""Documents that are looked at for their files; many lie in the same one."""
_WORDS, _CHARACTERS = 8, 60
_BEGINNING = 3
"""Letters from which the last word may still be being typed."""
_WORD = re.compile(r"\w+")


class FoundFile(Struct, frozen=True, kw_only=True):
    """A file that was found, and the newest of its documents that answered; empty where the number itself did."""

    file: str
    subject: str
    """The title of the letter that opened it, where the viewer may see it."""
    document: str = ""
    title: str = ""
    sender: str = ""
    received_at: datetime | None = None


def is_number(text: str, context: Context) -> bool:
    """Whether it has the form of a file number: then it is one that exists or a slip, and no words to look for."""
    return Template(context.settings.filing.file_number).parse(text) is not None


def files_for(text: str, viewer: Viewer, context: Context) -> Sequence[FoundFile]:
    """The files that these words or this beginning of a number lead to, the likeliest first."""
    numbered = [FoundFile(file=one.file, subject=one.title) for one in _numbered(text, viewer, context)]
    known = {one.file for one in numbered}
    worded = islice(_worded(text, viewer, context, known=known), OFFERED - len(numbered))
    return [*numbered, *worded]


def last_file_of_sender(found: Record, viewer: Viewer, context: Context) -> FoundFile | None:
    """The file that the newest filed letter of the same sender lies in; None for a sender who has none yet."""
    sender = _sender_of(found)
    if not sender:
        return None
    asked = Query(
        groups=((Term(text=sender, field="sender", phrase=True),),),
        filters=Filters(states=("filed",)),
        match="exact",
        sort="newest",
        limit=OFFERED,
    )
    for hit in context.ports.index.search(asked, viewer).items:
        # A phrase is found inside of longer ones, too: only the very same sender counts.
        if hit.document != found.document and hit.files and _plain(hit.sender) == sender:
            return _found(hit, hit.files[-1], viewer, context)
    return None


def _sender_of(found: Record) -> str:
    read = found.extraction
    return _plain(read.mail.sender if read.mail else read.sender_on_page) if read else ""


def _plain(sender: str) -> str:
    """The address of a mailbox, or the name that was read off a page, as it is compared."""
    return (parseaddr(sender)[1] if "@" in sender else sender).strip().casefold()


def _numbered(text: str, viewer: Viewer, context: Context) -> Iterator[ExistingFile]:
    """Files whose number begins so: `52.10`, `52.10/1`, `52.10/17-2026`."""
    wanted = normalised(text).partition("#")[0]  # the sign of a Vorgang begins with the number of its file
    position = context.plan.by_number.get(wanted.partition("/")[0]) if wanted else None
    if position:
        begun = f"{position.code}/{wanted.partition('/')[2]}"
        yield from files_at(context, viewer, position.code, limit=OFFERED, begun=begun)


def _worded(text: str, viewer: Viewer, context: Context, *, known: AbstractSet[str]) -> Iterator[FoundFile]:
    """By their words, without those that are known already."""
    words = [word[:_CHARACTERS] for word in _WORD.findall(text)[:_WORDS]]
    # Where not all words have to be there, only those count that tell something: a 1 stands in every letter.
    telling = [word for word in words if len(word) >= _BEGINNING and word.isalpha()]
    steps: tuple[tuple[Match, list[str]], ...] = (("all", words), ("most", telling))
    for match, asked in steps:
        found = _by_file(asked, match, viewer, context) if asked else {}
        if found:
            yield from (_found(hit, file, viewer, context) for file, hit in found.items() if file not in known)
            return


def _by_file(words: Sequence[str], match: Match, viewer: Viewer, context: Context) -> dict[str, Hit]:
    """The files of the hits, in their order, each with the first hit that lies in it."""
    asked = Query(groups=_groups(words), filters=Filters(states=("filed",)), match=match, limit=_HITS, snippets=False)
    found: dict[str, Hit] = {}
    for hit in context.ports.index.search(asked, viewer).items:
        for file in hit.files:
            found.setdefault(file, hit)
    return found


def _groups(words: Sequence[str]) -> tuple[tuple[Term, ...], ...]:
    """All of the words; the last one also as the beginning of one, for it may still be being typed."""
    groups: list[tuple[Term, ...]] = [(Term(text=word),) for word in words]
    if len(words[-1]) >= _BEGINNING:
        groups[-1] = (*groups[-1], Term(text=words[-1], prefix=True))
    return tuple(groups)


def _found(hit: Hit, file: str, viewer: Viewer, context: Context) -> FoundFile:
    return FoundFile(
        file=file,
        subject=subject_of(context, file, viewer),
        document=hit.document,
        title=hit.title,
        sender=hit.sender,
        received_at=hit.received_at,
    )
