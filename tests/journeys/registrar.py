"""Files documents for many procedures as the service of filings does, without the services before it."""

import threading
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime

from services.adapters.event_log.kafka import KafkaEventLog
from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentFiled
from services.core.model import record_files
from services.core.model.record_files import Filing, RegisterEntry
from tests.journeys.small_town import Town, places_of


class Registrar(threading.Thread):
    """Files documents as the service of filings does: the entry in the store first, then the event."""

    def __init__(self, town: Town, documents: int) -> None:
        super().__init__(daemon=True)
        self._blobs, self._brokers, self._names = town.blobs, town.broker.bootstrap, town.names
        self._documents = documents
        self.filed = 0

    def run(self) -> None:
        """All of them, file by file a few at a time; what the log refuses is published again."""
        with closing(KafkaEventLog(self._brokers)) as log:
            for begin in range(0, self._documents, 20):
                events = [self._event(number) for number in range(begin, min(begin + 20, self._documents))]
                while not _published(log, events):
                    time.sleep(0.5)
                self.filed += len(events)

    def _create(self, key: str, content: bytes) -> None:
        """As a worker does: what a busy store refuses is asked again."""
        while True:
            try:
                self._blobs.create(Bucket.RECORDS, key, content)
            except TryLater:
                time.sleep(0.5)
            else:
                return

    def _event(self, number: int) -> Event:
        document, decision = f"d{number:026d}", str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
        position, entry = places_of(self._names[number % 20])[number // 20 % 2], number // 40 + 1
        file, now = f"{position}/1-2026", datetime.now(UTC)
        made = Filing(
            cause=decision,
            made_at=now,
            decision=decision,
            by="automation",
            outcome="filed",
            file=file,
            entry=entry,
            position=position,
        )
        line = RegisterEntry(
            file=file,
            entry=entry,
            document=document,
            decision=decision,
            position=position,
            plan_version="1",
            by="automation",
            entered_at=now,
        )
        self._create(keys.register_entry("main", file, entry), record_files.encode(line))
        self._create(keys.stage("main", document, "filing", 1), record_files.encode(made))
        facts = DocumentFiled(
            document=document,
            revision=1,
            filing=decision,
            file=file,
            entry=entry,
            position=position,
            plan_version="1",
        )
        return topics.emit(facts, cause=Cause("main", decision), service="filing", now=now)


def _published(log: KafkaEventLog, events: list[Event]) -> bool:
    try:
        log.publish(*events)
    except TryLater:
        return False
    return True
