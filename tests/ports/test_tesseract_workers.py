"""Workers that die or hang: pages come through it, and no worker outlives us."""

import io
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from services.adapters.ocr_engine.tesseract import OcrLimits, TesseractOcrEngine, language
from services.adapters.telling import OURS
from services.core.errors import TryLater
from services.core.ports.ocr_engine import OcrPage, OcrResult
from tests.ports import files
from tests.torture import files as torture

pytestmark = pytest.mark.xdist_group("ocr")

CACHE = Path("~/.cache/poststelle")
SLOW = files.endless_pdf(20_000_000)
ENDLESS = files.endless_pdf(150_000_000)
SECONDS = 60.0


def an_engine(limits: OcrLimits) -> TesseractOcrEngine:
    """Ready to read German."""
    assert language.prepare("deu", print, cache=CACHE) is None
    return TesseractOcrEngine(cache=CACHE, limits=limits)


@pytest.fixture
def engine() -> Iterator[TesseractOcrEngine]:
    """Two workers that give a page little time."""
    made = an_engine(OcrLimits(workers=2, page_seconds=SECONDS))
    yield made
    made.close()


def eventually(holds: Callable[[], object], seconds: float = 120) -> bool:
    """Whether it holds within the time."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(holds())


def read(engine: TesseractOcrEngine, content: bytes) -> OcrResult:
    """All pages."""
    return engine.read_pages(io.BytesIO(content), media_type="application/pdf", first=1, last=99)


def workers(engine: TesseractOcrEngine) -> list[int]:
    """The processes of the workers there are."""
    return [slot._worker._process.pid for slot in engine._slots if slot._worker is not None]


def kill(engine: TesseractOcrEngine) -> list[int]:
    """Kill a worker while it reads; which one it was."""
    assert eventually(lambda: workers(engine))
    killed = workers(engine)
    time.sleep(0.3)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    return killed


@contextmanager
def told() -> Iterator[list[str]]:
    """The events that adapters tell of meanwhile."""
    events: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: events.append(record.getMessage())  # type: ignore[method-assign]  # all it is for
    ours = logging.getLogger(OURS)
    ours.addHandler(handler)
    try:
        yield events
    finally:
        ours.removeHandler(handler)


def test_a_page_survives_the_death_of_its_worker(engine: TesseractOcrEngine) -> None:
    """Another worker reads it."""
    with ThreadPoolExecutor() as pool:
        document = pool.submit(read, engine, SLOW)
        killed = kill(engine)
        assert [page.problem for page in document.result().pages] == [None]
    assert not set(killed) & set(workers(engine))


def test_a_page_that_kills_two_workers_is_broken(engine: TesseractOcrEngine) -> None:
    """No third worker is sent there, both deaths are told; the next document is read."""
    with told() as events, ThreadPoolExecutor() as pool:
        document = pool.submit(read, engine, SLOW)
        first = kill(engine)
        assert eventually(lambda: workers(engine) and workers(engine) != first)
        kill(engine)
        result = document.result()
    assert "broken" in {result.problem, *(page.problem for page in result.pages)}
    assert events == ["ocr_worker_ended"] * 2
    assert read(engine, files.pdf("weiter")).pages[0].text == "weiter"


def test_an_endless_page_is_given_up_and_disturbs_nobody() -> None:
    """Tried twice, then `too_slow`; the other worker reads on meanwhile."""
    started = time.monotonic()
    neighbours = 0
    with closing(an_engine(OcrLimits(workers=2, page_seconds=4))) as engine, ThreadPoolExecutor() as pool:
        endless = pool.submit(read, engine, ENDLESS)
        while not endless.done():
            assert read(engine, files.pdf("Nachbar")).pages[0].text == "Nachbar"
            neighbours += 1
        assert endless.result() == OcrResult(page_count=1, pages=(OcrPage(number=1, problem="too_slow"),))
    assert 8 <= time.monotonic() - started < 180
    assert neighbours > 1


def test_a_worker_that_needs_too_much_memory_is_stopped() -> None:
    """The page has a problem, the machine has none."""
    big = files.picture(files.scan("x", dpi=1000), kind="PNG", dpi=(1000, 1000))
    with closing(an_engine(OcrLimits(workers=1, megabytes=450, page_seconds=SECONDS))) as engine:
        (page,) = engine.read_pages(io.BytesIO(big), media_type="image/png", first=1, last=1).pages
    assert page.problem in {"too_large", "broken"}


def test_workers_are_replaced_after_so_many_pages() -> None:
    """What leaks cannot pile up."""
    seen = set()
    with closing(an_engine(OcrLimits(workers=1, pages_per_worker=2))) as engine:
        for _ in range(3):
            assert read(engine, files.pdf("Text")).problem is None
            seen.update(workers(engine))
    assert len(seen) == 3


def test_no_worker_outlives_us() -> None:
    """Python killed with -9 in the middle of a page leaves no process behind."""
    script = (
        "from tests.ports.test_tesseract_workers import *\n"
        "engine = an_engine(OcrLimits(workers=1)); pool = ThreadPoolExecutor(); pool.submit(read, engine, ENDLESS)\n"
        "assert eventually(lambda: workers(engine)); time.sleep(1); print(*workers(engine), flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as child:
        assert child.stdout is not None
        worker = Path("/proc") / child.stdout.readline().strip()
        assert worker.exists()
        child.kill()
    assert eventually(lambda: not worker.exists())


def test_closing_ends_the_workers(engine: TesseractOcrEngine) -> None:
    """Nothing runs afterwards."""
    read(engine, files.pdf("Text"))
    (worker,) = workers(engine)
    engine.close()
    assert not (Path("/proc") / str(worker)).exists()


def test_without_language_data_pages_wait(tmp_path: Path) -> None:
    """Not ready; the result says why, in a word of the catalogue."""
    engine = TesseractOcrEngine(tmp_path)
    assert not engine.ready()
    assert read(engine, files.pdf("Text")) == OcrResult(page_count=0, problem="ocr_unavailable")


def test_language_data_that_is_broken_is_the_worlds_problem(tmp_path: Path) -> None:
    """No document is blamed for it."""
    (tmp_path / "deu.traineddata").write_bytes(b"nothing")
    engine = TesseractOcrEngine(tmp_path)
    with pytest.raises(TryLater, match="ocr_away"):
        read(engine, files.pdf("Text"))


def test_missing_language_data_is_one_sentence_with_the_command(tmp_path: Path) -> None:
    """Where a setting names a folder, nothing is fetched behind its back."""
    said: list[str] = []
    sentence = language.prepare("deu+lat", said.append, cache=tmp_path, setting=tmp_path)
    assert sentence is not None
    assert sentence.endswith("apt-get install tesseract-ocr-deu tesseract-ocr-lat")
    assert not said


def test_language_data_of_a_setting_comes_before_what_is_installed(tmp_path: Path) -> None:
    """And the version of the engine tells which data it read with."""
    (tmp_path / "deu.traineddata").write_bytes(b"other data")
    assert language.find("deu", cache=CACHE, setting=tmp_path) == tmp_path
    assert TesseractOcrEngine(tmp_path).version != an_engine(OcrLimits()).version


def test_a_tiff_whose_directories_lead_in_a_circle(engine: TesseractOcrEngine) -> None:
    """It has the pages that are there, whoever asks for more, and the workers live on."""
    began = time.monotonic()
    result = engine.read_pages(io.BytesIO(torture.looping_tiff(3)), media_type="image/tiff", first=1, last=99)
    assert (result.problem, [page.number for page in result.pages]) == (None, [1, 2, 3])
    assert time.monotonic() - began < 5 * SECONDS
    assert workers(engine)


def test_of_fifty_thousand_pages_those_are_read_that_were_asked_for(engine: TesseractOcrEngine) -> None:
    """The others cost their count, and one behind the last that is read is none."""
    content, began = torture.many_pages_pdf(), time.monotonic()
    result = engine.read_pages(io.BytesIO(content), media_type="application/pdf", first=1, last=2)
    assert (result.problem, [page.number for page in result.pages]) == (None, [1, 2])
    assert engine.read_pages(io.BytesIO(content), media_type="application/pdf", first=49_999, last=50_000).pages == ()
    assert time.monotonic() - began < 10 * SECONDS
