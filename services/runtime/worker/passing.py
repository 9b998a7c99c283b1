"""Deliveries that a person has a service pass over: marked in the store, given up by the worker without a look.

For what no rule of the loop gets past by itself: a record that ends the loop at every start, or one that is put back
for ever. It becomes a dead letter, so nothing is lost, and a replay brings it again once the cause is mended.
"""

from services.core import keys
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.ports.blob_store import BlobStore
from services.runtime.context.service import Context

PASSED = "passed_over"
"""The code of the dead letter."""


def mark(blobs: BlobStore, tenant: str, *, service: str, event_id: str) -> None:
    """Say that the service shall pass it over, by the delivery's id as the log names it; Rejected for no service."""
    if service not in topics.DEAD_SERVICES:
        raise Rejected("bad_request", field="service")
    blobs.create(Bucket.RECORDS, keys.passed(tenant, service) + event_id, b"")


def marked(context: Context) -> frozenset[str]:
    """The ids of all that this service shall pass over."""
    folder = keys.passed(context.settings.tenant, context.service)
    return frozenset(key[len(folder) :] for key in context.ports.blobs.keys(Bucket.RECORDS, folder))


def is_marked(context: Context, event_id: str) -> bool:
    """Whether it shall, by the store as it is now."""
    return (
        context.ports.blobs.size(Bucket.RECORDS, keys.passed(context.settings.tenant, context.service) + event_id)
        is not None
    )
