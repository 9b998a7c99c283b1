"""Which deliveries are handled together: each alone, or all of one document in one look at its record."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence

from services.core.messages import envelope, topics
from services.core.ports.event_log import Delivery
from services.runtime.context.service import Service

Bundle = list[Delivery]
Known = tuple[str, str]
"""Topic and id: an id counts on its own topic alone, or a procedure that guesses the next id of another one would make
the genuine event pass for a repeat."""
GROWTH = 12
"""Times its patience that the service waits at most for what follows: in a burst, and where copies of one document come
and come."""
CROWD = 50
"""Documents that surely get on while patience lasts once: behind more of them, what follows is waited for longer. A
look at a document that nobody has read yet costs as much as the one that counts, and makes next to nothing found."""
_MOST_BUSY = 10_000


class Bundles:
    """Gathers deliveries by document where the service coalesces; belongs to one worker.

    What passes waits in hand for what soon follows it: leased, not yet handled, so a crash brings it again.
    """

    def __init__(self, service: Service, monotonic: Callable[[], float]) -> None:
        self._coalesce, self._passing = service.coalesce, service.passing
        self._patience = service.patience.total_seconds()
        self._monotonic = monotonic
        self._held: dict[str, Bundle] = {}
        self._due: dict[str, float] = {}
        """When patience ends for what is held."""
        self._busy: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Patience for documents that were looked at when it had ended, and until when that counts."""

    def at_once(self, batch: Sequence[Delivery]) -> list[Bundle]:
        """All of the batch, each alone or all of one document together; nothing is held."""
        if not self._coalesce:
            return [[delivery] for delivery in batch]
        bundles: dict[str, Bundle] = {}
        for delivery in batch:
            bundles.setdefault(delivery.message.key, []).append(delivery)
        return list(bundles.values())

    def ripe(self, batch: Sequence[Delivery]) -> list[Bundle]:
        """What is handled, acknowledged or deferred together now; the rest is held."""
        if not self._coalesce:
            return [[delivery] for delivery in batch]
        now = self._monotonic()
        ripe: dict[str, None] = {}
        for delivery in batch:
            key = delivery.message.key
            self._held.setdefault(key, []).append(delivery)
            if key not in self._due:
                self._due[key] = now + self._crowded(self._patience_for(key, now))
            if delivery.message.topic not in self._passing:
                ripe[key] = None
        for key in [key for key, due in self._due.items() if due <= now and key not in ripe]:
            ripe[key] = None
            self._grow(key, now)
        return [self._let_go(key) for key in ripe]

    def _patience_for(self, key: str, now: float) -> float:
        patience, until = self._busy.get(key, (self._patience, 0.0))
        return patience if now < until else self._patience

    def _crowded(self, patience: float) -> float:
        """Longer in a burst, for documents get on in the order in which they came; never beyond what copies wait."""
        return max(patience, min(len(self._held) / CROWD, GROWTH) * self._patience)

    def _grow(self, key: str, now: float) -> None:
        """A look at a record reads all its receipts: the more copies come, the longer the next look can wait."""
        patience = min(2 * self._patience_for(key, now), GROWTH * self._patience)
        self._busy.pop(key, None)
        self._busy[key] = patience, now + 2 * patience
        if len(self._busy) > _MOST_BUSY:
            self._busy.popitem(last=False)

    def _let_go(self, key: str) -> Bundle:
        del self._due[key]
        return self._held.pop(key)


def known_as(delivery: Delivery) -> Known:
    """What tells a repeat: its topic and its id, for an id counts on its own topic alone.

    On a procedure's topic the content counts too: whoever mends a refused record and keeps its id is no repeat.
    """
    message = delivery.message
    known = envelope.delivery_id(message)
    if topics.procedure_of(message.topic):
        known = f"{known}/{hashlib.sha256(message.value or b'').hexdigest()}"
    return message.topic, known


def key_of(delivery: Delivery) -> tuple[str, str]:
    """What keeps an order: later deliveries of the same key wait for earlier ones."""
    return delivery.message.topic, delivery.message.key
