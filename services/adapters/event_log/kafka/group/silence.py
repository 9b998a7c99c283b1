"""Which partitions a consumer leaves alone after a failure, until the log says again who leads them.

A broker that has just started accepts connections a moment before it leads anything, and answers a fetch with "no
leader". librdkafka (2.5 to 2.16 at least, its issue 5280) then reads past the end of its memory, and the process dies.
So nothing is fetched from the moment a connection fails until a look at the log has found leaders.
"""

from collections.abc import Collection, Iterable

LogPartition = tuple[str, int]
"""Topic and partition."""
PAUSE = 1.0
"""Seconds between two looks for leaders."""
LOST = 20.0
"""Seconds of looks without any answer after which the client itself is doubted, and not only the log.

After an absence of a minute clients of librdkafka 2.16 were seen to know no broker any more and to connect to none, for
good, while a fresh client found the log at once.
"""


class Silence:
    """Belongs to one consumer and, like that, to one thread at a time."""

    def __init__(self) -> None:
        self.doubtful = False
        """Something failed, and no look since then has found a leader for everything."""
        self._alarmed = False
        self._silent: set[LogPartition] = set()
        self._next = 0.0
        self._unanswered: float | None = None

    def alarm(self) -> None:
        """Something failed."""
        self.doubtful = self._alarmed = True

    def begin(self, flowing: Iterable[LogPartition]) -> list[LogPartition]:
        """What has to fall silent now, of all that is being fetched: nothing without an alarm."""
        if not self._alarmed:
            return []
        self._alarmed = False
        fresh = set(flowing) - self._silent
        self._silent |= fresh
        return sorted(fresh)

    def withhold(self, places: Collection[LogPartition]) -> Collection[LogPartition]:
        """Of places that are to be fetched again, those that may be at once; the others follow with their leader."""
        if not self.doubtful:
            return places
        self._silent.update(places)
        return []

    def due(self, now: float) -> bool:
        """Whether it is time for a look, at this monotonic second; then the next one is due after the pause."""
        if not self.doubtful or now < self._next:
            return False
        self._next = now + PAUSE
        return True

    def miss(self, now: float) -> bool:
        """A look was not answered, at this monotonic second; whether the client is to be given up."""
        self._unanswered = now if self._unanswered is None else self._unanswered
        return now >= self._unanswered + LOST

    def end(self, led: Collection[LogPartition]) -> list[LogPartition]:
        """What may be fetched again, when the log knows leaders for these."""
        self._unanswered = None
        back = sorted(self._silent.intersection(led))
        self._silent.difference_update(led)
        self.doubtful = self._alarmed or bool(self._silent)
        return back
