"""How much of each topic a group has not acknowledged, asked of the brokers from outside of the group.

The ends of topics are an administrator's question, the marks of a group are not. When a group finds another
coordinator (its broker has just started, or the group is asked for the first time), `list_consumer_group_offsets` of
librdkafka (2.4 to 2.16 at least, its issue 5040) looks for a consumer that an administrator's client does not have, and
the process dies. A consumer that has the name of the group, and never joins it, is told the same.
"""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as TookTooLong
from time import monotonic, sleep

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin._listoffsets import OffsetSpec

from services.adapters.event_log.kafka import library
from services.adapters.event_log.kafka.options import Options, onlooker
from services.adapters.event_log.kafka.outbox import SLICE
from services.adapters.event_log.watermark import Watermark
from services.core.errors import TryLater

PATIENCE = 5.0
"""Seconds for each answer: whoever asks looks at a page, or scrapes figures."""
Place = tuple[str, int]
_EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # the library types half of itself
_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]


class Depths:
    """Four questions to the cluster, whatever the number of topics. For many threads."""

    def __init__(self, options: Options, prefix: str) -> None:
        self._options = options
        self._client = library.administrator(options)
        self._prefix = prefix
        self._guard = threading.Lock()
        self._onlookers: dict[str, Consumer] = {}
        """One a group, kept: finding the coordinator and connecting to it takes longer than the question."""

    def of(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        """Unsettled messages by topic; TryLater when the log does not answer in time."""
        deadline = monotonic() + PATIENCE
        while True:
            try:
                return self._count(group, topics)
            except (KafkaException, TookTooLong) as error:
                if monotonic() > deadline or not _passes(error):
                    raise TryLater from None
            sleep(SLICE)

    def close(self) -> None:
        """Let go of the cluster."""
        with self._guard:
            onlookers, self._onlookers = [*self._onlookers.values()], {}
        for each in onlookers:
            library.end(each)

    def _count(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        places = self._places(topics)
        first, end = self._bounds(places, _EARLIEST), self._bounds(places, _LATEST)
        marks = self._marks(self._prefix + group, places)
        depths = dict.fromkeys(topics, 0)
        for place in places:
            mark = marks.get(place) or Watermark(first[place])
            mark.finish(0, first[place] - 1)  # what the log itself let go, nobody waits for
            depths[place[0].removeprefix(self._prefix)] += mark.open_up_to(end[place])
        return depths

    def _places(self, topics: Sequence[str]) -> list[Place]:
        library.hush(self._client)
        known = self._client.list_topics(timeout=PATIENCE).topics
        names = [self._prefix + topic for topic in topics]
        return [(name, number) for name in names if name in known for number in known[name].partitions]

    def _bounds(self, places: Iterable[Place], which: OffsetSpec) -> dict[Place, int]:
        asked = self._client.list_offsets({TopicPartition(*place): which for place in places}, request_timeout=PATIENCE)
        return {(at.topic, at.partition): found.result(PATIENCE).offset for at, found in asked.items()}

    def _marks(self, group: str, places: Iterable[Place]) -> dict[Place, Watermark]:
        kept = library.kept(self._onlooker(group), [TopicPartition(*place) for place in places])
        return {(at.topic, at.partition): _mark(at) for at in kept if at.offset >= 0}

    def _onlooker(self, group: str) -> Consumer:
        with self._guard:
            if group not in self._onlookers:
                self._onlookers[group] = Consumer(onlooker(self._options, group))
            found = self._onlookers[group]
        while found.poll(0) is not None:  # what it says of an outage, others say too; here it would pile up
            pass
        return found


def _passes(error: Exception) -> bool:
    """Whether it is over in a moment: a partition finds its leader, a group its coordinator."""
    return isinstance(error, TookTooLong) or bool(error.args[0].retriable())


def _mark(at: TopicPartition) -> Watermark:
    try:
        return Watermark.decode(at.offset, at.metadata or "")
    except ValueError:  # somebody else's note: see `assignment.py`
        return Watermark(at.offset)
