"""Which deliveries are handled together: each alone, or all of one document in one look at its record."""

from collections.abc import Callable, Sequence

from services.core.ports.event_log import Delivery
from services.runtime.context.service import Service

Bundle = list[Delivery]


class Bundles:
    """Gathers deliveries by document where the service coalesces; belongs to one worker.

    What passes waits in hand for what soon follows it: leased, neither handled nor settled. A crash brings it again.
    """

    def __init__(self, service: Service, monotonic: Callable[[], float]) -> None:
        self._coalesce, self._passing = service.coalesce, service.passing
        self._patience = service.patience.total_seconds()
        self._monotonic = monotonic
        self._held: dict[str, Bundle] = {}
        self._due: dict[str, float] = {}
        """When patience ends for what is held, the earliest first."""

    def ripe(self, batch: Sequence[Delivery]) -> list[Bundle]:
        """What is handled, settled or deferred together now; the rest is held."""
        if not self._coalesce:
            return [[delivery] for delivery in batch]
        now = self._monotonic()
        ripe: dict[str, None] = {}
        for delivery in batch:
            key = delivery.message.key
            self._held.setdefault(key, []).append(delivery)
            self._due.setdefault(key, now + self._patience)
            if delivery.message.topic not in self._passing:
                ripe[key] = None
        for key, due in self._due.items():
            if due > now:
                break
            ripe[key] = None
        return [self._let_go(key) for key in ripe]

    def _let_go(self, key: str) -> Bundle:
        del self._due[key]
        return self._held.pop(key)
