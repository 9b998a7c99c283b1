"""Who may have which message next: leases, pauses and the order within a key, for one topic and one group.

Pure: no threads, no clock, no database. Whatever becomes free to go is offered on a heap; what turns out not to be
free when its turn comes is dropped from the heap, because whatever frees it offers it again.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from services.adapters.event_log.sqlite.store import Placed
from services.core.messages.envelope import Message


@dataclass(slots=True, eq=False)
class Lease:
    """One message in one member's hands."""

    lane: "Lane"
    place: int
    message: Message
    member: object


@dataclass(slots=True, eq=False)
class _Line:
    """The messages of one key: a heap of those that wait, and who has the earlier ones in hand."""

    waiting: list[int] = field(default_factory=list)
    member: object = None
    out: int = 0


class Lane:
    """The unsettled messages that were loaded. Belongs to whoever holds the group's lock."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._messages: dict[int, Message] = {}
        self._lines: dict[str, _Line] = {}
        self._leases: dict[int, Lease] = {}
        self._paused: dict[int, float] = {}
        self._pauses: list[tuple[float, int]] = []
        self._free: list[int] = []
        self._own: dict[object, list[int]] = {}

    def __len__(self) -> int:
        return len(self._messages) + len(self._leases)

    def add(self, placed: Placed) -> None:
        """One more message, behind all that came before."""
        line = self._lines.setdefault(placed.message.key, _Line())
        self._messages[placed.place] = placed.message
        heappush(line.waiting, placed.place)
        self._offer(line)

    def take(self, member: object, limit: int, now: float) -> list[Lease]:
        """Lease up to `limit` messages, the oldest first."""
        self._end_pauses(now)
        taken: list[Lease] = []
        while len(taken) < limit and (place := self._next(member)) is not None:
            taken.append(self._lease(place, member))
        return taken

    def holds(self, lease: Lease) -> bool:
        """Whether the lease still stands: not acknowledged, not deferred, not given to others."""
        return self._leases.get(lease.place) is lease

    def ack(self, lease: Lease) -> None:
        """This one is done."""
        if self.holds(lease):
            self._release(lease)

    def retry_later(self, lease: Lease, due: float) -> None:
        """This one waits until then, and its key with it."""
        if self.holds(lease):
            self._paused[lease.place] = due
            heappush(self._pauses, (due, lease.place))
            self._return(lease)

    def leave(self, member: object) -> None:
        """Everything in the member's hands is free for others."""
        for lease in [lease for lease in self._leases.values() if lease.member is member]:
            self._return(lease)
        self._own.pop(member, None)

    def next_due(self) -> float | None:
        """When the next pause ends."""
        return self._pauses[0][0] if self._pauses else None

    def _end_pauses(self, now: float) -> None:
        while self._pauses and self._pauses[0][0] <= now:
            due, place = heappop(self._pauses)
            if self._paused.get(place) == due:
                del self._paused[place]
                self._offer(self._lines[self._messages[place].key])

    def _next(self, member: object) -> int | None:
        heaps = [heap for heap in (self._free, self._own.get(member, [])) if self._peek(heap, member) is not None]
        return heappop(min(heaps, key=lambda heap: heap[0])) if heaps else None

    def _peek(self, heap: list[int], member: object) -> int | None:
        while heap:
            if self._may_go(heap[0], member):
                return heap[0]
            heappop(heap)
        return None

    def _may_go(self, place: int, member: object) -> bool:
        message = self._messages.get(place)
        if message is None or place in self._paused:
            return False
        line = self._lines[message.key]
        return line.waiting[0] == place and (line.out == 0 or line.member is member)

    def _lease(self, place: int, member: object) -> Lease:
        message = self._messages.pop(place)
        line = self._lines[message.key]
        heappop(line.waiting)
        line.member, line.out = member, line.out + 1
        lease = self._leases[place] = Lease(self, place, message, member)
        self._offer(line)
        return lease

    def _return(self, lease: Lease) -> None:
        self._messages[lease.place] = lease.message
        heappush(self._lines[lease.message.key].waiting, lease.place)
        self._release(lease)

    def _release(self, lease: Lease) -> None:
        del self._leases[lease.place]
        line = self._lines[lease.message.key]
        line.out -= 1
        if line.out == 0:
            line.member = None
        if line.out == 0 and not line.waiting:
            del self._lines[lease.message.key]
        else:
            self._offer(line)

    def _offer(self, line: _Line) -> None:
        if line.waiting and line.waiting[0] not in self._paused:
            heap = self._own.setdefault(line.member, []) if line.out else self._free
            heappush(heap, line.waiting[0])
