"""The clients of a Kafka log, thin: vendor errors are told apart by their flags, never by codes, and none leaves."""

import logging
from collections.abc import Iterable, Sequence
from time import monotonic, sleep

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka._types import HeadersType

from services.adapters.event_log.kafka import library
from services.adapters.event_log.kafka.entrance import forbids
from services.adapters.event_log.kafka.group.assignment import Assignment
from services.adapters.event_log.kafka.group.partition import Partition
from services.adapters.event_log.kafka.group.silence import PAUSE, LogPartition, Silence
from services.adapters.event_log.kafka.options import Options
from services.adapters.event_log.kafka.outbox import SLICE, Bundle
from services.core.errors import NotPermitted, TryLater
from services.core.messages.envelope import Message

_log = logging.getLogger(__name__)


class IdempotentProducer:
    """`Sender` by a producer whose retries neither double nor reorder."""

    def __init__(self, options: Options, prefix: str) -> None:
        self.broken = False
        self._prefix = prefix
        self._silence = Silence()
        self._producer = Producer({**options, "error_cb": self._on_error}, logger=_log)

    def send(self, message: Message, bundle: Bundle) -> bool:
        topic = self._prefix + message.topic
        headers: HeadersType = [*message.headers]
        try:
            self._producer.produce(
                topic, message.value or None, message.key, headers=headers, on_delivery=bundle.answer
            )
        except BufferError:
            return False
        except KafkaException as error:
            self._on_error(error.args[0])
            raise self.meaning(error.args[0]) from None
        return True

    def serve(self, seconds: float) -> None:
        self._producer.poll(seconds)

    def meaning(self, error: object) -> TryLater:
        if isinstance(error, KafkaError) and error.code() == KafkaError._MSG_TIMED_OUT:  # noqa: SLF001  no flag says it
            self.broken = True  # a fresh client finds a log that is back; this one may not, see LOST
        return NotPermitted() if forbids(error) else TryLater()

    def reachable(self) -> bool:
        if library.led(self._producer, 1) is None:
            self.broken = self.broken or self._silence.miss(monotonic())
            return False
        self._silence.end(())
        return True

    def close(self, seconds: float) -> None:
        self._producer.flush(seconds)
        self._producer.purge()
        self._producer.flush(SLICE)

    def _on_error(self, error: KafkaError) -> None:
        self.broken = self.broken or error.fatal()


class GroupConsumer:
    """`Wire` by a consumer of a KIP-848 group. What cannot be healed makes it leave and join anew."""

    def __init__(self, options: Options, topics: Sequence[str], *, assignment: Assignment, prefix: str) -> None:
        self._options = {**options, "error_cb": self._on_error, "on_commit": self._on_commit}
        self._topics = [prefix + topic for topic in topics]
        self._assignment = assignment
        self._prefix = prefix
        self._silence = Silence()
        self._broken = False
        self._forbidden = False
        self._answered = True
        self._consumer = self._join()

    def poll(self, wait: float) -> bool:
        if self._broken and not self._join_anew():
            sleep(wait)
            return False
        try:
            self._consumer.pause(self._at(self._silence.begin(self._assignment.flowing())))
            if self._silence.due(monotonic()):
                self._look(SLICE)
            record = self._consumer.poll(wait)
        except KafkaException as error:  # out of a callback below: what is ours is not known
            self._broken = True
            self._on_error(error.args[0])
            return False
        if record is None:  # not its truth: a record without a value is false
            return False
        if failure := record.error():
            self._on_error(failure)
        else:
            self._assignment.arrive(
                record.partition() or 0, record.offset() or 0, library.message(record, self._prefix)
            )
        return True

    def commit(self, partitions: Sequence[Partition]) -> None:
        self._answered = False
        try:
            self._consumer.commit(offsets=self._states(partitions), asynchronous=True)
        except KafkaException as error:
            self._answered = True
            self._on_error(error.args[0])

    def answered(self) -> bool:
        return self._answered

    def throttle(self, pause: Sequence[Partition], resume: Sequence[Partition]) -> None:
        again = self._silence.withhold([(each.topic, each.number) for each in resume])
        try:
            self._consumer.pause(self._states(pause))
            self._consumer.resume(self._at(again))
        except KafkaException as error:
            self._broken = True
            self._on_error(error.args[0])

    def reachable(self) -> bool:
        if self._forbidden:
            self._forbidden = False
            raise NotPermitted
        return not self._silence.doubtful or self._look(1)

    def close(self) -> None:
        library.end(self._consumer)

    def _join(self) -> Consumer:
        self._joined = monotonic()
        consumer = Consumer(self._options, logger=_log)
        consumer.subscribe(self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost)
        return consumer

    def _join_anew(self) -> bool:
        """Whether it was time to: who is sent away at once does not come back at once."""
        self._assignment.take_all()
        if monotonic() < self._joined + PAUSE:
            return False
        self._silence = Silence()
        left, self._consumer, self._broken = self._consumer, self._join(), False
        library.end(left)
        return True

    def _look(self, seconds: float) -> bool:
        led = library.led(self._consumer, seconds)
        if led is None:
            self._broken = self._broken or self._silence.miss(monotonic())
            return False
        back = self._silence.end({(topic.removeprefix(self._prefix), number) for topic, number in led})
        self._consumer.resume(self._at(self._assignment.flowing().intersection(back)))
        return True

    def _at(self, places: Iterable[LogPartition]) -> list[TopicPartition]:
        return [TopicPartition(self._prefix + topic, number) for topic, number in places]

    def _states(self, partitions: Sequence[Partition]) -> list[TopicPartition]:
        return [TopicPartition(self._prefix + each.topic, each.number, *each.state) for each in partitions]

    def _place(self, at: TopicPartition) -> LogPartition:
        return at.topic.removeprefix(self._prefix), at.partition

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        kept = library.kept(consumer, places)
        for at in kept:
            self._assignment.give(self._place(at), at.offset, at.metadata or "")
            at.offset = at.offset if at.offset >= 0 else OFFSET_BEGINNING
        consumer.incremental_assign(kept)

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        if consumer is not self._consumer:
            return
        owing = [partition for partition in self._assignment.take(map(self._place, places)) if partition.owes]
        try:
            if owing:
                consumer.commit(offsets=self._states(owing), asynchronous=False)
        except KafkaException as error:  # no settle was promised for it: the next owner repeats
            self._on_error(error.args[0])

    def _on_lost(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        if consumer is self._consumer:
            self._assignment.take(map(self._place, places))

    def _on_commit(self, error: KafkaError | None, places: list[TopicPartition]) -> None:
        self._answered = True
        if error:
            self._on_error(error)
        for at in places:
            if not error and not at.error:
                self._assignment.confirm(self._place(at), (at.offset, at.metadata or ""))

    def _on_error(self, error: KafkaError) -> None:
        self._silence.alarm()
        # What ended a consumer for good comes out of a poll under a code of its own, without the flag.
        self._broken = self._broken or error.fatal() or error.code() == KafkaError._FATAL  # noqa: SLF001
        self._forbidden = self._forbidden or forbids(error)


class TopicConsumer:
    """`Tail` by a consumer that joins no group."""

    def __init__(self, options: Options, topics: Sequence[str], *, prefix: str, patience: float) -> None:
        self._prefix = prefix
        self._silence = Silence()
        self._consumer = Consumer({**options, "error_cb": lambda _: self._silence.alarm()}, logger=_log)
        try:
            self._behind = _places(self._consumer, [prefix + topic for topic in topics], patience)
        except TryLater:
            library.end(self._consumer)
            raise
        self._places = frozenset(self._behind)
        self._consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in self._places])

    def poll(self, wait: float) -> Message | None:
        self._consumer.pause([TopicPartition(*place) for place in self._silence.begin(self._places)])
        if self._silence.due(monotonic()):
            self._look(SLICE)
        record = self._consumer.poll(wait)
        if record is None:
            return None
        if (error := record.error()) is None:
            return library.message(record, self._prefix)
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  no failure: how the client says "nothing more yet"
            self._behind.discard((record.topic() or "", record.partition() or 0))
        elif forbids(error):
            raise NotPermitted
        else:
            self._silence.alarm()
        return None

    def caught_up(self) -> bool:
        return not self._behind

    def reachable(self) -> bool:
        return not self._silence.doubtful or self._look(1)

    def close(self) -> None:
        library.end(self._consumer)

    def _look(self, seconds: float) -> bool:
        led = library.led(self._consumer, seconds)
        self._consumer.resume([TopicPartition(*place) for place in self._silence.end(led or ())])
        return led is not None


def _places(client: Consumer, topics: Sequence[str], patience: float) -> set[tuple[str, int]]:
    try:
        known = client.list_topics(timeout=patience).topics
        if any(name not in known or not known[name].partitions for name in topics):
            raise TryLater
    except KafkaException:
        raise TryLater from None
    return {(name, number) for name in topics for number in known[name].partitions}
