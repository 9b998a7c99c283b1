"""How good classification is, for Prometheus: counts of the last four weeks by office, looked up at each scrape."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import msgspec
from msgspec import Struct
from prometheus_client.core import GaugeMetricFamily

from services.core.errors import TryLater
from services.core.ports.ledger_store import Span
from services.runtime.process import Process

WINDOW = timedelta(weeks=4)


class _Version(Struct):
    """What a version of the model says of this."""

    bounded: dict[str, int] = {}


class QualityMetrics:
    """A collector, as prometheus_client calls it; only of a process that keeps the book."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked of the book while the registry is made."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        told = GaugeMetricFamily(
            "poststelle_classification_documents",
            "Judged in the last four weeks; automatic: filed without a clerk, hits: the first proposal was the place.",
            labels=["office", "outcome"],
        )
        yield self._bounded()
        now = self._process.ports.clock.now()
        try:
            tallies = self._process.ports.ledger.tallies(
                self._process.tenant, "office", Span(since=now - WINDOW, before=now)
            )
        except TryLater:
            return
        for tally in tallies:
            for outcome in ("judged", "automatic", "corrected", "decided", "hits", "waiting"):
                told.add_metric([tally.key, outcome], getattr(tally, outcome))
        yield told

    def _bounded(self) -> GaugeMetricFamily:
        """Who they are stands in the store and is told to administrators; a metric names nobody."""
        told = GaugeMetricFamily(
            "poststelle_classification_bounded_accounts",
            "Accounts of whose decisions the model in force counts some less: more than all else known of a position.",
        )
        content, found = self._process.configuration.content("model"), _Version()
        with suppress(msgspec.MsgspecError):  # `poststelle check` tells of a version that nobody can read
            found = msgspec.json.decode(content, type=_Version) if content else found
        told.add_metric([], len(found.bounded))
        return told
