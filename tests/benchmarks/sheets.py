"""What is done to a page before it is recognised, and to one that need not be, beside its recognition."""

import io
import os
from collections.abc import Callable
from itertools import cycle, islice

from PIL import Image, ImageFilter

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from services.adapters.sheet_reader.zxing import SheetLimits, ZxingSheetReader
from tests.benchmarks import scans
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job, seconds_below

_KINDS = ("letter", "letter", "form", "columns")
_ROUNDS = 5
"""Looking is short: the system counts CPU in hundredths of a second."""


def look(job: Job) -> Cost:
    """Draw each page of a scan, tell whether it is blank, and search it for barcodes."""
    content = _batch(job)
    reader = ZxingSheetReader(SheetLimits(workers=1))

    def looked() -> int:
        with reader.opened(io.BytesIO(content)) as stack:
            return sum(not isinstance(stack.look(number), str) for number in range(1, stack.page_count + 1))

    cost = _per_page(job, looked, rounds=_ROUNDS)
    reader.close()
    return cost


def read(job: Job) -> Cost:
    """Recognise the same pages."""
    return _read(job, _batch(job), rounds=1)


def blank(job: Job) -> Cost:
    """As many blank pages, asked for like any other."""
    return _read(job, _pdf([_empty() for _ in range(job.size)]), rounds=_ROUNDS)


def _read(job: Job, content: bytes, *, rounds: int) -> Cost:
    engine = TesseractOcrEngine(limits=OcrLimits(workers=1))

    def recognised() -> int:
        result = engine.read_pages(io.BytesIO(content), media_type="application/pdf", first=1, last=job.size)
        return sum(page.problem is None for page in result.pages)

    cost = _per_page(job, recognised, rounds=rounds)
    engine.close()
    return cost


def _per_page(job: Job, work: Callable[[], int], *, rounds: int) -> Cost:
    """CPU of ourselves and our processes for each page; they were started, and have done it once, before."""
    work()
    costing, before = Costing(job), seconds_below(os.getpid())
    made = sum(work() for _ in range(rounds)) // rounds
    return costing.over(made, per_page=(seconds_below(os.getpid()) - before) / job.size / rounds)


def _batch(job: Job) -> bytes:
    """Letters, a form and a page of small print, as a scanner packs them."""
    made = {kind: scans.scans(job.seed, kind, "clean", job.size) for kind in _KINDS}
    pages = [next(made[kind]) for kind in islice(cycle(_KINDS), job.size)]
    return _pdf([Image.open(io.BytesIO(page.content)) for page in pages])


def _empty() -> Image.Image:
    paper = Image.effect_noise((2480, 3508), 12).point(lambda grey: min(255, grey + 110))
    return paper.filter(ImageFilter.GaussianBlur(0.6))


def _pdf(pages: list[Image.Image]) -> bytes:
    file = io.BytesIO()
    pages[0].save(file, "PDF", resolution=scans.DPI, save_all=True, append_images=pages[1:])
    return file.getvalue()


COMPARISONS = (
    Comparison(
        name="sheets",
        title="Look at a page of a scan: draw it, blank or not, barcodes",
        anchor="recognise it, ours",
        figure="per_page",
        goal=0.05,
        mark="G7",
        ours=look,
        bare=read,
        size=8,
    ),
    Comparison(
        name="blank-pages",
        title="Recognise a blank page",
        anchor="recognise a page, ours",
        figure="per_page",
        goal=0.02,
        mark="G7",
        ours=blank,
        bare=read,
        size=8,
    ),
)
