"""Pages that could cost much are read apart: no page holds the service, and no word of one is lost."""

import logging
import os
import signal
import time
from collections.abc import Iterator

import pytest

from services.extraction.mail import html, html_apart
from services.extraction.mail.entities import parse
from services.extraction.mail.html import HtmlText
from services.extraction.mail.html_apart import PLAIN_CHARACTERS, PLAIN_TAGS, Readers
from services.runtime.context.adapter_log import OURS

MIB = 1024 * 1024
WORDS = "<p>Bauantrag f\u00fcr die Garage</p>"


def opened_again(fonts: int, paragraphs: int) -> str:
    """Every paragraph opens all the fonts again, that the first one left open: so many nodes are the product."""
    return WORDS + "<p>" + "".join(f"<font a{n}>" for n in range(fonts)) + "</p>" + "<p>x" * paragraphs


def one_element(bodies: int, attributes: int = 200) -> str:
    """All attributes become those of one element, and each is compared with all before it."""
    rows = (" ".join(f"a{row * attributes + n}=b" for n in range(attributes)) for row in range(bodies))
    return WORDS + "".join(f"<body {row}>" for row in rows)


@pytest.fixture
def readers() -> Iterator[Readers]:
    """Little time and memory."""
    made = Readers(seconds=6, memory=300 * MIB)
    yield made
    made.close()


@pytest.mark.parametrize("page", [opened_again(990, 9_000), one_element(2_000)], ids=["memory", "time"])
def test_a_page_made_to_harm_costs_what_it_may(readers: Readers, caplog: pytest.LogCaptureFixture, page: str) -> None:
    """Its reader is ended, its words are found all the same, and the next page is read."""
    caplog.set_level(logging.WARNING, OURS)
    began = time.monotonic()
    assert "Bauantrag f\u00fcr die Garage" in readers.read(page).text
    assert time.monotonic() - began < 60
    assert [record.getMessage() for record in caplog.records] == ["html_reader_ended"]
    assert readers.read(WORDS).text == "Bauantrag f\u00fcr die Garage"


def test_a_page_is_read_apart_as_it_is_read_here(readers: Readers) -> None:
    """Text, pictures and what it refers to."""
    picture = "<img src='data:image/png;base64," + "A" * 400 + "'><img src='cid:Logo@x'>"
    page = (WORDS + picture) * 50
    assert readers.read(page) == html.read(page)
    assert readers.read("\ud800 und mehr").text == html.read("\ud800 und mehr").text


def test_a_reader_that_died_meanwhile_is_replaced(readers: Readers) -> None:
    """Whoever asks next does not notice."""
    readers.read(WORDS)
    reader = readers._idle.get_nowait()
    os.kill(reader._process.pid, signal.SIGKILL)
    reader._process.wait()
    readers._idle.put(reader)
    assert readers.read(WORDS).text


@pytest.mark.parametrize("page", [WORDS * (PLAIN_TAGS + 1), WORDS + " " * PLAIN_CHARACTERS])
def test_mails_ask_for_what_could_cost_much(monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    """Large pages and those of many tags go to a reader, small ones do not."""
    asked: list[str] = []

    def read(source: str) -> HtmlText:
        asked.append(source)
        return html.read(source)

    monkeypatch.setattr(html_apart._READERS, "read", read)
    for body in (page, WORDS):
        mail = f"Content-Type: text/html; charset=utf-8\n\n{body}".encode()
        assert "Garage" in parse(mail, 0, len(mail)).text
    assert asked == [page]
