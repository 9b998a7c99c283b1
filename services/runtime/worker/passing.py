"""Deliveries that a person has a service pass over: marked in the store, given up by the worker without a look.

For what no rule of the loop gets past by itself: a record that ends the loop at every start, or one that is put back
for ever. It becomes a dead letter, so nothing is lost, and a replay brings it again once the cause is mended.
"""

from collections.abc import Iterable

from structlog.typing import FilteringBoundLogger

from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import envelope, topics
from services.core.ports.blob_store import BlobStore
from services.core.ports.event_log import Delivery
from services.runtime.context.service import Context

PASSED = "passed_over"
"""The code of the dead letter."""
_NAMED = 20
"""Ids that a line of the log names; after a start deliveries are worked off one by one, and it is the one."""


def mark(blobs: BlobStore, tenant: str, *, service: str, event_id: str) -> None:
    """Say that the service shall pass it over, by the delivery's id as the log names it; Rejected for no service."""
    if service not in topics.DEAD_SERVICES:
        raise Rejected("bad_request", field="service")
    blobs.create(Bucket.RECORDS, keys.passed(tenant, service) + event_id, b"")


class Passing:
    """What one worker passes over; belongs to its thread."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._folder = keys.passed(context.settings.tenant, context.service)
        self._known: frozenset[str] | None = None

    def look(self) -> None:
        """Read the marks that were there before this worker began, once; TryLater while the store is away."""
        if self._known is None:
            found = self._context.ports.blobs.keys(Bucket.RECORDS, self._folder)
            self._known = frozenset(key[len(self._folder) :] for key in found)

    def verdict(self, delivery: Delivery, *, deferred: bool) -> str:
        """The code to give it up with, or nothing; for one that was deferred the store is asked as it is now."""
        if not self._known and not deferred:  # as nearly always, and its id takes longer than the look
            return ""
        event_id = envelope.delivery_id(delivery.message)
        if event_id in (self._known or ()) or (deferred and self._is_marked(event_id)):
            return PASSED
        return ""

    def _is_marked(self, event_id: str) -> bool:
        return self._context.ports.blobs.size(Bucket.RECORDS, self._folder + event_id) is not None


def tell_where_it_stopped(in_hand: Iterable[Iterable[Delivery]], log: FilteringBoundLogger) -> None:
    """Name what a worker had in hand when it ended: whoever gets it past that has to know."""
    ids = [envelope.delivery_id(delivery.message) for bundle in in_hand for delivery in bundle]
    log.critical("stopped_at", event_ids=ids[:_NAMED], deliveries=len(ids))
