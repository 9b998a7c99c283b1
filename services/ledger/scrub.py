"""Reads every original now and then and compares it with what was stored: bits rot, disks lie, people delete.

Documents are walked in the order of their ids. Ids are hashes, so they lie evenly: after a third of the time a third of
them is due, whatever their number. A round looks at what is due since the last one, no faster than the rate that the
operator grants, and notes how far it came; whoever dies over it begins there again. It is the ledger's, because its
process is the one that every installation has exactly once, and its book is where the place is kept.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice, takewhile

from msgspec.structs import replace

from services.core import crockford, keys
from services.core.keys import Bucket
from services.core.model import record
from services.core.ports.entries import Filters, Query, Viewer
from services.core.ports.ledger_store import Scrub
from services.core.vocabulary import HIGHEST_PROTECTION
from services.runtime.access.originals import Unreadable, inspect, told
from services.runtime.context.service import Context, Finding
from services.settings import Settings

EVERY = timedelta(minutes=5)
"""Looking for the place where the last round ended costs a list of all documents, so not more often."""
ROUNDS = 20
"""A walk has at least so many, however short it is."""
LONGEST_ROUND = timedelta(minutes=1)
"""Then the round ends, whatever is due: a process that is to stop cannot wait."""
TRIES = 5
"""Rounds in which one original could not be read while the store was well; then it counts as missing."""
NOTED_EVERY = 100
SAMPLE, SAMPLE_BYTES = 20, 64 * 1024 * 1024
"""What `poststelle check` reads at most."""
_DIGITS = 6
_ALL = 32**_DIGITS


def scrub(context: Context) -> None:
    """One round: what is due, at the rate that is granted."""
    ports, tenant = context.ports, context.settings.tenant
    now = ports.clock.now()
    place = ports.ledger.scrub(tenant) or Scrub(began=now)
    pace = _Pace(int(context.settings.ledger.scrub_rate))
    due = due_until(place.began, now, context.settings.ledger.scrub_within)
    for count, document in enumerate(documents_behind(place.after, context)):
        if document >= due or pace.seconds > LONGEST_ROUND.total_seconds():
            break
        place = _looked(document, place, context, pace)
        if count % NOTED_EVERY == 0:
            _keep(place, context)
    else:
        place = _next_walk(place, now, context)
    _keep(place, context)


def every(settings: Settings) -> timedelta:
    """The time between two rounds."""
    return min(EVERY, settings.ledger.scrub_within / ROUNDS)


def due_until(began: datetime, now: datetime, within: timedelta) -> str:
    """The id before which every document is due at this moment of a walk; behind all of them at its end."""
    share = max(0.0, (now - began) / within)
    return "e" if share >= 1 else "d" + crockford.encode(int(share * _ALL), _DIGITS).lower()


def documents_behind(after: str, context: Context) -> Iterator[str]:
    """Every document with a record folder behind this one, in order."""
    prefix = keys.documents(context.settings.tenant)
    beginning = f"{prefix}{after}0" if after else ""  # "0" comes behind the slash of its own folder
    last = after
    for key in context.ports.blobs.keys(Bucket.RECORDS, prefix, beginning):
        document = key[len(prefix) :].partition("/")[0]
        if document != last:
            last = document
            yield document


def condition(context: Context) -> Finding:
    """For `poststelle check`: what is known to be damaged, a sample read now, and whether the walk keeps up."""
    ports, tenant = context.ports, context.settings.tenant
    viewer = Viewer(account="check", tenant=tenant, all_offices=True, protection=HIGHEST_PROTECTION)
    known = ports.index.search(Query(filters=Filters(problems=("damaged",)), limit=1), viewer).total
    looked, bad = _sampled(context)
    late = _behind(context)
    text = f"{looked - bad} of {looked} originals read now are what was stored, {known} are known to be damaged"
    if late:
        text += f"; {late}"
    todo = "See *Probleme* and `original_damaged` in the log; docs/operations.md says how an original is brought back."
    return not (known or bad or late), text, todo


def _sampled(context: Context) -> tuple[int, int]:
    """How many originals were read, from a random one on, and how many of them are damaged."""
    read = 0

    def passed(size_bytes: int) -> None:
        nonlocal read
        read += size_bytes

    looked = bad = 0
    start = "d" + crockford.encode(secrets.randbelow(_ALL), _DIGITS).lower()
    before = takewhile(lambda document: document <= start, documents_behind("", context))
    around = chain(documents_behind(start, context), before)
    for document in islice(around, SAMPLE):
        looked += 1
        bad += not inspect(document, context, passed)
        if read > SAMPLE_BYTES:
            break
    return looked, bad


def _behind(context: Context) -> str:
    """A sentence where the walk does not keep up with its time; empty where it does."""
    within, now = context.settings.ledger.scrub_within, context.ports.clock.now()
    place = context.ports.ledger.scrub(context.settings.tenant)
    late = place and now - place.began > 1.5 * within
    return "not all were read within ledger.scrub_within: raise ledger.scrub_rate" if late else ""


def _looked(document: str, place: Scrub, context: Context, pace: "_Pace") -> Scrub:
    """The place behind this document, or before it where it could not be read and may be another time."""
    try:
        inspect(document, context, pace.passed)
    except Unreadable:
        well = context.ports.blobs.ready()
        if not well or place.tries + 1 < TRIES:
            _keep(replace(place, tries=place.tries + well), context)
            raise
        found = record.load(context.ports.blobs, context.settings.tenant, document)
        told(context, found, "missing", again=True)
    return replace(place, after=document, tries=0)


def _next_walk(place: Scrub, now: datetime, context: Context) -> Scrub:
    """All were looked at: the next walk begins when this one's time is over, so that the cost stays even."""
    if now - place.began < context.settings.ledger.scrub_within:
        return place
    context.log.info("originals_scrubbed", began=place.began.isoformat())
    return Scrub(began=now, finished=now)


def _keep(place: Scrub, context: Context) -> None:
    context.ports.ledger.note_scrub(context.settings.tenant, place)
    context.ports.ledger.commit()


class _Pace:
    """Sleeps as long as it takes to stay below a number of bytes a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._bytes = 0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return time.monotonic() - self._began

    def passed(self, size_bytes: int) -> None:
        """So much was read."""
        self._bytes += size_bytes
        ahead = self._bytes / self._rate - self.seconds
        if ahead > 0:
            time.sleep(ahead)
