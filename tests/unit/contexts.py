"""A service over fakes and an empty book, and documents in its store: for tests of what handlers do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.adapters.ledger_store.sqlite import SqliteLedgerStore
from services.core import keys
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import Erased, Extraction, Filing, Part, Receipt
from services.core.protocol.receiving import received_event
from services.runtime.context.service import Context
from tests.unit.runtime.loop import NOW, Loop, document

CAUSE = "00000000-0000-0000-0000-000000000001"


def receipt(n: int, doc: int = 1, **changed: Any) -> Receipt:
    """The n-th receipt, n minutes after the beginning."""
    facts: dict[str, Any] = {
        "receipt": f"PE-261123-0000-{n:04d}-0", "tenant": "main", "document": document(doc), "incarnation": 0,
        "channel": "mail", "source": "gateway", "received_at": NOW + timedelta(minutes=n),
        "media_type": "message/rfc822",
        "size_bytes": 3, "sha256": "0" * 64, "kind": "mail-1", "digest": "0" * 64, "name": "brief.eml",
    }  # fmt: skip
    return Receipt(**facts | changed)


class Hall:
    """A service, its store and its log."""

    def __init__(self, service: str = "ledger") -> None:
        self.loop = Loop()
        ports = replace(self.loop.context.ports, ledger=SqliteLedgerStore(None))
        self.context: Context = replace(self.loop.context, service=service, ports=ports)
        self.ports = ports
        self.blobs, self.log, self.clock = self.loop.blobs, self.loop.log, self.loop.clock

    def close(self) -> None:
        """Let go of the book."""
        self.ports.ledger.close()

    def accept(self, made: Receipt) -> Any:
        """Store a receipt as a listener does; the event that has to follow."""
        self.blobs.create(Bucket.RECORDS, keys.arrival("main", made.received_at, made.receipt), made.document.encode())
        self.blobs.create(Bucket.RECORDS, keys.receipt("main", made.document, made.receipt), record_files.encode(made))
        return received_event(made, service="mail_intake", now=made.received_at)

    def write(self, doc: int, stage: str, made: Any, revision: int = 1) -> None:
        """Store one revision of a stage."""
        self.blobs.create(Bucket.RECORDS, keys.stage("main", document(doc), stage, revision), record_files.encode(made))


def extraction(*parts: Part, **changed: Any) -> Extraction:
    """What was read."""
    return Extraction(cause=CAUSE, made_at=NOW, complete=True, extractor_version="t-1", parts=parts, **changed)


def held() -> Filing:
    """A document that waits for a clerk."""
    return Filing(
        cause=CAUSE, made_at=NOW, decision=CAUSE, by="automation", outcome="held", office="bauamt", reason="unsure"
    )


def filed(position: str, *, office: str) -> Filing:
    """A document at this place, which this office was in charge of then."""
    return Filing(
        cause=CAUSE, made_at=NOW, decision=CAUSE, by="automation", outcome="filed", file=f"{position}/1-2026", entry=1,
        position=position, office=office,
    )  # fmt: skip


def erased() -> Erased:
    """The tombstone."""
    return Erased(incarnation=0, decision=CAUSE, erased_at=datetime(2027, 1, 1, tzinfo=UTC))
