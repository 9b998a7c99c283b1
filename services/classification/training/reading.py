"""What clerks decided, read for a training from the store: the newest hundred thousand documents, a few at a time.

What a process remembers of decisions (`remembered.lessons`) is bounded, for every letter is compared with it. A
training reads on: pointers name the documents, the record alone says what one teaches, and an erased one teaches
nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from services.classification.knowledge.known import REMEMBERED, Known, document_in, taught_by
from services.classification.remembered.lessons import MOST_OF_ONE, Lesson
from services.core import keys
from services.core.keys import Bucket
from services.runtime.context.service import Context

MOST = 100_000
"""Documents that a training reads, those decided about last."""
_READERS = 4
"""Threads that read: over S3 most of it is waiting."""
_AT_ONCE = 400
"""Documents that are held with all their words at one time."""


class Taught(NamedTuple):
    """What a document teaches, without its words."""

    document: str
    position: str
    """An open one of the plan in force."""
    sender: str
    """A hash; for a letter whose sender nobody knows the document itself."""
    decided_at: datetime
    actor: str
    """The account that decided."""


def decided(knowledge: Known, context: Context) -> Iterator[tuple[Taught, Mapping[str, int]]]:
    """What each document teaches and its words, the newest pointers first: every process reads the same in one order.

    One account has at most its share of `MOST`, as it has among the lessons: it speaks for nobody else.
    """
    plan, of_actor = context.plan, Counter[str]()
    for lesson in _lessons(knowledge, context):
        position = plan.place_of(lesson.position) if lesson.position else ""
        if position not in plan.open_codes or of_actor[lesson.actor] >= MOST * MOST_OF_ONE:
            continue
        of_actor[lesson.actor] += 1
        sender = lesson.sender or lesson.document
        yield Taught(lesson.document, position, sender, lesson.decided_at, lesson.actor), lesson.words or {}
        if of_actor.total() >= MOST:
            return


def decisions_since(moment: datetime, knowledge: Known) -> int:
    """How much of what is remembered was decided later."""
    return sum(lesson.decided_at > moment for lesson in knowledge.lessons.all())


def _documents(context: Context) -> list[str]:
    """Those with a pointer, each once, by its newest one."""
    tenant = context.settings.tenant
    after = keys.lessons_since(tenant, context.ports.clock.now() - REMEMBERED)
    found = list(context.ports.blobs.keys(Bucket.RECORDS, keys.lessons(tenant), after))
    return list(dict.fromkeys(map(document_in, reversed(found))))


def _lessons(knowledge: Known, context: Context) -> Iterator[Lesson]:
    """Of each document what it teaches, from memory where it is remembered, else from its record."""
    documents = _documents(context)

    def read(document: str) -> Lesson | None:
        return knowledge.lessons.of(document) or taught_by(document, context)

    with ThreadPoolExecutor(_READERS, thread_name_prefix="training") as readers:
        for first in range(0, len(documents), _AT_ONCE):
            yield from filter(None, readers.map(read, documents[first : first + _AT_ONCE]))
