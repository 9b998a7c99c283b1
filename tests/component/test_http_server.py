"""The HTTP server against clients that never finish, that say two lengths, or that claim to be somebody else."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.cli.installation.http_server import HttpServer
from services.core.errors import Rejected
from services.runtime.desk.passwords import PER_NAME
from services.runtime.front import hardening
from services.runtime.web import http
from tests.component.city_hall import API, PASSWORD, CityHall

PATIENCE = 90.0
"""Seconds for what comes at once on an idle machine."""
SOON = 0.5
"""Seconds for a header block, in these tests."""


@contextmanager
def _served(folder: Path, **section: Any) -> Iterator[tuple[CityHall, HttpServer]]:
    hall = CityHall(folder, http={"port": 0, "header_timeout": SOON} | section)
    server = HttpServer(hall.process, hall.access, hall.settings)
    server.start()
    try:
        yield hall, server
    finally:
        server.stop()
        hall.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[CityHall, HttpServer]]:
    """A hall behind a server with little patience."""
    with _served(tmp_path) as both:
        yield both


@contextmanager
def _connected(server: HttpServer, first: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(first)
        yield connection


def _until_closed(connection: socket.socket, drip: bytes = b"") -> bytes:
    """What was said until the server ended the connection; meanwhile one byte after the other is sent."""
    said, deadline = b"", time.monotonic() + PATIENCE
    connection.settimeout(0.05)
    while time.monotonic() < deadline:
        try:
            if drip:
                connection.sendall(drip)
            piece = connection.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return said  # it was closed while we sent
        if not piece:
            return said
        said += piece
    raise AssertionError("the connection was held")


def _answer(connection: socket.socket) -> bytes:
    """One whole answer to `LIVE`: its head and body need not come in one piece."""
    said = b""
    while not said.endswith(b'{"status":"live"}'):
        piece = connection.recv(65536)
        assert piece, said
        said += piece
    return said


LIVE = b"GET /health/live HTTP/1.1\r\nHost: poststelle\r\n\r\n"


@pytest.mark.parametrize("first", [b"", b"GET /health", b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Drip: "])
@pytest.mark.parametrize("drip", [b"", b"x"])
def test_half_a_request_is_not_waited_for(served: tuple[CityHall, HttpServer], first: bytes, drip: bytes) -> None:
    """Neither a silent connection nor one that sends a byte now and then is held beyond the time for headers."""
    with _connected(served[1], first) as connection:
        assert b"200" not in _until_closed(connection, drip if first else b"")


def test_half_a_second_request_is_not_waited_for_and_a_silent_connection_is_kept(
    served: tuple[CityHall, HttpServer],
) -> None:
    """Between two requests a proxy may be silent; once it begins the next one, the time runs."""
    with _connected(served[1], LIVE) as connection:
        assert b"200" in _answer(connection)
        time.sleep(3 * SOON)
        connection.sendall(LIVE)
        assert b"200" in _answer(connection)
        connection.sendall(LIVE[:20])
        assert _until_closed(connection) == b""


def test_half_a_request_right_behind_a_whole_one_is_not_waited_for(served: tuple[CityHall, HttpServer]) -> None:
    """Also where it came along with the one before."""
    with _connected(served[1], LIVE + LIVE[:20]) as connection:
        assert _until_closed(connection).count(b"200 OK") == 1


def test_a_body_that_was_refused_is_not_waited_for(served: tuple[CityHall, HttpServer]) -> None:
    """Who drips what nobody wants any more is not heard to the end."""
    head = f"POST {API}/mails HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".encode()
    with _connected(served[1], head) as connection:
        assert b" 401 " in _until_closed(connection, b"x").splitlines()[0]


def test_a_form_that_never_ends_is_not_waited_for(
    served: tuple[CityHall, HttpServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read as a whole has to be there in time, however it drips."""
    monkeypatch.setattr(hardening, "WHOLE_SECONDS", SOON)
    head = b"POST /anmelden HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"
    with _connected(served[1], head) as connection:
        said = _until_closed(connection, b"x")
    assert b" 408 " in said.splitlines()[0]
    assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == "timed_out"


def test_a_request_with_two_lengths_is_refused_and_ends_the_connection(served: tuple[CityHall, HttpServer]) -> None:
    """What a proxy took for the body of the first must not be answered as a second request."""
    first = (
        b"POST /anmelden HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        % (len(LIVE) + 5)
    )
    with _connected(served[1], first + LIVE) as connection:
        said = _until_closed(connection)
    assert said.count(b"HTTP/1.1 ") == 1
    assert b" 400 " in said.splitlines()[0]
    assert b"connection: close" in said.lower()
    assert b"x-request-id" in said.lower()


@pytest.mark.parametrize(("proxies", "last"), [([], 429), (["127.0.0.0/8"], 401)])
def test_only_a_configured_proxy_says_who_asked(
    proxies: list[str], last: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever guesses passwords would be another stranger every time."""
    monkeypatch.setattr(http, "_MINUTE", 1e12)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # which uvicorn would ask by itself
    with _served(tmp_path, proxies=proxies) as (hall, server):
        monkeypatch.setattr(hall.access, "sign_in", _wrong)
        visit = "v" * 32
        fields = f"form={hall.access.form_token(visit)}&name=berg&password={PASSWORD.replace(' ', '+')}"
        told = []
        for number in range(PER_NAME + 1):
            head = (
                f"POST /anmelden HTTP/1.1\r\nHost: x\r\nCookie: poststelle_visit={visit}\r\nConnection: close\r\n"
                f"X-Forwarded-For: 198.51.100.{number}\r\nContent-Length: {len(fields)}\r\n\r\n{fields}"
            )
            with _connected(server, head.encode()) as connection:
                told.append(int(_until_closed(connection).split()[1]))
        assert told == [401] * PER_NAME + [last]


def _wrong(*_: str) -> str:
    raise Rejected("wrong_password")


@pytest.mark.parametrize(
    "path", [f"{API}/accounts/", "/suche/", "//stadt.test/suche/", "/static//stadt.test/%2e%2e/", "/konten/"]
)
def test_no_redirect_leads_to_a_host_that_the_request_names(served: tuple[CityHall, HttpServer], path: str) -> None:
    """A path with a slash too many leads to the one without, here and nowhere else."""
    head = f"GET {path} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n"
    with _connected(served[1], head.encode()) as connection:
        said = _until_closed(connection).decode()
    targets = [line.partition(": ")[2] for line in said.splitlines() if line.lower().startswith("location:")]
    assert all(target.startswith("/") and not target.startswith("//") for target in targets)
    assert "evil" not in said


def test_links_are_built_from_the_address_that_was_reached(served: tuple[CityHall, HttpServer], tmp_path: Path) -> None:
    """Or the public one where it is set: a one-time link with a stranger's host would hand the account over."""
    key = served[0].access.add_key("k", rights=("administer",))
    assert _link(served[1], key, "a").startswith(f"http://127.0.0.1:{served[1].port}/einmal/")
    with _served(tmp_path / "other", public_url="https://post.stadt.test/") as (hall, server):
        assert _link(server, hall.access.add_key("k", rights=("administer",)), "b").startswith(
            "https://post.stadt.test/einmal/"
        )


def _link(server: HttpServer, key: str, name: str) -> str:
    body = json.dumps({"name": name})
    head = (
        f"POST {API}/accounts HTTP/1.1\r\nHost: evil.test\r\nX-Forwarded-Host: evil.test\r\nConnection: close\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    with _connected(server, head.encode()) as connection:
        link: str = json.loads(_until_closed(connection).partition(b"\r\n\r\n")[2])["link"]
    return link
