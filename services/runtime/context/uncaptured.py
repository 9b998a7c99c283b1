"""Mail to boxes that must not be captured: counted, and nothing else of it is kept."""

import uuid

from prometheus_client import Counter

from services.core.bookkeeping import uncaptured_marks
from services.core.keys import Bucket
from services.core.ports.bundle import Ports

HOW = ("refused", "taken")
"""`refused`: the sender was told that it is not accepted. `taken`: they were told that it is, and it was let go."""

_counted = Counter("poststelle_mail_not_captured", "Mails to mailboxes that are excluded from capture.", ["how"])
for _how in HOW:
    _counted.labels(_how)


def refused() -> None:
    """Count a mail, or one of its recipients, that was not accepted."""
    _counted.labels("refused").inc()


def taken(ports: Ports, tenant: str) -> None:
    """Count a mail that was accepted and let go, also for the day's balance; TryLater where that cannot be kept."""
    key = uncaptured_marks(tenant, ports.clock.now()) + uuid.uuid4().hex
    ports.blobs.create(Bucket.RECORDS, key, b"-")
    _counted.labels("taken").inc()
