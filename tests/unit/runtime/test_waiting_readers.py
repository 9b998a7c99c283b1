"""Pages say what is not ready yet, and wait for nobody who does not answer."""

import threading
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.runtime.desk import frame
from services.runtime.desk.frame import _Waiting


class Reader:
    """Answers, or hangs until it is let go."""

    def __init__(self) -> None:
        self.awake = True
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.asked = 0

    def ready(self) -> bool:
        self.asked += 1
        self.goes_on.wait(600)
        return self.awake


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Asked anew at each page."""
    monkeypatch.setattr(frame, "LOOK_AGAIN_SECONDS", 0.0)
    return Reader()


def waiting(reader: Reader) -> _Waiting:
    """What pages say of it."""
    ports = cast("Any", SimpleNamespace(extractor=reader, ocr=reader))
    return _Waiting(ports, frozenset({"extractor"}))


def test_what_answers_is_told_at_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the very page that looks."""
    monkeypatch.setattr(frame, "PATIENCE_SECONDS", 60.0)  # a busy machine may take longer to start its thread
    pages = waiting(reader)
    assert pages.sentences() == []
    reader.awake = False
    assert len(pages.sentences()) == 1


def test_no_page_waits_for_a_reader_that_hangs(reader: Reader) -> None:
    """Of twenty at one time one looks, and none takes longer than a person notices; then its answer is told."""
    pages = waiting(reader)
    reader.goes_on.clear()
    reader.awake = False
    threads = [threading.Thread(target=pages.sentences, daemon=True) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a page waits for the reader that hangs"
    assert reader.asked == 1
    reader.goes_on.set()
    deadline = time.monotonic() + 60
    while not pages.sentences() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(pages.sentences()) == 1
