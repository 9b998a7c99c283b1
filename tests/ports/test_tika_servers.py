"""Two Tika servers that somebody else runs: one dies in the middle of a document, and reading goes on."""

import io
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from deploy.servers import Tika
from deploy.servers.processes import identify
from services.adapters.text_extractor.tika import ReadingLimits, TikaTextExtractor
from services.core.errors import TryLater
from tests.ports import files

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("tika")]

SLOW = files.endless_pdf(8_000_000)
NEVER_BACK_S = 6.0
"""Half of the patience: how long the test waits for a server that stays away."""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Tika, Tika]]:
    """Two servers of one small fork each."""
    with Tika.start(forks=1, heap_mib=96) as first, Tika.start(forks=1, heap_mib=96) as second:
        yield first, second


@pytest.fixture
def both(servers: tuple[Tika, Tika]) -> tuple[Tika, Tika]:
    """Both of them up."""
    for server in servers:
        if not server.running or not server.answers():
            server.restart()
    return servers


def an_extractor(servers: tuple[Tika, ...], *, patience: float = 60.0) -> TikaTextExtractor:
    """One client of all of them."""
    endpoints = [endpoint for server in servers for endpoint in server.endpoints]
    return TikaTextExtractor.running(endpoints, limits=ReadingLimits(seconds=60), patience=patience)


def read(extractor: TikaTextExtractor, content: bytes, name: str = "a.pdf") -> tuple[str, str | None]:
    """Text and problem of a file."""
    part = extractor.extract(io.BytesIO(content), name=name)[0]
    return part.text, part.problem


def test_a_document_survives_the_death_of_its_server(both: tuple[Tika, Tika]) -> None:
    """Killed while it reads, and away for good: the other server reads it, and all that come after without a wait."""
    first, _ = both
    with closing(an_extractor(both, patience=2 * NEVER_BACK_S)) as extractor, ThreadPoolExecutor() as pool:
        document = pool.submit(read, extractor, SLOW)
        time.sleep(0.3)
        first.kill()
        assert document.result() == ("", None)
        for number in range(10):
            began = time.monotonic()
            assert read(extractor, files.pdf(f"Brief {number}")) == (f"Brief {number}", None)
            assert time.monotonic() - began < NEVER_BACK_S
        assert extractor.ready()


def test_a_server_that_comes_back_takes_its_share(both: tuple[Tika, Tika]) -> None:
    """Started again, it reads alone when the other one goes."""
    first, second = both
    with closing(an_extractor(both)) as extractor:
        first.kill()
        assert read(extractor, files.pdf("einer")) == ("einer", None)
        first.restart()
        second.kill()
        assert read(extractor, files.pdf("der andere")) == ("der andere", None)


def test_a_hanging_server_holds_up_nobody_for_long(both: tuple[Tika, Tika]) -> None:
    """It is left alone for a while, and asked again later."""
    first, _ = both
    first.send(signal.SIGSTOP)
    try:
        with closing(an_extractor(both)) as extractor:
            began = time.monotonic()
            for number in range(10):
                assert read(extractor, files.pdf(f"Brief {number}")) == (f"Brief {number}", None)
            assert time.monotonic() - began < 40  # what ten looks at it take, one for each letter
    finally:
        first.send(signal.SIGCONT)


def test_a_document_survives_a_server_that_falls_asleep_over_it(both: tuple[Tika, Tika]) -> None:
    """One that stops in the middle of a file and says nothing at all: it was not the file, another one reads it."""
    first, _ = both
    endpoints = [endpoint for server in both for endpoint in server.endpoints]
    asking = closing(TikaTextExtractor.running(endpoints, limits=ReadingLimits(seconds=20), patience=4))
    with asking as extractor, ThreadPoolExecutor() as pool:
        document = pool.submit(read, extractor, SLOW)
        time.sleep(0.3)
        first.send(signal.SIGSTOP)
        try:
            assert document.result() == ("", None)
        finally:
            first.send(signal.SIGCONT)


def test_a_document_that_needs_too_much_memory_is_broken(both: tuple[Tika, Tika]) -> None:
    """It takes its fork with it twice; the watching process starts it again, and neighbours are read meanwhile."""
    bomb = files.archive({"a.html": b"<p>" + b"x" * 150_000_000})
    with closing(an_extractor(both)) as extractor, ThreadPoolExecutor() as pool:
        deadly = pool.submit(read, extractor, bomb, "a.zip")
        neighbours = 0
        while not deadly.done():
            assert read(extractor, files.pdf("Nachbar")) == ("Nachbar", None)
            neighbours += 1
        assert deadly.result()[1] == "broken"
        assert neighbours > 3


def test_all_servers_away_is_the_worlds_problem(both: tuple[Tika, Tika]) -> None:
    """The document waits."""
    for server in both:
        server.kill()
    with closing(an_extractor(both, patience=0.5)) as extractor:
        assert not extractor.ready()
        with pytest.raises(TryLater, match="tika_away"):
            read(extractor, files.pdf("Brief"))


def test_a_killed_server_leaves_no_fork(both: tuple[Tika, Tika]) -> None:
    """Its forks die with it, and so does the port."""
    first, _ = both
    identity = identify(first.pid)
    assert identity is not None
    first.kill()
    assert not identity.alive
    assert not first.answers()
