"""Our text recognition beside the `tesseract` command, page by page, with the truth of each page known."""

import io
import resource
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.measuring import Cost, Costing, Job

_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
_DPI = 300
_LINES = 40


def missing() -> str:
    """Why it cannot be measured here."""
    return "" if shutil.which("tesseract") else "the tesseract command is not installed"


def ours(job: Job) -> Cost:
    """The engine of the mail room, one worker."""
    engine = TesseractOcrEngine(limits=OcrLimits(workers=1))
    costing = Costing(job, children=True)
    wrong = 0.0
    for page, truth in _pages(job):
        result = engine.read_pages(io.BytesIO(page), media_type="image/png", first=1, last=1)
        wrong += _wrong(result.pages[0].text, truth)
    engine.close()
    return _told(costing, job, wrong)


def one_worker(job: Job) -> Cost:
    """Pages one after another."""
    return _by_workers(job, 1)


def two_workers(job: Job) -> Cost:
    """Two pages at a time."""
    return _by_workers(job, 2)


def _by_workers(job: Job, workers: int) -> Cost:
    pages = [page for page, _ in _pages(job)]
    engine = TesseractOcrEngine(limits=OcrLimits(workers=workers))
    with ThreadPoolExecutor(workers) as pool:
        read = partial(_read, engine)
        list(pool.map(read, pages[:1] * workers))  # the workers are started, once each, before anything is measured
        costing = Costing(job)
        made = sum(pool.map(read, pages))
        cost = costing.over(made)
    engine.close()
    return cost


def _read(engine: TesseractOcrEngine, page: bytes) -> bool:
    result = engine.read_pages(io.BytesIO(page), media_type="image/png", first=1, last=1)
    return bool(result.pages[0].text)


def bare(job: Job) -> Cost:
    """The command, one thread, 300 dpi."""
    costing = Costing(job, children=True)
    wrong = 0.0
    for page, truth in _pages(job):
        command = ["tesseract", "stdin", "stdout", "-l", "deu", "--dpi", str(_DPI)]
        read = subprocess.run(command, input=page, check=True, capture_output=True).stdout.decode()
        wrong += _wrong(read, truth)
    return _told(costing, job, wrong)


def _told(costing: Costing, job: Job, wrong: float) -> Cost:
    cost = costing.over(job.size, error_rate=wrong / job.size)
    # Making the pages is no part of reading them: only what the children used counts.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost.more["per_page"] = (used.ru_utime + used.ru_stime) / job.size
    return cost


def _pages(job: Job) -> Iterator[tuple[bytes, str]]:
    corpus, font = Corpus(job.seed, attachments=False), ImageFont.truetype(str(_FONT), 46)
    for _ in range(job.size):
        lines = [corpus.text(75) for _ in range(_LINES)]
        page = Image.new("L", (2480, 3508), 255)
        draw = ImageDraw.Draw(page)
        for number, line in enumerate(lines):
            draw.text((200, 200 + 75 * number), line[:80], font=font, fill=20)
        stream = io.BytesIO()
        page.rotate(0.3, fillcolor=255).filter(ImageFilter.GaussianBlur(0.6)).save(stream, "PNG", dpi=(_DPI, _DPI))
        yield stream.getvalue(), "\n".join(line[:80] for line in lines)


def _wrong(read: str, truth: str) -> float:
    """The share of wrong characters: edit distance over the length of the truth, blanks evened out."""
    return _distance(" ".join(read.split()), " ".join(truth.split())) / len(truth)


def _distance(read: str, truth: str) -> int:
    """Edit distance by furthest reaching diagonals (Ukkonen 1985): what is equal costs next to nothing."""
    reached, errors = {0: _slid(read, truth, 0, 0)}, 0
    while reached.get(len(read) - len(truth), -1) < len(read):
        errors += 1
        further: dict[int, int] = {}
        for diagonal in range(-errors, errors + 1):
            beside = (reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -2) + 1, reached.get(diagonal, -2) + 1)
            row = min(max(beside), len(read), len(truth) + diagonal)
            if row >= max(0, diagonal):
                further[diagonal] = _slid(read, truth, row, row - diagonal)
        reached = further
    return errors


def _slid(read: str, truth: str, row: int, column: int) -> int:
    while row < len(read) and column < len(truth) and read[row] == truth[column]:
        row, column = row + 1, column + 1
    return row
