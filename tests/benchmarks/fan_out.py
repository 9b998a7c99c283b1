"""What a filed document costs the service of the procedures: with 50 registered or taking part, beside 5."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from services import settings as settings_page
from services import stack
from services.core import keys
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentFiled
from services.core.messages.procedures import Procedure, Procedures
from services.core.model import record_files
from services.core.model.record_files import Filing
from services.runtime.process import Process
from services.runtime.worker.loop import Worker
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job

PLACES = 200
"""Positions of the plan, each below one of ten."""
_MANY, _FEW = 50, 5


def one_taker(job: Job, *, registered: int) -> Cost:
    """Each document is filed where one procedure takes part; `per_delivery` is CPU in seconds."""
    procedures = [Procedure(name=f"verfahren-{n}", positions=(f"{n % 10}.{n:03d}",)) for n in range(registered)]
    return _delivered(job, procedures, takers=1)


def all_take(job: Job, *, registered: int) -> Cost:
    """Each document is filed where all of them take part."""
    procedures = [Procedure(name=f"verfahren-{n}", positions=("0",)) for n in range(registered)]
    return _delivered(job, procedures, takers=registered)


def _delivered(job: Job, procedures: list[Procedure], *, takers: int) -> Cost:
    process = _process(job, procedures)
    context = process.contexts["procedures"]
    service = next(service for service in process.services if service.handle)
    reader = context.ports.log.reader("procedures", topics.worked_on("procedures", context.procedures.names))
    worker = Worker(service, context, reader)
    filed = list(_filed(process, job.size))
    process.ports.log.publish(filed[0])
    worker.turn(timedelta(0))  # the first batch after a start is marked; it belongs to no steady state
    process.ports.log.publish(*filed[1:])
    costing, made = Costing(job), 0
    while handled := worker.turn(timedelta(0)):
        made += handled
    cost = costing.over(made)
    cost.more["per_delivery"] = cost.cpu / job.size / takers
    told = sum(1 for _ in context.ports.blobs.keys(Bucket.RECORDS, f"main/procedures/{procedures[0].name}/delivered/"))
    stack.close_ports(process.ports)
    if told != job.size:
        raise RuntimeError(f"{told} of {job.size} delivered")
    return cost


def _process(job: Job, procedures: list[Procedure]) -> Process:
    settings = settings_page.load(storage={"folder": job.folder}, logging={"level": "error"})
    process = stack.open_process(settings, ("procedures",), lambda _: None)
    positions = [{"code": str(top), "title": "Oben"} for top in range(10)]
    below = ({"code": f"{n % 10}.{n:03d}", "title": "Unten", "parent": str(n % 10)} for n in range(PLACES))
    plan = {"name": "bench", "version": "1", "positions": [*positions, *below]}
    process.configuration.store("plan", json.dumps(plan).encode(), base=process.configuration.version("plan"))
    content = record_files.encode(Procedures(procedures=tuple(procedures)))
    process.configuration.store("procedures", content, base=0)
    topics_of = (topic(one.name) for one in procedures for topic in (topics.inbox_of, topics.outbox_of))
    process.ports.log.ensure_topics(list(topics_of))
    return process


def _filed(process: Process, count: int) -> Iterator[Event]:
    """Documents that stand in a register at position 0.000, where the first procedure takes part."""
    now = process.ports.clock.now()
    for number in range(count):
        decision, document = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))), f"d{number:026d}"
        place = {"decision": decision, "file": "0.000/1-2026", "entry": number + 1, "position": "0.000"}
        filing = Filing(cause=decision, made_at=now, by="clerk", outcome="filed", **place)  # type: ignore[arg-type]
        process.ports.blobs.create(
            Bucket.RECORDS, keys.stage("main", document, "filing", 1), record_files.encode(filing)
        )
        facts = DocumentFiled(
            document=document,
            revision=1,
            filing=decision,
            file="0.000/1-2026",
            entry=number + 1,
            position="0.000",
            plan_version="1",
        )
        yield topics.emit(facts, cause=Cause("main", decision), service="filing", now=now)


COMPARISONS = (
    Comparison(
        name="fan-out",
        title=f"Deliver a filed document to one procedure, {_MANY} registered",
        anchor=f"ours, {_FEW} registered",
        figure="per_delivery",
        goal=1.2,
        mark="G22",
        ours=partial(one_taker, registered=_MANY),
        bare=partial(one_taker, registered=_FEW),
        size=300,
    ),
    Comparison(
        name="fan-out-all",
        title=f"Deliver a filed document to {_MANY} procedures, each delivery",
        anchor=f"ours, to {_FEW}",
        figure="per_delivery",
        goal=1.2,
        mark="G22",
        ours=partial(all_take, registered=_MANY),
        bare=partial(all_take, registered=_FEW),
        size=60,
    ),
)
