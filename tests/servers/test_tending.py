"""Who looks after a city: what ended is started again, what runs is left alone, and the front asks every process."""

import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from deploy.cluster.city import City
from deploy.cluster.front import Front
from deploy.servers.processes import Command
from deploy.servers.server import LOOPBACK, Server, free_port

_LISTENS = "import socket,sys,time; s=socket.create_server(('127.0.0.1',int(sys.argv[1]))); time.sleep(3600)"


class Small(Server):
    """Listens on its port and does nothing else."""

    name = "small"

    @classmethod
    def fetch(cls) -> None:
        """Everything is here."""

    def fresh_settings(self) -> dict[str, str]:
        return {"port": str(free_port())}

    def prepare(self) -> None:
        """An empty folder will do."""

    def command(self) -> Command:
        return Command([sys.executable, "-c", _LISTENS, self.settings["port"]], {})

    def answers(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, int(self.settings["port"])), timeout=1).close()
        except OSError:
            return False
        return True

    def address(self) -> str:
        return f"{LOOPBACK}:{self.settings['port']}"


def eventually(holds: Callable[[], object]) -> bool:
    """Whether it holds within two minutes."""
    deadline = time.monotonic() + 120
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(holds())


@pytest.fixture
def told() -> list[str]:
    """What the city said."""
    return []


@pytest.fixture
def city(tmp_path: Path, told: list[str]) -> Iterator[City]:
    """One server and no processes."""
    city = City(tmp_path, tell=told.append)
    city.servers.append(cast("Any", Small(tmp_path / "small").begin()))
    yield city
    city.stop()


def test_a_server_that_ended_is_brought_back(city: City, told: list[str]) -> None:
    """On its old port and in its old folder, told as it ends and when it answers again."""
    (server,) = city.servers
    pid, address = server.pid, server.address()
    server.send(signal.SIGKILL)
    assert eventually(lambda: not server.running)
    city.tend()
    assert eventually(server.answers)
    city.tend()
    assert server.pid != pid
    assert told == [f"small: ended, is started again; see {server.log}", f"small: ready at {address}"]


def test_a_server_that_runs_is_never_said_to_have_ended(city: City, told: list[str]) -> None:
    """Not one that answers, and not one that hangs: its process is there."""
    (server,) = city.servers
    pid = server.pid
    city.tend()
    server.send(signal.SIGSTOP)
    city.tend()
    server.send(signal.SIGCONT)
    city.tend()
    assert (told, server.pid) == ([], pid)


@contextmanager
def a_process(status: str) -> Iterator[str]:
    """The address of one that says this of itself."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"status": status}).encode()
            self.send_response(200 if status == "ready" else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002  # the library's name
            """Silent."""

    with HTTPServer((LOOPBACK, 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_front_is_ready_when_all_processes_are() -> None:
    """One that is not well, or not there, makes it 503, by name; whose paths it leads to does not matter."""
    gone = f"http://{LOOPBACK}:{free_port()}"
    with a_process("ready") as one, a_process("not_ready") as two:
        city: dict[str, str] = {"filing-1": one}
        front = Front(lambda _: [one], lambda: city, port=(port := free_port()))
        front.start()
        try:
            assert _asked(port).status_code == 200
            city |= {"procedures-1": two, "ocr-1": gone}
            answer = _asked(port)
            assert answer.status_code == 503
            states = {name: told["status"] for name, told in answer.json()["processes"].items()}
            assert states == {"filing-1": "ready", "procedures-1": "not_ready", "ocr-1": "away"}
        finally:
            front.stop()


def _asked(port: int) -> httpx.Response:
    return httpx.get(f"http://{LOOPBACK}:{port}/health/ready", timeout=60, trust_env=False)
