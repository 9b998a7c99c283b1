"""What waits where, what came and went, what is wrong with documents: figures of the status page and `/metrics`."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from pydantic import BaseModel

from services.core import catalogue
from services.core.errors import TryLater
from services.core.messages import topics
from services.core.ports.bundle import Ports
from services.core.ports.entries import Filters, Query, Viewer
from services.core.ports.ledger_store import Hour
from services.core.vocabulary import HIGHEST_PROTECTION
from services.runtime.operations.quality_metrics import QualityMetrics
from services.runtime.process import Process
from services.runtime.worker import dead_letters

HOURS = 24
"""How far the plots go back."""
_Found = TypeVar("_Found")


class Queue(BaseModel):
    """What one service has not worked off: new deliveries, replays, and what it gave up. -1: the log is away."""

    service: str
    waiting: int
    replays: int
    dead: int


class Flow(BaseModel):
    """Queues of every service, problems of documents by code, and the oldest receipt that is still under way."""

    queues: list[Queue]
    problems: dict[str, int]
    oldest: str
    oldest_received_at: datetime | None


def flow(process: Process) -> Flow:
    """How it goes; what cannot be asked now is left out, so that the page is there when it is needed most."""
    ports, tenant = process.ports, process.tenant
    line = _tried(lambda: ports.ledger.oldest_under_way(tenant))
    return Flow(
        queues=_queues(process),
        problems=_tried(lambda: dict(_problems(ports, tenant))) or {},
        oldest=line.receipt if line else "",
        oldest_received_at=line.received_at if line else None,
    )


def hours(process: Process) -> list[Hour]:
    """The last hours one after another, quiet ones too; the running one is the last."""
    this = process.ports.clock.now().replace(minute=0, second=0, microsecond=0)
    first = this - timedelta(hours=HOURS - 1)
    told = _tried(lambda: process.ports.ledger.hours(process.tenant, first)) or []
    known = {hour.begins: hour for hour in told}
    begins = [first + timedelta(hours=n) for n in range(HOURS)]
    return [known.get(begin, Hour(begins=begin)) for begin in begins]


def registry(process: Process) -> CollectorRegistry:
    """The depths as Prometheus asks for them: looked up at each scrape, missing while the log is away."""
    made = CollectorRegistry()
    made.register(_Depths(process))
    if "ledger" in process.needs:
        made.register(QualityMetrics(process))
    return made


class _Depths:
    """A collector, as prometheus_client calls it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked of the log while the registry is made."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily(
            "poststelle_queue_depth", "Not acknowledged by the service.", labels=["service", "topic"]
        )
        for service, depths in _depths(self._process, [*self._process.contexts]).items():
            for topic, count in depths.items():
                depth.add_metric([service, topic], count)
        red = GaugeMetricFamily("poststelle_service_stopped", "1: the service gave up.", labels=["service", "code"])
        for service, code in self._process.red.items():
            red.add_metric([service, code], 1)
        yield from (depth, red, _outages(self._process))


def _outages(process: Process) -> GaugeMetricFamily:
    told = "Tries in vain since the world began to keep the service from its work."
    tries = GaugeMetricFamily("poststelle_outage_tries", told, labels=["service", "at", "code"])
    for service, outages in process.outages.items():
        for outage in outages:
            tries.add_metric([service, outage.at, outage.code], outage.tries)
    return tries


def _queues(process: Process) -> list[Queue]:
    dead = _tried(lambda: dead_letters.counts(process.ports.blobs, process.tenant)) or Counter()
    known = _depths(process, [*topics.READ_BY])
    return [_queue(service, known.get(service), dead[service]) for service in topics.READ_BY]


def _queue(service: str, depths: dict[str, int] | None, dead: int) -> Queue:
    if depths is None:
        return Queue(service=service, waiting=-1, replays=-1, dead=dead)
    replays = depths[topics.replay_topic(service)]
    return Queue(service=service, waiting=sum(depths.values()) - replays, replays=replays, dead=dead)


def _depths(process: Process, services: Sequence[str]) -> dict[str, dict[str, int]]:
    """By service and topic; where the log does not answer for one, it is not asked for the others."""
    found: dict[str, dict[str, int]] = {}
    try:
        for service in topics.READ_BY.keys() & services:
            found[service] = process.ports.log.backlog(service, topics.worked_on(service, process.procedures))
    except TryLater:
        return found
    return found


def _problems(ports: Ports, tenant: str) -> Iterator[tuple[str, int]]:
    viewer = Viewer(account="status", tenant=tenant, all_offices=True, protection=HIGHEST_PROTECTION)
    for code in catalogue.PROBLEMS:
        if count := ports.index.search(Query(filters=Filters(problems=(code,)), limit=1), viewer).total:
            yield code, count


def _tried(ask: Callable[[], _Found]) -> _Found | None:
    try:
        return ask()
    except TryLater:
        return None
