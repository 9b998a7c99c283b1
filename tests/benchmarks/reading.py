"""The extraction stage beside Tika alone: the same PDF and office files, one after another, Tika's work counted in."""

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import requests

from services import settings as settings_page
from services import stack
from services.core.messages import topics
from services.core.model.documents import BytesIdentity
from services.core.protocol.receiving import Arrival, receive
from services.extraction.mail.tree import MailLimits, open_mail
from services.extraction.reading.file import OWN_TEXT
from services.runtime.process import Process
from services.runtime.worker.loop import Worker
from tests.benchmarks.mail_path import read_mails
from tests.benchmarks.measuring import Cost, Costing, Job


def stage(job: Job) -> Cost:
    """From the received event to the stored extraction and its event, durable."""
    process = _process(job)
    context = process.contexts["extraction"]
    worker = Worker(
        next(service for service in process.services if service.handle),
        context,
        context.ports.log.reader("extraction", topics.READ_BY["extraction"]),
    )
    files = list(_files(job))
    for content, media_type in files:
        _receive(content, media_type, process)
    worker.turn(timedelta(0))  # the first batch after a start is marked, one by one; it belongs to no steady state
    costing = Costing(job)
    made = 0
    while handled := worker.turn(timedelta(0)):
        made += handled
    cost = costing.over(made)
    stack.close_ports(process.ports)
    return _per_file(cost, made, len(files))


def bare(job: Job) -> Cost:
    """PUT /rmeta/body and the answer decoded."""
    files = list(_files(job))
    with requests.Session() as session:
        session.trust_env = False
        costing = Costing(job)
        for content, media_type in files:
            headers = {"Accept": "application/json", "Content-Type": media_type}
            answer = session.put(f"{job.endpoints[0]}/rmeta/body", data=content, headers=headers, timeout=60)
            answer.raise_for_status()
            msgspec.json.decode(answer.content)
        return _per_file(costing.over(len(files)), len(files), len(files))


def _per_file(cost: Cost, measured: int, files: int) -> Cost:
    cost.more["per_file"] = cost.cpu / measured
    cost.made = files
    return cost


def _files(job: Job) -> Iterator[tuple[bytes, str]]:
    """Every attachment of the corpus that is for Tika, each content once."""
    seen: set[str] = set()
    for mail in read_mails(job):
        for leaf in open_mail(mail, 0, len(mail), limits=MailLimits(depth=20, parts=2000)).leaves:
            content = leaf.entity.content()
            digest = hashlib.sha256(content).hexdigest()
            if leaf.entity.media_type not in OWN_TEXT and digest not in seen:
                seen.add(digest)
                yield content, leaf.entity.media_type


def _process(job: Job) -> Process:
    settings = settings_page.load(
        storage={"folder": job.folder}, tika={"endpoints": job.endpoints[:1]}, logging={"level": "error"}
    )
    return stack.open_process(settings, ("extraction",), lambda _: None)


def _receive(content: bytes, media_type: str, process: Process) -> None:
    identity = BytesIdentity()
    identity.update(content)
    arrival = Arrival(
        tenant="main",
        channel="scan",
        source="bench",
        media_type=media_type,
        content=io.BytesIO(content),
        identity=identity,
    )
    process.ports.log.publish(receive(arrival, blobs=process.ports.blobs, clock=process.ports.clock).event)
