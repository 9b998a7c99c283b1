"""All partitions that one member of a group was given, and what of them is leased, waits or is crowded."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from services.adapters.event_log.kafka.group.partition import Partition
from services.adapters.event_log.watermark import Watermark
from services.core.messages.envelope import Message
from services.core.ports.event_log import Delivery

WINDOW = 4000
"""Weight of what one partition may hold, also behind keys that were deferred; then it is paused, until half is left.

It is large because librdkafka needs up to a second to begin fetching again.
"""
CROWD = 20_000
"""Weight of all partitions together; above it each has only a fortieth of the window."""


class Position(NamedTuple):
    """The mark on a delivery: where it came from. The partition knows whether it is still ours."""

    partition: Partition
    offset: int


class Assignment:
    """The partitions of one member. Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, int], Partition] = {}
        self._turn = 0

    def give(self, place: tuple[str, int], low: int, ranges: str) -> None:
        """A partition is ours now; `low` below 0 means that its group has finished nothing yet."""
        watermark = None
        if low >= 0:
            try:
                watermark = Watermark.decode(low, ranges)
            except ValueError:  # somebody else's note: what was done ahead is repeated, nothing is lost
                watermark = Watermark(low)
        self._partitions[place] = Partition(*place, watermark)

    def take(self, places: Iterable[tuple[str, int]]) -> list[Partition]:
        """These are no longer ours: their leases are void."""
        taken = [partition for place in places if (partition := self._partitions.pop(place, None))]
        for partition in taken:
            partition.owned = False
        return taken

    def take_all(self) -> list[Partition]:
        """Nothing is ours any more."""
        return self.take(list(self._partitions))

    def flowing(self) -> set[tuple[str, int]]:
        """What is ours and not paused for being crowded."""
        return {place for place, partition in self._partitions.items() if not partition.paused}

    def arrive(self, number: int, offset: int, message: Message) -> None:
        """A message came in; of a partition that is no longer ours it is somebody else's."""
        place = (message.topic, number)
        partition = self._partitions.get(place)
        if partition is None:
            return
        if partition.goes_back(offset):
            self.take([place])
            self.give(place, offset, "")
            partition = self._partitions[place]
        partition.arrive(offset, message)

    def lease(self, limit: int, now: float) -> list[Delivery]:
        """Up to `limit` messages; each call begins with another partition, so that none starves."""
        deliveries: list[Delivery] = []
        for partition in self._in_turn():
            if len(deliveries) >= limit:
                break
            for offset, message in partition.lease(limit - len(deliveries), now):
                deliveries.append(Delivery(message, Position(partition, offset)))
        return deliveries

    def finish(self, deliveries: Sequence[Delivery]) -> list[Partition]:
        """Mark as done what is still ours; the partitions concerned."""
        touched: dict[int, Partition] = {}
        for delivery in deliveries:
            partition, offset = _place(delivery)
            if partition.owned:
                partition.finish(offset, delivery.message)
            touched[id(partition)] = partition
        return list(touched.values())

    def retry_later(self, delivery: Delivery, not_before: float) -> None:
        """Lease this one again, not before that monotonic second; what is not ours any more is others' to lease."""
        partition, offset = _place(delivery)
        if partition.owned:
            partition.retry_later(offset, delivery.message, not_before)

    def confirm(self, place: tuple[str, int], state: tuple[int, str]) -> None:
        """The log has kept this state of a partition."""
        if partition := self._partitions.get(place):
            partition.committed = state

    def due(self) -> float | None:
        """When the next message that was deferred may be leased, in monotonic seconds."""
        return min(
            (partition.due for partition in self._partitions.values() if partition.due is not None), default=None
        )

    def throttle(self) -> tuple[list[Partition], list[Partition]]:
        """Partitions to pause, and to resume, by what they hold now; they count as such from here on."""
        load = sum(partition.load for partition in self._partitions.values())
        window = WINDOW if load < CROWD else WINDOW // 40
        full = [p for p in self._partitions.values() if not p.paused and p.load >= window]
        free = [p for p in self._partitions.values() if p.paused and p.load <= window // 2]
        for partition in full + free:
            partition.paused = not partition.paused
        return full, free

    def _in_turn(self) -> Iterator[Partition]:
        partitions = list(self._partitions.values())
        self._turn += 1
        start = self._turn % len(partitions) if partitions else 0
        yield from partitions[start:]
        yield from partitions[:start]


def _place(delivery: Delivery) -> Position:
    if not isinstance(delivery.token, Position):
        raise TypeError("a delivery of another log")
    return delivery.token
