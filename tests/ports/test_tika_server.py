"""A Tika that dies, hangs or is away: documents come through it, and it never outlives us."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias

import pytest

from services.adapters.text_extractor.tika import ReadingLimits, TikaTextExtractor
from services.adapters.text_extractor.tika import programs as tika_programs
from services.adapters.text_extractor.tika.configuration import ServerOptions
from services.adapters.text_extractor.tika.running import RunningServer
from services.adapters.text_extractor.tika.server import TikaServer
from services.core.errors import TryLater
from tests.ports import files

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("tika")]

SLOW = files.endless_pdf(8_000_000)
ENDLESS = files.endless_pdf(400_000_000)
SECONDS = 10

Answer: TypeAlias = tuple[int, bytes] | None


def programs() -> tuple[Path, Path]:
    """Java and the jar, fetched where they are not there yet."""
    return tika_programs.prepare(Path("~/.cache/poststelle"), print)


def eventually(holds: Callable[[], object], seconds: float = 180) -> bool:
    """Whether it holds within the time."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(holds())


def group(leader: int) -> dict[int, str]:
    """The processes of a group, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and os.getpgid(int(entry.name)) == leader:
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ").strip()
        except OSError:
            continue  # it ended while we looked
    return {pid: line for pid, line in found.items() if line}


def answers(address: str | None) -> bool:
    """Whether somebody accepts connections there."""
    if address is None:
        return False
    host, port = address.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


class FrailServer(ThreadingHTTPServer):
    """Answers that it is there, and every document the same way: None hangs up, as one that dies of it does."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), FrailAnswers)
        self.answer = answer
        self.asked = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def read(self) -> str | None:
        """The problem of a document that is read there."""
        server = RunningServer(f"http://127.0.0.1:{self.server_port}")
        with closing(TikaTextExtractor([server], limits=ReadingLimits(seconds=5))) as extractor:
            return extractor.extract(io.BytesIO(b"Text"))[0].problem

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class FrailAnswers(BaseHTTPRequestHandler):
    """One connection to the frail server."""

    server: FrailServer

    def do_GET(self) -> None:
        self.give(200, b"Apache Tika")

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        if self.server.answer is None:
            self.close_connection = True
        else:
            self.give(*self.server.answer)

    def give(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the library's name
        """Silent."""


class Running:
    """An extractor with its servers, and a way to reach the processes behind it."""

    def __init__(self, folder: Path, options: ServerOptions, seconds: int = SECONDS) -> None:
        self.extractor = TikaTextExtractor.supervised(
            programs, folder, limits=ReadingLimits(seconds=seconds), options=options
        )

    def servers(self) -> list[TikaServer]:
        """Those that it started."""
        return [server for server in self.extractor._servers if isinstance(server, TikaServer)]

    def up(self) -> bool:
        """All answer now, or soon."""
        return eventually(lambda: all(answers(server.address()) for server in self.servers()))

    def leaders(self) -> list[int]:
        """The servers' processes."""
        return [server._child.pid for server in self.servers() if server._child is not None]

    def kill(self) -> None:
        """All servers, as the kernel does when memory is short."""
        killed = self.leaders()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not set(killed) & set(self.leaders()))

    def read(self, content: bytes) -> tuple[str, str | None]:
        """Text and problem of a file."""
        (part,) = self.extractor.extract(io.BytesIO(content), name="a.pdf")
        return part.text, part.problem


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Started once for this file."""
    made = Running(tmp_path_factory.mktemp("tika") / "own", ServerOptions(processes=2))
    yield made
    made.extractor.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Running]:
    """A single server with little memory."""
    made = Running(tmp_path / "own", ServerOptions(heap=96), seconds=90)
    assert made.up()
    yield made
    made.extractor.close()


def test_until_it_has_started_documents_wait(running: Running) -> None:
    """Constructing does not block; a document that comes too early is deferred."""
    with pytest.raises(TryLater, match="tika_starting"):
        running.read(files.pdf("zu früh"))
    assert running.up()


def test_a_document_survives_the_death_of_its_server(running: Running) -> None:
    """Killed while it reads: the server starts anew, and the document is read again."""
    assert running.up()
    old = running.leaders()
    with ThreadPoolExecutor() as pool:
        document = pool.submit(running.read, SLOW)
        time.sleep(0.5)
        running.kill()
        assert document.result() == ("", None)
    assert running.up()
    assert not set(old) & set(running.leaders())
    assert not any(group(pid) for pid in old)


def test_an_endless_document_is_given_up_and_disturbs_nobody(running: Running) -> None:
    """It is `too_slow` soon after its time is over; documents on the other server are read meanwhile."""
    assert running.up()
    started = time.monotonic()
    with ThreadPoolExecutor() as pool:
        endless = pool.submit(running.read, ENDLESS)
        time.sleep(0.5)
        neighbours = 0
        while not endless.done():
            assert running.read(files.pdf("Nachbar")) == ("Nachbar", None)
            neighbours += 1
        assert endless.result() == ("", "too_slow")
    assert SECONDS <= time.monotonic() - started < SECONDS + 60
    assert neighbours > 3


@pytest.mark.parametrize(("answer", "asked"), [(None, 2), ((200, b"[]"), 2), ((500, b""), 2)])
def test_a_document_that_brings_its_server_down_twice_is_broken(answer: Answer, asked: int) -> None:
    """No third try: the file travels on with a problem."""
    with FrailServer(answer) as server:
        assert server.read() == "broken"
        assert server.asked == asked


def test_a_server_without_time_is_the_worlds_problem() -> None:
    """It says so, and the document waits."""
    with FrailServer((503, b"")) as server, pytest.raises(TryLater, match="tika_busy"):
        server.read()


def test_a_request_that_is_refused_is_our_fault() -> None:
    """No document is blamed for it."""
    with FrailServer((400, b"")) as server, pytest.raises(RuntimeError, match="tika_refused_400"):
        server.read()


def test_a_document_that_needs_too_much_memory_is_broken(small: Running) -> None:
    """The server ends when its heap is full; the machine does not."""
    content = files.archive({"a.html": b"<p>" + b"x" * 150_000_000})
    (container,) = small.extractor.extract(io.BytesIO(content), name="a.zip")
    assert container.problem == "broken"


def test_the_server_does_not_outlive_us(tmp_path: Path) -> None:
    """Python killed with -9 leaves no java behind."""
    script = (
        "import sys, time; from pathlib import Path; from tests.ports.test_tika_server import Running, ServerOptions\n"
        "running = Running(Path(sys.argv[1]), ServerOptions(processes=2))\n"
        "assert running.up(); print(*running.leaders(), flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "own")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        leaders = [int(pid) for pid in child.stdout.readline().split()]
        assert all(group(leader) for leader in leaders)
        child.kill()
    assert len(leaders) == 2
    assert eventually(lambda: not any(group(leader) for leader in leaders))


def test_closing_ends_all_processes(tmp_path: Path) -> None:
    """Nothing runs and nothing lies around afterwards, also when it had only begun to start."""
    made = Running(tmp_path / "own", ServerOptions(processes=2))
    assert eventually(lambda: len(made.leaders()) == 2)
    leaders = made.leaders()
    made.extractor.close()
    assert not any(group(leader) for leader in leaders)
    assert not list((tmp_path / "own").glob("*"))


def test_a_server_that_is_away_is_the_worlds_problem() -> None:
    """Nobody listens there: the document waits."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    extractor = TikaTextExtractor([RunningServer(address)], patience=0.5)
    assert not extractor.ready()
    with pytest.raises(TryLater, match="tika_away"):
        extractor.extract(io.BytesIO(b"Text"))
    extractor.close()


def test_running_servers_elsewhere_are_used_by_address(running: Running) -> None:
    """A city names its servers; nothing is started."""
    assert running.up()
    extractor = TikaTextExtractor.running([server.address() or "" for server in running.servers()])
    assert extractor.ready()
    (part,) = extractor.extract(io.BytesIO(b"Text"), media_type="text/plain")
    assert part.text == "Text"
    extractor.close()
