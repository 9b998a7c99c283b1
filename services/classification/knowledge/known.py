"""What one process knows, made of the plan, the examples and the store; brought up to date before each judgement.

A decision that classification hears of leaves a pointer under the moment. Every process looks for new pointers, at most
once a second, and reads the records that they name: so each knows of each decision within seconds, and a process that
starts reads them all, or begins with what another one kept (`remembered.keeping`) and reads those that came since. The
record alone says what a document teaches; an erased one teaches nothing.
"""

import hashlib
import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.classification.fusion import Offices, Scores
from services.classification.knowledge import likeness, starter
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.likeness_cache import kept
from services.classification.knowledge.model_in_force import InForce
from services.classification.knowledge.rule_book import RuleBook
from services.classification.knowledge.starter import examples_for, fingerprint
from services.classification.knowledge.words import features, of_letter
from services.classification.meaning.examples import points_of
from services.classification.meaning.nearness import Nearness
from services.classification.remembered import keeping, lessons
from services.classification.remembered.frequencies import Frequencies
from services.classification.remembered.keeping import Kept
from services.classification.remembered.lessons import NOWHERE, Lesson, Lessons
from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.invoice_keys import remembered_by
from services.core.model.record import Record
from services.core.model.record_files import Decision
from services.core.plan.file_numbers import Template, template_of
from services.core.plan.file_plan import EMPTY, FilePlan
from services.core.ports.blob_store import BlobStore
from services.runtime.context.service import Context
from services.runtime.meaning import encoder

LOOK_EVERY = timedelta(seconds=1)
OVERLAP = timedelta(minutes=2)
"""Clocks of processes differ, and a pointer takes a moment to be stored: so far back is looked again."""
REMEMBERED = timedelta(days=730)
"""Decisions of before are not read at a start."""
_PLACING = ("file", "move", "no_record")
"""Actions by which a clerk says where a document belongs."""


class Known:
    """The knowledge of one process about one tenant."""

    def __init__(self, tenant: str) -> None:
        self.likeness = Likeness({})
        self.with_examples = False
        self.lessons = Lessons(self._rarities)
        self.frequencies = Frequencies()
        self.rules = RuleBook(EMPTY)
        self.trained = InForce()
        self._offices = Offices((), {})
        self._nearness: Nearness | None = None
        self.encoder_failed = False
        """Whether a letter or an example could not be encoded since the plan came into force."""
        self._encoder_fails = False
        self._plan: FilePlan | None = None
        self._weighed_by = ""
        """Names the words of the plan by which letters are weighed."""
        self._tenant = tenant
        self._seen: set[str] = set()
        self._newest = ""
        """The newest pointer that was looked at."""
        self._looked_at: datetime | None = None
        self._lock = threading.Lock()

    def _rarities(self, words: Collection[str]) -> NDArray[np.float64]:
        return self.likeness.rarities(words)

    @property
    def version(self) -> str:
        """Names everything a judgement rests on besides the document, the registers and the plan's rules."""
        model = f"+m{self.trained.name[:8]}" if self.trained.name else ""
        meaning = f"+{encoder.VERSION}" if self._nearness else ""
        return f"{fingerprint(self._plan or EMPTY)}+{len(self.lessons)}.{self.lessons.digest}{model}{meaning}"

    def offices(self, codes: tuple[str, ...], office_of: Mapping[str, str]) -> Offices:
        """Whose these positions are; made once for a plan, and anew where another one came into force meanwhile."""
        mine = self._offices
        if mine.codes is not codes or mine.office_of is not office_of:
            mine = self._offices = Offices(codes, office_of)
        return mine

    def meaning(self, title: str, text: str, codes: tuple[str, ...]) -> Scores | None:
        """How near a letter lies to each of these positions; None where that is not to be had.

        Another thread may have taken in another plan since the letter was begun: its points are those of other
        positions, and the words alone decide about this one.
        """
        near = self._nearness
        if near is None or near.codes != codes:
            return None
        try:
            return near.says(encoder.encoded(encoder.segments(title, text)))
        except encoder.Unusable:
            self._nearness, self._encoder_fails, self.encoder_failed = None, True, True
            return None

    def refresh(self, context: Context) -> None:
        """Take in another plan, and the decisions that were heard of meanwhile. TryLater while the store is away."""
        with self._lock:
            if self._plan is not context.plan:
                meaning = context.settings.classification.meaning
                self._take_plan(context.plan, context.settings.storage.cache.expanduser(), with_meaning=meaning)
            if self._encoder_fails:
                self._encoder_fails = False
                context.log.warning("encoder_unusable")
            if self.trained.refresh(context.configuration, context.ports.blobs) and self.trained.fault:
                context.log.warning("model_unusable", code=self.trained.fault)
            now = context.ports.clock.now()
            if self._looked_at is None or not timedelta(0) <= now - self._looked_at < LOOK_EVERY:
                self._look(context, now)
                self._looked_at = now

    def _take_plan(self, plan: FilePlan, cache: Path, *, with_meaning: bool) -> None:
        examples, own = plan_texts(plan, cache)
        texts = {code: [*examples.get(code, ()), mine] for code, mine in own.items()}
        name = hashlib.sha256(msgspec.json.encode((likeness.VERSION, texts))).hexdigest()
        self._weighed_by, self.likeness = name, kept(cache, name, lambda: Likeness(texts))
        self.with_examples = bool(examples)
        self._nearness, self.encoder_failed = None, False
        if with_meaning:
            self._nearness = self._near({code: examples.get(code) or [mine] for code, mine in own.items()}, cache)
        self.lessons.weigh_anew()
        self.rules = RuleBook(plan)
        self._plan = plan

    def _near(self, texts: Mapping[str, list[str]], cache: Path) -> Nearness | None:
        """By the letters of a position, by its own text where it has none."""
        if len(texts) <= 1:
            return None  # nothing to tell apart
        try:
            points = points_of(texts, shipped=starter.folder(), cache=cache)
        except encoder.Unusable:
            self._encoder_fails = self.encoder_failed = True
            return None
        return Nearness({code: points[code] for code in self.likeness.codes})

    def remembered(self, context: Context) -> tuple[Kept, frozenset[str]] | None:
        """What is known of decisions, to be kept, and the newest pointers that it knows; None where nobody looked."""
        with self._lock:
            if self._looked_at is None:
                return None
            made_by = _made_by(context)
            said = self.lessons.remembered()
            return Kept(made_by, self._looked_at, self._newest, self._weighed_by, said), frozenset(self._seen)

    def _look(self, context: Context, now: datetime) -> None:
        if self._looked_at is None:
            self._begin(context, now)
        since = (self._looked_at - OVERLAP) if self._looked_at else now - REMEMBERED
        after = keys.lessons_since(self._tenant, since)
        found = list(context.ports.blobs.keys(Bucket.RECORDS, keys.lessons(self._tenant), after))
        fresh = [key for key in found if key not in self._seen][-2 * lessons.MOST :]
        newest_first = dict.fromkeys(map(document_in, reversed(fresh)))
        for document in reversed(newest_first):
            self._learn(context, document)
        self._newest = found[-1] if found else self._newest
        self._seen = set(found)  # what is older than the overlap is not listed again

    def _begin(self, context: Context, now: datetime) -> None:
        """With what was kept, where that can be read: then only what was decided since is read from records."""
        found = keeping.newest(context, made_by=_made_by(context), not_before=now - REMEMBERED, not_after=now + OVERLAP)
        if found is None:
            return
        try:
            self.lessons.take(found.remembered)
        except ValueError:
            return
        if found.weighed_by != self._weighed_by:
            self.lessons.weigh_anew()
        self._looked_at, self._newest = min(found.looked_at, now), found.newest

    def _learn(self, context: Context, document: str) -> None:
        lesson = taught_by(document, context)
        if lesson:
            self.lessons.learn(lesson)
        else:
            self.lessons.forget(document)


def _made_by(context: Context) -> str:
    return f"{likeness.VERSION}/{context.settings.filing.file_number}"


def plan_texts(plan: FilePlan, cache: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The letters known of each position, and what the plan itself says of every open one."""
    own = {}
    for position in plan.open_leaves:
        words = [word for rule in position.rules for word in rule.words]
        own[position.code] = " ".join((position.title, position.description, *position.keywords, *words))
    return {code: mine for code, mine in examples_for(plan, cache).items() if code in own}, own


def taught_by(document: str, context: Context) -> Lesson | None:
    """What a document teaches, by its record; one that nobody can read teaches nothing, and stops no other letter."""
    try:
        found = record.load(context.ports.blobs, context.settings.tenant, document)
    except Rejected as error:
        context.log.warning("lesson_unreadable", document=document, code=error.code)
        return None
    return lesson_of(found, template_of(context.settings.filing.file_number))


def lesson_of(found: Record, template: Template) -> Lesson | None:
    """What a record teaches: where its newest decision puts it; None where that is open, or nobody decided."""
    extraction = found.extraction
    if found.erased or not found.decisions or extraction is None:
        return None
    newest = found.decisions[-1]
    position = _place(newest, template)
    if newest.part or (position == NOWHERE and newest.action != "no_record"):
        return None
    texts = (part.text for part in extraction.parts)
    invoices = remembered_by(part.invoice for part in extraction.parts if part.invoice)
    return Lesson(
        document=found.document,
        decision=newest.decision,
        position=position,
        actor=newest.actor,
        decided_at=newest.decided_at,
        sender=sender_of(found),
        words=features(of_letter(extraction.title, texts)),
        overruled=_overruled(found, position, template),
        invoices=invoices,
        office=_had_by(found) if invoices else "",
    )


def _place(decision: Decision, template: Template) -> str:
    """The position where a decision puts a document; `NOWHERE` for one that sets it aside, or only passes it on."""
    if decision.action not in ("file", "move"):
        return NOWHERE
    parsed = template.parse(decision.file) if decision.file else None
    return decision.position or (parsed.position if parsed else NOWHERE)


def _overruled(found: Record, position: str, template: Template) -> tuple[str, ...]:
    """Accounts that had put it at another position than the newest decision, which is of somebody else, does."""
    earlier = (one for one in found.decisions[:-1] if one.action in _PLACING and one.actor != found.decisions[-1].actor)
    return tuple(sorted({one.actor for one in earlier if _place(one, template) != position}))


def _had_by(found: Record) -> str:
    """The office that had it when it was decided: whom a clerk gave it to, else whom it was put before."""
    given = next((made.office for made in reversed(found.decisions) if made.action == "assign" and made.office), "")
    return given or (found.classification.office if found.classification else "")


def sender_of(found: Record) -> str:
    """Who wrote it, not readable: a hash of the address or the letterhead's name; empty where nothing tells."""
    extraction = found.extraction
    if extraction is None:
        return ""
    written = extraction.mail.sender if extraction.mail else extraction.sender_on_page
    said = written.rpartition("<")[2].partition(">")[0].strip().lower()
    return hashlib.sha256(said.encode()).hexdigest()[:16] if said else ""


_KNOWN: WeakKeyDictionary[BlobStore, Known] = WeakKeyDictionary()
_LOCK = threading.Lock()


def known(context: Context) -> Known:
    """What this process knows, up to date; made at the first call, a second or two of work."""
    blobs = context.ports.blobs
    with _LOCK:
        mine = _KNOWN.get(blobs)
        if mine is None:
            mine = _KNOWN[blobs] = Known(context.settings.tenant)
    mine.refresh(context)
    return mine


def known_so_far(context: Context) -> Known | None:
    """The same without making it, for those who only look; None where nobody asked yet."""
    with _LOCK:
        return _KNOWN.get(context.ports.blobs)


def document_in(key: str) -> str:
    """The document that a pointer names."""
    return key.rpartition("/")[2].split("-")[1]
