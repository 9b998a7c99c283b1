"""What one member of a group holds of one partition: messages that wait, key by key, leases, and which are done."""

from collections import deque
from heapq import heappop, heappush
from itertools import takewhile

from services.adapters.event_log.watermark import LIMIT, Watermark
from services.core.messages.envelope import Message

UNIT = 4096
"""Bytes that weigh as much as one more message."""

Waiting = tuple[int, float, Message]
"""Offset, monotonic second before which it is not leased, message."""


def weight(message: Message) -> int:
    """How much of a window the message takes: 1 for the usual reference, more for large ones."""
    return 1 + len(message.value) // UNIT


class Partition:
    """One assigned partition, from its assignment until it is taken away. Belongs to one thread at a time.

    Messages arrive in order and are leased oldest first, but none whose key has an earlier one that was deferred and is
    not due. Since the whole partition is in one member's hands, nothing of its keys can be leased elsewhere.
    """

    def __init__(self, topic: str, number: int, watermark: Watermark | None = None) -> None:
        """Without a watermark it begins at the first message that arrives."""
        self.topic = topic
        self.number = number
        self.owned = True
        self.paused = False
        self.load = 0
        """Weight of what is here and not done."""
        self.committed = self._state(watermark)
        self._watermark = watermark
        self._position = watermark.low if watermark else 0
        self._lines: dict[str, deque[Waiting]] = {}
        self._ready: list[tuple[int, str]] = []
        self._held: list[tuple[float, str]] = []
        self._leased: set[int] = set()
        self._runs = 0

    @property
    def state(self) -> tuple[int, str]:
        """What a successor needs: the low watermark (-1: nothing yet) and the ranges done ahead of it."""
        return self._state(self._watermark)

    @property
    def owes(self) -> bool:
        """Whether more is done than the log has kept."""
        return self.committed != self.state

    @property
    def due(self) -> float | None:
        """When the next message that was deferred may be leased, in monotonic seconds."""
        return self._held[0][0] if self._held else None

    def goes_back(self, offset: int) -> bool:
        """Whether the log was cut or made anew: it counts from a lower place than it did before."""
        return self._watermark is not None and offset < self._position

    def arrive(self, offset: int, message: Message) -> None:
        """Take the next message. Offsets that were skipped hold nothing (retention, control records): they are done."""
        if self._watermark is None:
            self._watermark, self._position = Watermark(offset), offset
        if offset > self._position:
            self._watermark.finish(self._position, offset - 1)
        self._position = offset + 1
        if self._watermark.is_done(offset):
            return
        self.load += weight(message)
        line = self._lines.setdefault(message.key, deque())
        line.append((offset, 0.0, message))
        if len(line) == 1:
            self._offer(line[0])

    def lease(self, limit: int, now: float) -> list[tuple[int, Message]]:
        """Up to `limit` messages; fewer where what is done ahead might outgrow its space."""
        while self._held and self._held[0][0] <= now:
            if line := self._lines.get(heappop(self._held)[1]):
                self._offer(line[0], now)
        if not self._ready:
            return []
        context = self._context()
        leased: list[tuple[int, Message]] = []
        while len(leased) < limit and (entry := self._next(now)):
            offset, _, message = entry
            if len(leased) >= context and offset != self.state[0]:
                break
            leased.append((offset, message))
            self._take(message.key, now)
        return leased

    def finish(self, offset: int, message: Message) -> None:
        """This one is done; a message that is not leased is left alone."""
        if self._watermark is None or offset not in self._leased:
            return
        self._release(offset)
        self._watermark.finish(offset)
        self.load -= weight(message)

    def retry_later(self, offset: int, message: Message, not_before: float) -> None:
        """This one waits again, at its old place; a message that is not leased is left alone."""
        if offset not in self._leased:
            return
        self._release(offset)
        line = self._lines.setdefault(message.key, deque())
        place = sum(1 for entry in takewhile(lambda entry: entry[0] < offset, line))
        line.insert(place, (offset, not_before, message))
        self._offer(line[0])

    def _offer(self, entry: Waiting, now: float = 0.0) -> None:
        """Have the first of a key considered, now or when it is due. Once too often is fine: see `_next`."""
        offset, not_before, message = entry
        if not_before > now:
            heappush(self._held, (not_before, message.key))
        else:
            heappush(self._ready, (offset, message.key))

    def _next(self, now: float) -> Waiting | None:
        """The oldest that may be leased. What is no longer the first of its key, or not due, was offered anew."""
        while self._ready:
            offset, key = self._ready[0]
            line = self._lines.get(key)
            if line and line[0][0] == offset and line[0][1] <= now:
                return line[0]
            heappop(self._ready)
        return None

    def _take(self, key: str, now: float) -> None:
        heappop(self._ready)
        line = self._lines[key]
        offset = line.popleft()[0]
        self._runs += 1 - (offset - 1 in self._leased) - (offset + 1 in self._leased)
        self._leased.add(offset)
        if line:
            self._offer(line[0], now)
        else:
            del self._lines[key]

    def _release(self, offset: int) -> None:
        self._leased.remove(offset)
        self._runs -= 1 - (offset - 1 in self._leased) - (offset + 1 in self._leased)

    def _context(self) -> int:
        """How many more may be leased so that all in flight can finish, in any order, within the encoded limit.

        A run of n leased neighbours leaves at most (n + 1) / 2 ranges; a range takes two numbers and two dots.
        """
        low, ranges = self.state
        spread, digits = self._position - low, 1
        while 36**digits <= spread:
            digits += 1
        return (LIMIT - len(ranges)) // (2 * digits + 2) - (len(self._leased) + self._runs) // 2

    @staticmethod
    def _state(watermark: Watermark | None) -> tuple[int, str]:
        return (watermark.low, watermark.encode()) if watermark else (-1, "")
