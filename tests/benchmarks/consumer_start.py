"""Beginning to read from Kafka: whether the length of the log counts, for a member of a group and for a follower."""

import secrets
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial

from msgspec import structs

from services.adapters.event_log.kafka import KafkaEventLog
from services.core.messages import topics
from services.core.ports.event_log import Reader
from tests.benchmarks.city import missing
from tests.benchmarks.event_log import events
from tests.benchmarks.measuring import Comparison, Cost, Job

SHORT, LONG = 1_000, 100_000
FEW, MANY = 50, 5_000
"""On the compacted topic, which every process reads from its beginning: a handful for a tenant, once compacted."""
GROUP = 1_000
_MOMENT = timedelta(seconds=1)


def join(job: Job, *, records: int) -> Cost:
    """From nothing to the first new record in hand, by a group that has acknowledged everything before it."""
    settled = _log(job)
    _fill(settled, topics.INDEXED, records)
    with closing(settled.reader("ledger", [topics.INDEXED])) as reader:
        _ack(reader, records)
    return _begun(job, partial(_join_once, settled))


def follow(job: Job, *, records: int) -> Cost:
    """From nothing to everything read that is on the compacted topic."""
    filled = _log(job)
    _fill(filled, topics.CONFIGURATION, records)
    return _begun(job, partial(_follow_once, filled, records))


def _begun(job: Job, begin: Callable[[], tuple[float, float]]) -> Cost:
    """So many beginnings; the first of a process loads what it needs and is not counted."""
    begin()
    spent = [begin() for _ in range(job.size)]
    walls = [wall for wall, _ in spent]
    cpu = sum(cpu for _, cpu in spent)
    return Cost(cpu=cpu, wall=sum(walls), made=len(spent), more={"first": statistics.median(walls)})


def _join_once(log: KafkaEventLog) -> tuple[float, float]:
    log.publish(*events(1))
    clock = _Clock()
    with closing(log.reader("ledger", [topics.INDEXED])) as reader:
        held = reader.read(GROUP, _MOMENT)
        while not held:
            held = reader.read(GROUP, _MOMENT)
        spent = clock.spent()
        if len(held) != 1:
            raise RuntimeError(f"{len(held)} records came again that were settled")
        reader.ack(held)
    return spent


def _follow_once(log: KafkaEventLog, records: int) -> tuple[float, float]:
    clock = _Clock()
    with closing(log.follow([topics.CONFIGURATION])) as follower:
        read = 0
        while read < records:
            read += len(follower.read(_MOMENT))
        return clock.spent()


class _Clock:
    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def spent(self) -> tuple[float, float]:
        wall, cpu = self._began
        return time.perf_counter() - wall, time.process_time() - cpu


def _log(job: Job) -> KafkaEventLog:
    log = KafkaEventLog(job.endpoints[0], prefix=f"bench-{secrets.token_hex(4)}.")
    log.ensure_topics([topics.INDEXED, topics.CONFIGURATION])
    return log


def _fill(log: KafkaEventLog, topic: str, records: int) -> None:
    made = [structs.replace(event, topic=topic) for event in events(records)]
    for start in range(0, records, GROUP):
        log.publish(*made[start : start + GROUP])


def _ack(reader: Reader, records: int) -> None:
    while records:
        held = reader.read(GROUP, _MOMENT)
        reader.ack(held)
        records -= len(held)


_JOINS = tuple(
    Comparison(
        name=f"join-{figure}",
        title=f"A new member's first new record, {LONG:,} records settled before it{said}",
        anchor=f"ours, {SHORT:,} records before it",
        figure=figure,
        goal=1.2,
        mark="G20",
        ours=partial(join, records=LONG),
        bare=partial(join, records=SHORT),
        size=10,
        needs_city=True,
        missing=missing,
    )
    for figure, said in (("first", ""), ("cpu", ", CPU"))
)
COMPARISONS = (
    *_JOINS,
    Comparison(
        name="follow",
        title=f"A new follower's whole view, {MANY:,} records on the compacted topic",
        anchor=f"ours, {FEW:,} records on it",
        figure="first",
        goal=None,
        mark="G20",
        ours=partial(follow, records=MANY),
        bare=partial(follow, records=FEW),
        size=10,
        needs_city=True,
        missing=missing,
    ),
)
