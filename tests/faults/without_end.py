"""Threads that publish and read without end on a Kafka log, and note what it promised them."""

import threading
from datetime import timedelta
from typing import cast

from services.adapters.event_log.kafka import KafkaEventLog
from services.adapters.event_log.kafka.group.assignment import Position
from services.core.errors import TryLater
from services.core.messages.envelope import Event
from services.core.ports.event_log import Reader
from tests.ports.event_log.readers import MOMENT, a_key, an_event, ids


class Publishing(threading.Thread):
    """Publishes without end and notes what was acknowledged."""

    def __init__(self, log: KafkaEventLog) -> None:
        super().__init__(daemon=True)
        self._log = log
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        """Published again under the same ids, and so perhaps in the log twice."""
        self.stopping = False

    def run(self) -> None:
        """In small batches; what was refused is published again, as a sweeper would."""
        batch: list[Event] = []
        while not self.stopping or batch:
            batch = batch or [an_event(a_key(), 1) for _ in range(3)]
            try:
                self._log.publish(*batch)
            except TryLater:
                self.refused.update(ids(batch))
                continue
            self.acknowledged.update(ids(batch))
            batch = []


class Reading(threading.Thread):
    """Settles without end and notes what came, and what came again after it was acknowledged."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(daemon=True)
        self._reader = reader
        self.settled: set[str] = set()
        self.unsure: set[str] = set()
        """Settled, but whether the broker knows it was not to be learned, or was nobody's business of ours any more."""
        self.repeated: set[str] = set()
        self.stopping = False

    def run(self) -> None:
        """As a worker does: what cannot be acknowledged is deferred."""
        while not self.stopping:
            try:
                batch = self._reader.read(20, MOMENT)
            except TryLater:
                continue
            self.repeated |= self.settled & set(ids(batch))
            try:
                self._reader.ack(batch)
            except TryLater:
                self.unsure |= set(ids(batch))
                for delivery in batch:
                    self._reader.retry_later(delivery, timedelta(0))
            else:
                # Of a partition that was taken from us meanwhile the ack does not say that the log has kept it.
                kept = [each for each in batch if cast("Position", each.token).partition.owned]
                self.settled |= set(ids(kept))
                self.unsure |= set(ids(batch)) - set(ids(kept))
