"""Recognising invoices: XML beside the time it may take, hybrids beside a bare opening of the PDF, memory over many."""

import io
import random
import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pypdfium2

from services import settings as settings_page
from services import stack
from services.core.messages import topics
from services.core.model.documents import BytesIdentity
from services.core.protocol.receiving import Arrival, receive
from services.extraction.invoices import reading
from services.extraction.invoices.embedded import embedded_files
from services.runtime.process import Process
from services.runtime.worker.loop import Worker
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job
from tests.benchmarks.memory import anonymous
from tests.invoices.cii import cii, zugferd_1
from tests.invoices.hybrid import hybrid, page_of
from tests.invoices.made import Line, Made
from tests.invoices.ubl import ubl

MOST_SECONDS = 0.005
"""CPU that recognising and reading one invoice in XML may take."""
BALLAST = 90_000
"""Bytes of fonts and pictures: with them a hybrid is as long as those that programs write (80 to 130 KB)."""
OBJECTS = 60
"""So many objects it is in; what opens a PDF looks at the place of each."""
DISTINCT = 20
"""Others each, and few enough to lie in the processor's cache, as a file does that was just stored and hashed."""
_LIMIT = 32 * 1024 * 1024
_SYNTAXES = (ubl, cii, zugferd_1)
_MOST_LINES = 40
_PORTION = 50
_TENTH = 10


def xml(job: Job) -> Cost:
    """Every syntax in turn, with 1 to 40 lines: recognised and read; `slow` is the 95th percentile in seconds."""
    files = [_SYNTAXES[number % 3](made) for number, made in enumerate(_made(job.size, job.seed))]
    times, found = [], 0
    costing = Costing(job)
    for content in files:
        begun = time.process_time()
        found += reading.find(content) is not None
        times.append(time.process_time() - begun)
    return costing.over(found, per_file=sorted(times)[len(times) // 2], slow=sorted(times)[len(times) * 95 // 100])


def allowed(job: Job) -> Cost:
    """What it may take."""
    return Cost(cpu=job.size * MOST_SECONDS, made=job.size, more={"per_file": MOST_SECONDS, "slow": MOST_SECONDS})


def hybrids(job: Job) -> Cost:
    """Told from a PDF without files, the XML taken out and known to be an invoice."""
    files, found = _hybrids(job, {"factur-x.xml": 1}), 0
    costing = Costing(job)
    for pdf in files:
        inside = embedded_files(pdf, limit=_LIMIT) or []
        found += any(reading.may_be_invoice(content[: reading.HEAD]) for content in inside)
    return _per_file(costing, found)


def plain(job: Job) -> Cost:
    """PDFs of the same length without any file: told to have none."""
    files, found = _hybrids(job, {}), 0
    costing = Costing(job)
    for pdf in files:
        found += embedded_files(pdf, limit=_LIMIT) == []
    return _per_file(costing, found)


def opened(job: Job) -> Cost:
    """PDFium opens each and closes it."""
    return _opened(job, {"factur-x.xml": 1})


def opened_plain(job: Job) -> Cost:
    """The same of PDFs without files."""
    return _opened(job, {})


def _opened(job: Job, files: dict[str, int]) -> Cost:
    pdfs, found = _hybrids(job, files), 0
    costing = Costing(job)
    for pdf in pdfs:
        document = pypdfium2.PdfDocument(pdf)
        found += len(document) == 1
        document.close()
    return _per_file(costing, found)


def _per_file(costing: Costing, found: int) -> Cost:
    cost = costing.over(found)
    cost.more["per_file"] = cost.cpu / found
    return cost


def _hybrids(job: Job, files: dict[str, int]) -> list[bytes]:
    chance = random.Random(job.seed)
    ballast = [chance.randbytes(BALLAST // OBJECTS) for _ in range(OBJECTS)]
    pdfs = [
        hybrid(page_of(made), {name: cii(made) for name in files}, ballast=ballast)
        for made in _made(min(DISTINCT, job.size), job.seed)
    ]
    return [pdfs[number % len(pdfs)] for number in range(job.size)]


def _made(count: int, seed: int) -> Iterator[Made]:
    chance = random.Random(seed)
    for number in range(count):
        lines = [
            Line(f"Posten {place}", Decimal(chance.randint(1, 40)), Decimal(chance.randint(100, 90_000)) / 100)
            for place in range(chance.randint(1, _MOST_LINES))
        ]
        yield Made(number=f"RE-{number:06d}", lines=tuple(lines))


def memory_at_the_end(job: Job) -> Cost:
    """The highest anonymous memory over the last tenth of the invoices, in MiB."""
    return _memory(job, last=True)


def memory_at_first(job: Job) -> Cost:
    """The same over the second tenth, after everything was loaded once."""
    return _memory(job, last=False)


def _memory(job: Job, *, last: bool) -> Cost:
    """Invoices arrive as files and are read, checked by our own rules, stored and told, fifty at a time."""
    settings = settings_page.load(
        storage={"folder": job.folder}, logging={"level": "error"}, extraction={"invoice_rules": False}
    )
    process = stack.open_process(settings, ("extraction",), lambda _: None)
    context = process.contexts["extraction"]
    service = next(service for service in process.services if service.handle)
    worker = Worker(service, context, context.ports.log.reader("extraction", topics.READ_BY["extraction"]))
    tenth = job.size // _TENTH
    watched = range(job.size - tenth, job.size) if last else range(tenth, 2 * tenth)
    costing, highest, made = Costing(job), 0.0, 0
    for number, invoice in enumerate(_made(job.size, job.seed)):
        _receive(_SYNTAXES[number % 3](invoice), process)
        if number % _PORTION == _PORTION - 1 or number == job.size - 1:
            while handled := worker.turn(timedelta(0)):
                made += handled
            highest = max(highest, anonymous() if number in watched else 0.0)
    stack.close_ports(process.ports)
    return costing.over(made, memory=highest, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _receive(content: bytes, process: Process) -> None:
    identity = BytesIdentity()
    identity.update(content)
    arrival = Arrival(
        tenant="main",
        channel="scan",
        source="bench",
        media_type="application/xml",
        content=io.BytesIO(content),
        identity=identity,
    )
    process.ports.log.publish(receive(arrival, blobs=process.ports.blobs, clock=process.ports.clock).event)


COMPARISONS = (
    Comparison(
        name="invoice-xml",
        title="Recognise and read an invoice in XML, 1 to 40 lines, median",
        anchor="what is allowed",
        figure="per_file",
        goal=1.0,
        mark="G21",
        ours=xml,
        bare=allowed,
        size=600,
    ),
    Comparison(
        name="invoice-xml-slow",
        title="The same, 95th percentile",
        anchor="what is allowed",
        figure="slow",
        goal=1.0,
        mark="G21",
        ours=xml,
        bare=allowed,
        size=600,
    ),
    Comparison(
        name="invoice-hybrids",
        title="Recognise a hybrid of 90 KB, its XML taken out",
        anchor="PDFium opens it",
        figure="per_file",
        goal=1.5,
        mark="G21",
        ours=hybrids,
        bare=opened,
        size=2000,
    ),
    Comparison(
        name="invoice-plain",
        title="Tell that a PDF of 90 KB holds no file",
        anchor="PDFium opens it",
        figure="per_file",
        goal=1.5,
        mark="G21",
        ours=plain,
        bare=opened_plain,
        size=2000,
    ),
    Comparison(
        name="invoice-memory",
        title="Memory over the last tenth of the invoices (in MiB / 1000)",
        anchor="over the second tenth",
        figure="memory",
        goal=1.1,
        mark="G21",
        ours=memory_at_the_end,
        bare=memory_at_first,
        size=2000,
    ),
)
