"""From the receipt to the hit, one mail at a time in an idle mail room, beside one document added to bare tantivy."""

import time
from datetime import UTC, datetime

import tantivy

from services import stack
from services.core.ports.entries import Filters, Query, Viewer
from services.mail_intake.intake import Intake, Submission
from services.runtime.process import Process
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.mail_path import HEAP, index_folder, open_process
from tests.benchmarks.measuring import Cost, Costing, Job

_LOOK = 0.002
_PATIENCE = 60.0
_ALL = Viewer(account="bench", tenant="main", all_offices=True)


def ours(job: Job) -> Cost:
    """Waits for the answer of the listener, then until the index finds one more; the 99th percentile."""
    process = open_process(job.folder, ())
    intake = Intake(process.contexts["mail_intake"])
    waits = []
    costing = Costing(job)
    for number, mail in enumerate(Corpus(job.seed, attachments=False).mails(job.size), 1):
        began = time.perf_counter()
        _take(intake, mail)
        _await(process, number)
        waits.append(time.perf_counter() - began)
        time.sleep(0.3)  # idle again: the rest of a batch is no part of the next mail's way
    cost = costing.over(job.size, wait=_percentile(waits, 99))
    process.stop()
    stack.close_ports(process.ports)
    return cost


def bare(job: Job) -> Cost:
    """Add one, commit, reload; the 95th percentile."""
    index = index_folder(job.folder / "index")
    writer = index.writer(HEAP, 1)
    waits, now = [], datetime.now(UTC).isoformat()
    costing = Costing(job)
    for mail in Corpus(job.seed, attachments=False).mails(job.size):
        began = time.perf_counter()
        document = tantivy.Document()
        document.add_text("document", now)
        document.add_text("body", mail.decode(errors="replace"))
        writer.add_document(document)
        writer.commit()
        index.reload()
        waits.append(time.perf_counter() - began)
    return costing.over(int(index.searcher().num_docs), wait=_percentile(waits, 95))


def _take(intake: Intake, mail: bytes) -> None:
    with intake.spool() as spool:
        spool.add(mail)
        spool.flush()
        submission = Submission(source="bench", mail_from="a@example.org", recipients=("poststelle@example.net",))
        intake.announcer.announce(*(one.event for one in intake.accept(spool, submission).accepted))


def _await(process: Process, count: int) -> None:
    query = Query(filters=Filters(), limit=1)
    deadline = time.monotonic() + _PATIENCE
    while process.ports.index.search(query, _ALL).total < count:
        if time.monotonic() > deadline:
            raise RuntimeError("a mail was not found in time")
        time.sleep(_LOOK)


def _percentile(waits: list[float], percent: int) -> float:
    return sorted(waits)[min(len(waits) - 1, len(waits) * percent // 100)]
