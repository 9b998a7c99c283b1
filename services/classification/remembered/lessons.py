"""What a clerk's decision teaches: one lesson a document, kept in memory within bounds, made again from the store."""

import hashlib
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.classification.remembered.index import LessonIndex, Parts, Rarities

MOST = 5_000
"""Lessons that are remembered, the newest."""
MOST_OF_ONE = 0.5
"""Share of them that one account may fill: a flood of decisions pushes nobody else's out."""
LEAST_VOTE = 0.1
"""A likeness below which a document is no neighbour: everybody says "Sehr geehrte Damen und Herren"."""
MOST_NEAR = 100
"""Neighbours of a letter, the most similar: by a plan without examples every word is rare and all letters alike."""
_HALF_LIFE_DAYS = 365.0
_SENDERS, _OF_SENDER = 20_000, 20
"""Senders whose habit is remembered, and of how many letters."""
_SECOND = 0.5
"""What a second account's letter at the same position adds, beside the most similar one. A second of the same account
adds nothing: whoever decides a hundred times says no more than once."""
MOST_AT = 5
"""Letters of one account that make a position likelier by being many, and a sender's habit surer: what more of it says
has to be said by somebody else."""

NOWHERE = ""
"""The place of letters that a clerk set aside as no record."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one document taught by the clerk's newest decision about it."""

    document: str
    decision: str
    position: str
    """`NOWHERE` where the clerk set it aside."""
    actor: str
    decided_at: datetime
    sender: str = ""
    words: Mapping[str, int] | None = None
    overruled: tuple[str, ...] = ()
    """Accounts that had put it elsewhere before this decision."""
    invoices: tuple[str, ...] = ()
    """Of a document with electronic invoices: their suppliers and orders, not readable."""
    office: str = ""
    """Of such a document: who had it when it was decided."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document that a letter is like."""

    document: str
    position: str
    likeness: float
    actor: str


@dataclass(frozen=True, slots=True)
class Influence:
    """How much one account has taught, and how much of that counts no more."""

    actor: str
    lessons: int
    """Of those that are remembered."""
    bounded: int
    """Beyond `MOST_AT` at a position, or let go because the account's share of the memory was full."""
    overruled: int
    """Documents that somebody else put elsewhere afterwards."""


class Remembered(Struct, frozen=True, array_like=True):
    """Lessons as they are kept, in the order in which they were learned."""

    lessons: list[Lesson]
    """Without their words: those are in the index."""
    index: Parts
    let_go: dict[str, int]
    """By account: how many were let go because its share of the memory was full."""


class Lessons:
    """The lessons of one process, for all its threads: letters are judged, and by others judged anew, at one time."""

    def __init__(self, rarities: Rarities) -> None:
        self._rarities = rarities
        self._known: OrderedDict[str, Lesson] = OrderedDict()
        """Without their words."""
        self._index = LessonIndex(rarities)
        self._slots: dict[int, Lesson] = {}
        self._slot_of: dict[str, int] = {}
        self._of_actor: Counter[str] = Counter()
        self._often: Counter[str] = Counter()
        self._often_told: dict[str, int] | None = None
        self._at: Counter[tuple[str, str]] = Counter()
        """By position and account."""
        self._let_go: Counter[str] = Counter()
        self._overruled: Counter[str] = Counter()
        self._by_sender: OrderedDict[str, deque[str]] = OrderedDict()
        self._digest = 0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._known)

    def all(self) -> list[Lesson]:
        """Every lesson that is remembered, without its words."""
        with self._lock:
            return list(self._known.values())

    def of(self, document: str) -> Lesson | None:
        """What is remembered of a document, with its words."""
        with self._lock:
            lesson = self._known.get(document)
            return replace(lesson, words=self._index.words(self._slot_of[document])) if lesson else None

    def remembered(self) -> Remembered:
        """All of them, to be kept."""
        with self._lock:
            slots = [self._slot_of[document] for document in self._known]
            return Remembered(list(self._known.values()), self._index.parts(slots), dict(self._let_go))

    def take(self, kept: Remembered) -> None:
        """Know what was kept, and nothing else; ValueError where it does not fit together."""
        index = LessonIndex.of(kept.index, self._rarities)
        if index.slots != len(kept.lessons) or len({one.document for one in kept.lessons}) != index.slots:
            raise ValueError
        with self._lock:
            for document in list(self._known):
                self.forget(document)
            self._index, self._slots, self._slot_of = index, {}, {}
            self._let_go = Counter(kept.let_go)
            for slot, lesson in enumerate(kept.lessons):
                self._place(lesson, slot)
                self._count(lesson)

    @property
    def digest(self) -> str:
        """Names what is known, whatever the order it was learned in."""
        return f"{self._digest:08x}"

    def learn(self, lesson: Lesson) -> None:
        """Take a lesson in, in the place of what the document taught before."""
        with self._lock:
            self.forget(lesson.document)
            if self._of_actor[lesson.actor] >= MOST * MOST_OF_ONE:
                self.forget(next(d for d, one in self._known.items() if one.actor == lesson.actor))
                self._let_go[lesson.actor] += 1
            elif len(self._known) >= MOST:
                self.forget(next(iter(self._known)))
            self._place(replace(lesson, words=None), self._index.add(lesson.words or {}))
            self._count(lesson)

    def _place(self, lesson: Lesson, slot: int) -> None:
        self._known[lesson.document] = self._slots[slot] = lesson
        self._slot_of[lesson.document] = slot

    def _count(self, lesson: Lesson) -> None:
        self._of_actor[lesson.actor] += 1
        self._at[lesson.position, lesson.actor] += 1
        self._often[lesson.position] += self._at[lesson.position, lesson.actor] <= MOST_AT
        self._often_told = None
        self._overruled.update(lesson.overruled)
        self._digest ^= _digest(lesson)
        for sender in filter(None, (lesson.sender, *lesson.invoices)):
            mine = self._by_sender.setdefault(sender, deque(maxlen=_OF_SENDER))
            mine.append(lesson.document)
            self._by_sender.move_to_end(sender)
            if len(self._by_sender) > _SENDERS:
                self._by_sender.popitem(last=False)

    def forget(self, document: str) -> None:
        """Let go of what the document taught: it was decided anew, or erased."""
        with self._lock:
            lesson = self._known.pop(document, None)
            if lesson is None:
                return
            self._of_actor[lesson.actor] -= 1
            self._often[lesson.position] -= self._at[lesson.position, lesson.actor] <= MOST_AT
            self._often_told = None
            self._at[lesson.position, lesson.actor] -= 1
            self._overruled.subtract(lesson.overruled)
            self._digest ^= _digest(lesson)
            slot = self._slot_of.pop(document)
            self._slots.pop(slot)
            self._index.drop(slot)
            if self._index.slots > 2 * MOST and self._index.slots > 4 * len(self._known):
                self._compact()

    def _compact(self) -> None:
        """Leave out what was forgotten, before the lists grow for ever."""
        slots = [self._slot_of[document] for document in self._known]
        self._index = LessonIndex.of(self._index.parts(slots), self._rarities)
        self._slots, self._slot_of = {}, {}
        for slot, lesson in enumerate(self._known.values()):
            self._slots[slot], self._slot_of[lesson.document] = lesson, slot

    def weigh_anew(self) -> None:
        """Compare by the weights that are in force now."""
        with self._lock:
            self._index.weigh_anew()

    def nearest(self, weighed: Mapping[str, float], now: datetime) -> list[Neighbour]:
        """The lessons that share words with a letter, the most similar first."""
        with self._lock:
            like = self._index.likenesses(weighed)
            found = [
                Neighbour(lesson.document, lesson.position, likeness * _freshness(lesson, now), lesson.actor)
                for slot in self._most_alike(like)
                for lesson, likeness in ((self._slots[slot], float(like[slot])),)
            ]
            near = (one for one in found if one.likeness >= LEAST_VOTE)
            return sorted(near, key=lambda one: (-one.likeness, one.document))

    def _most_alike(self, like: NDArray[np.float64]) -> list[int]:
        """The slots of what is no less like than the last of so many; all that are equally like it stay."""
        near = [slot for slot in np.flatnonzero(like >= LEAST_VOTE).tolist() if slot in self._slots]
        if len(near) <= MOST_NEAR:
            return near
        least = np.partition(like[near], -MOST_NEAR)[-MOST_NEAR]
        return [slot for slot in near if like[slot] >= least]

    def habit(self, sender: str) -> dict[str, float]:
        """How often, of one, this sender's last letters went to each position; less sure where there are few.

        One account says no more than `MOST_AT` letters for a position: whoever decides twenty is not surer than five.
        """
        with self._lock:
            known = self._of(sender)
            places: Counter[str] = Counter()
            for (position, _), times in Counter((lesson.position, lesson.actor) for lesson in known).items():
                places[position] += min(times, MOST_AT)
            return {position: times / (places.total() + 2) for position, times in places.items()}

    def office(self, invoices: str) -> str:
        """Who had most of the last invoices of a supplier, or of an order; empty where nobody had more than half."""
        with self._lock:
            offices = Counter(lesson.office for lesson in self._of(invoices) if lesson.position != NOWHERE)
            office, times = offices.most_common(1)[0] if offices else ("", 0)
            return office if 2 * times > offices.total() else ""

    def _of(self, sender: str) -> list[Lesson]:
        return [self._known[document] for document in self._by_sender.get(sender, ()) if document in self._known]

    def often(self) -> Mapping[str, int]:
        """How many lessons there are of each position, of one account at most `MOST_AT`; the same until one changes."""
        with self._lock:
            if self._often_told is None:
                self._often_told = dict(self._often)
            return self._often_told

    def at(self) -> dict[str, int]:
        """How many are remembered of each position, whoever decided."""
        with self._lock:
            return dict(Counter(lesson.position for lesson in self._known.values()))

    def influences(self) -> list[Influence]:
        """Who taught how much, the most first; who left nothing is not told."""
        with self._lock:
            beyond = Counter(self._let_go)
            for (_, actor), times in self._at.items():
                beyond[actor] += max(times - MOST_AT, 0)
            actors = {
                actor
                for actor in (*self._of_actor, *self._overruled)
                if self._of_actor[actor] or self._overruled[actor]
            }
            found = [Influence(one, self._of_actor[one], beyond[one], self._overruled[one]) for one in actors]
            return sorted(found, key=lambda one: (-one.lessons, one.actor))


def votes(neighbours: Iterable[Neighbour]) -> dict[str, tuple[float, Neighbour]]:
    """What the neighbours say for each position, from 0 to 1.5, and the most similar one there."""
    best: dict[str, tuple[float, Neighbour]] = {}
    for one in neighbours:
        there = best.get(one.position)
        if there is None:
            best[one.position] = (one.likeness, one)
        elif there[0] == there[1].likeness and one.actor != there[1].actor:
            best[one.position] = (there[0] + _SECOND * one.likeness, there[1])
    return best


def _freshness(lesson: Lesson, now: datetime) -> float:
    days = max((now - lesson.decided_at).total_seconds() / 86_400, 0.0)
    return float(0.5 ** (days / _HALF_LIFE_DAYS))


def _digest(lesson: Lesson) -> int:
    said = f"{lesson.document}/{lesson.decision}/{lesson.position}".encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:4], "big")
