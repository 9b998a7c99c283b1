"""The log as lists, with groups that know leases, zombies and repeats."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast

from services.core.messages import topics as pipeline
from services.core.messages.envelope import Event, Message, encode
from services.core.ports.event_log import Delivery
from tests.fakes.gate import Gate, Open

TopicPosition = tuple[str, int]
_working_on = lru_cache(pipeline.working_on)
"""Asked for every topic at each trimming."""


@dataclass(slots=True)
class Group:
    """What a group acknowledged, and who holds what."""

    name: str
    topics: tuple[str, ...]
    done: set[TopicPosition] = field(default_factory=set)
    low: dict[str, int] = field(default_factory=dict)
    leased: dict[TopicPosition, "MemoryReader"] = field(default_factory=dict)
    retry_later: dict[TopicPosition, float] = field(default_factory=dict)
    forgotten: dict[str, int] = field(default_factory=dict)
    """What `done` holds nothing before any more."""

    def forget(self, topic: str, before: int) -> None:
        """Places that trimming took away: whoever waited for one waits no more."""
        self.low[topic] = max(self.low.get(topic, 0), before)
        if self.forgotten.get(topic, 0) == before:
            return
        self.forgotten[topic] = before
        self.done = {place for place in self.done if place[0] != topic or place[1] >= before}


class MemoryEventLog:
    """Messages and acknowledged marks are the disk that outlives a crash; leases are not."""

    def __init__(self, gate: Gate | None = None, chance: random.Random | None = None) -> None:
        self._gate = gate or Open()
        self.chance = chance
        self.topics: dict[str, list[Message]] = {}
        """Everything that was ever written."""
        self.first: dict[str, int] = {}
        """The oldest place of each topic that trimming has left."""
        self._written: dict[str, list[datetime]] = {}
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.groups: dict[str, Group] = {}
        self.time = 0.0
        """Seconds, moved by whoever owns the test's time."""
        self.on_change: Callable[[Iterable[str], str | None], None] = lambda _topics, _group: None
        """Told of topics on which there may be something new to read, for one group alone where it is named."""

    def publish(self, *events: Event) -> None:
        self._gate.before("log.publish")
        self.append(events)
        self._gate.after("log.publish")

    def append(self, events: Sequence[Event]) -> None:
        """Durable, without passing the gate."""
        for event in events:
            message = encode(event)
            self.topics.setdefault(message.topic, []).append(message)
            self._written.setdefault(message.topic, []).append(self.clock())
        self.on_change({event.topic for event in events}, None)

    def ensure_topics(self, names: Sequence[str]) -> None:
        """Topics come into being by themselves."""

    def reader(self, group: str, topics: Sequence[str]) -> "MemoryReader":
        there = self.groups.setdefault(group, Group(group, tuple(topics)))
        there.topics = tuple(dict.fromkeys((*there.topics, *topics)))
        for topic in topics:
            there.low.setdefault(topic, self.first.get(topic, 0))
        return MemoryReader(self, there, self._gate)

    def follow(self, topics: Sequence[str]) -> "MemoryFollower":
        return MemoryFollower(self, topics)

    def trim(self, before: datetime) -> int:
        """Topic after topic: who dies over it has trimmed some of them."""
        trimmed = 0
        for topic in list(self.topics):
            self._gate.before("log.trim")
            first = self.first.get(topic, 0)
            end = self.not_awaited(topic)
            while first < end and self._written[topic][first] < before:
                first += 1
            trimmed += first - self.first.get(topic, 0)
            self.first[topic] = first
            for group in self.groups.values():
                group.forget(topic, first)
        return trimmed

    def not_awaited(self, topic: str) -> int:
        """The first place that somebody waits for, who may not have come yet."""
        if not self.groups.keys() >= _working_on(topic):
            return 0
        lows = [group.low.get(topic, 0) for group in self.groups.values() if topic in group.topics]
        return min([len(self.topics[topic]) - 1, *lows])

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to let go of."""

    def backlog(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        done = self.groups[group].done if group in self.groups else set()
        return {topic: self._left(topic) - sum(place[0] == topic for place in done) for topic in topics}

    def unacked(self) -> int:
        """Messages that some group has not acknowledged."""
        groups = self.groups.values()
        return sum(self._left(topic) for group in groups for topic in group.topics) - sum(len(g.done) for g in groups)

    def waits(self, group: str) -> bool:
        """Whether there is anything that a group has not acknowledged, in hand or put back or still unread."""
        known = self.groups.get(group)
        if known is None:
            return True
        low, topics = known.low, self.topics
        return any(topic in topics and low.get(topic, 0) < len(topics[topic]) for topic in known.topics)

    def _left(self, topic: str) -> int:
        return len(self.topics.get(topic, ())) - self.first.get(topic, 0)

    def earliest_pause(self) -> float | None:
        """When the next put-back message may be read again."""
        times = [at for group in self.groups.values() for at in group.retry_later.values()]
        return min(times, default=None)


class MemoryReader:
    """One member of a group."""

    def __init__(self, log: MemoryEventLog, group: Group, gate: Gate) -> None:
        self.log = log
        self._group = group
        self.gate = gate

    def read(self, limit: int, timeout: timedelta) -> list[Delivery]:
        self.gate.before("log.read")
        found: list[Delivery] = []
        for topic in self._group.topics:
            if self._group.low.get(topic, 0) < len(self.log.topics.get(topic, ())):
                self._take(topic, limit, found)
        return found

    def ack(self, deliveries: Sequence[Delivery], publish: Sequence[Event] = ()) -> None:
        if publish:
            self.gate.before("log.ack.publish")
            self.log.append(publish)
        self.gate.before("log.ack.mark")
        for delivery in deliveries:
            self.mark(delivery)
        self.log.on_change(self._group.topics, self._group.name)
        self.gate.after("log.ack.mark")

    def retry_later(self, delivery: Delivery, pause: timedelta) -> None:
        place = _place(delivery)
        if self._group.leased.get(place) is self:
            del self._group.leased[place]
            self._group.retry_later[place] = self.log.time + pause.total_seconds()

    def close(self) -> None:
        self.lose_leases()

    def lose_leases(self) -> None:
        """What the broker does to a member that it holds for dead: others get its deliveries."""
        for place in [p for p, holder in self._group.leased.items() if holder is self]:
            del self._group.leased[place]
        self.log.on_change(self._group.topics, self._group.name)

    def mark(self, delivery: Delivery) -> None:
        """Done, unless somebody else holds it now."""
        group, place = self._group, _place(delivery)
        if group.leased.get(place) is not self:
            return  # a zombie: somebody else holds it now, or has acknowledged it
        del group.leased[place]
        topic = place[0]
        if place[1] < self.log.first.get(topic, 0):
            return
        group.done.add(place)
        low = group.low.get(topic, 0)
        while (topic, low) in group.done:
            low += 1
        group.low[topic] = low

    def _take(self, topic: str, limit: int, found: list[Delivery]) -> None:
        group, blocked = self._group, set()
        messages = self.log.topics.get(topic, ())
        for number in range(group.low.get(topic, 0), len(messages)):
            place, message = (topic, number), messages[number]
            if place in group.done:
                continue
            holder = group.leased.get(place)
            if holder is self:
                continue  # in hand already, which keeps its key from others only
            waits = group.retry_later.get(place, 0.0) > self.log.time
            if message.key in blocked or (holder is not None) or waits or self._delayed() or len(found) >= limit:
                blocked.add(message.key)
                continue
            group.retry_later.pop(place, None)
            group.leased[place] = self
            found.append(Delivery(message=message, token=place))

    def _delayed(self) -> bool:
        chance = self.log.chance
        return chance is not None and chance.random() < 0.15


class MemoryFollower:
    """Reads whole topics from the beginning."""

    def __init__(self, log: MemoryEventLog, topics: Sequence[str]) -> None:
        self._log = log
        self._seen = dict.fromkeys(topics, 0)

    def read(self, timeout: timedelta) -> list[Message]:
        found: list[Message] = []
        for topic, seen in self._seen.items():
            found += self._log.topics.get(topic, [])[seen:]
            self._seen[topic] = len(self._log.topics.get(topic, []))
        return found

    def close(self) -> None:
        """Nothing to stop."""


def _place(delivery: Delivery) -> TopicPosition:
    return cast("TopicPosition", delivery.token)
