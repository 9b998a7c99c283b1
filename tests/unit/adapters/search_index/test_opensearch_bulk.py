"""What the bulk worker makes of a cluster that is busy, refuses, wants less at a time, or lets nobody in."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.adapters.search_index.opensearch import OpenSearchAccess, OpenSearchIndex, bulk, client
from services.adapters.search_index.opensearch.bulk import EntriesRefused, NoSuchAlias
from services.adapters.search_index.opensearch.client import Away, Client
from services.adapters.search_index.opensearch.source import Line, line_of
from services.core.errors import Misconfigured, TryLater
from services.core.ports.entries import TOMBSTONE_VERSION, Entry

Reply = tuple[int, object]
Script = Callable[[list[dict[str, Any]]], Reply | None]
"""What is answered to the documents of a request; None: the connection is cut."""


class Cluster(ThreadingHTTPServer):
    """Answers bulk requests by a script, everything else with one status, and notes the documents it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.script: Script = _taken
        self.requests: list[list[dict[str, Any]]] = []
        self.headers: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Cluster

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        lines = [json.loads(line) for line in body.splitlines()] if "_bulk" in self.path else []
        documents = [
            {"id": action["index"]["_id"], "version": action["index"]["version"], **source}
            for action, source in zip(lines[::2], lines[1::2], strict=True)
        ]
        self.server.requests.append(documents)
        self.server.headers.append(self.headers.get("Authorization", ""))
        reply = self.server.script(documents)
        if reply is None:
            self.close_connection = True
            return
        told = json.dumps(reply[1]).encode()
        self.send_response(reply[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Silent."""


def _taken(documents: list[dict[str, Any]]) -> Reply:
    return _told([201] * len(documents))


def _told(statuses: Sequence[int], kind: str = "mapper_parsing_exception") -> Reply:
    items = [{"index": {"status": each, **({"error": {"type": kind}} if each > 299 else {})}} for each in statuses]
    return 200, {"errors": any(each > 299 for each in statuses), "items": items}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster on loopback that takes everything."""
    with Cluster() as cluster:
        yield cluster
        cluster.shutdown()


@pytest.fixture
def ours(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client that does not sleep long between attempts."""
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.001)
    ours = Client(OpenSearchAccess(endpoints=(cluster.endpoint,), username="poststelle", password="geheim"))
    yield ours
    ours.close()


def _lines(count: int, **facts: Any) -> list[Line]:
    return [line_of(Entry(tenant="main", document=f"d{number}", version=1, **facts)) for number in range(count)]


def _ids(cluster: Cluster) -> list[list[str]]:
    return [[each["id"] for each in request] for request in cluster.requests]


def _in_turn(*replies: Reply | None) -> Script:
    left = list(replies)
    return lambda documents: left.pop(0) if left else _taken(documents)


def test_requests_are_bounded_in_count_and_size(
    cluster: Cluster, ours: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many documents go in several requests, each once and in order; one that is larger than a request goes alone."""
    monkeypatch.setattr(bulk, "LINES_AT_MOST", 3)
    monkeypatch.setattr(bulk, "BYTES_AT_MOST", 5_000)
    bulk.send(ours, "letters", [*_lines(4), *_lines(1, body="x" * 9_000), *_lines(2, body="x" * 3_000)])
    assert _ids(cluster) == [["d0", "d1", "d2"], ["d3"], ["d0"], ["d0"], ["d1"]]
    assert cluster.headers[0].startswith("Basic ")


@pytest.mark.parametrize("passing", [(429, {}), (502, {}), (503, {}), None])
def test_a_busy_cluster_and_a_lost_connection_are_asked_again(
    cluster: Cluster, ours: Client, passing: Reply | None
) -> None:
    """The same documents come again until they are taken."""
    cluster.script = _in_turn(passing, passing)
    bulk.send(ours, "letters", _lines(2))
    assert _ids(cluster) == [["d0", "d1"]] * 3


def test_only_what_was_not_taken_goes_again(cluster: Cluster, ours: Client) -> None:
    """Of a request that was taken in parts the rest is repeated; an older version than the one there is no failure."""
    cluster.script = _in_turn(_told([201, 429, 409, 503, 200]), _told([201, 429]))
    bulk.send(ours, "letters", _lines(5))
    assert _ids(cluster) == [["d0", "d1", "d2", "d3", "d4"], ["d1", "d3"], ["d3"]]


@pytest.mark.parametrize("reply", [(503, {}), _told([429]), None, (500, {}), (401, {}), (403, {}), _told([403])])
def test_what_does_not_pass_is_the_worlds_problem(cluster: Cluster, ours: Client, reply: Reply | None) -> None:
    """After a bounded number of attempts the worker may try later."""
    cluster.script = lambda _: reply
    with pytest.raises(TryLater):
        bulk.send(ours, "letters", _lines(1))
    assert len(cluster.requests) <= bulk.ATTEMPTS


def test_a_request_that_is_too_large_is_split(cluster: Cluster, ours: Client) -> None:
    """Halves and halves of halves, until the cluster takes them; nothing is sent twice that was taken."""
    cluster.script = lambda documents: _taken(documents) if len(documents) <= 2 else (413, {})
    bulk.send(ours, "letters", _lines(5))
    taken = [ids for ids in _ids(cluster) if len(ids) <= 2]
    assert sorted(each for ids in taken for each in ids) == ["d0", "d1", "d2", "d3", "d4"]


def test_a_document_larger_than_any_request_loses_its_end(cluster: Cluster, ours: Client) -> None:
    """Better found by its first words than not at all; where even these are too much it is our problem."""
    cluster.script = lambda documents: (413, {}) if "body_rest" in documents[0] else _taken(documents)
    bulk.send(ours, "letters", _lines(1, body="Zaun " * 100_000))
    assert cluster.requests[-1][0]["body"].startswith("Zaun Zaun")
    cluster.script = lambda _: (413, {})
    with pytest.raises(EntriesRefused, match="too_large"):
        bulk.send(ours, "letters", _lines(1, body="Zaun " * 100_000))


def test_a_refused_document_does_not_hold_up_the_others(cluster: Cluster, ours: Client) -> None:
    """The rest is written; the refusal is told as ours, with the kind and nothing of the text."""
    cluster.script = _in_turn(_told([201, 400, 429]))
    with pytest.raises(EntriesRefused) as refusal:
        bulk.send(ours, "letters", _lines(3, body="Geheimnis"))
    assert str(refusal.value) == "mapper_parsing_exception"
    assert _ids(cluster) == [["d0", "d1", "d2"], ["d2"]]


def test_an_alias_that_points_nowhere_is_told(cluster: Cluster, ours: Client) -> None:
    """Nothing is written into an index that nobody made."""
    for reply in ((404, {}), _told([404])):
        cluster.script = lambda _, reply=reply: reply  # type: ignore[misc]
        with pytest.raises(NoSuchAlias):
            bulk.send(ours, "letters", _lines(1))


def test_a_tombstone_keeps_no_fact(cluster: Cluster, ours: Client) -> None:
    """What is left of an erased document is its id and a rank above all others."""
    erased = Entry(tenant="main", document="d1", version=TOMBSTONE_VERSION, erased=True, title="Geheim")
    bulk.send(ours, "letters", [line_of(erased)])
    assert cluster.requests == [[{"id": "d1", "version": erased.rank}]]


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        ((401, {}), "opensearch.password_file"),
        ((403, {}), "opensearch.username"),
        ((503, {}), "opensearch.endpoints"),
        ((500, {}), "opensearch.endpoints"),
        ((400, {"error": {"type": "illegal_argument_exception"}}), "opensearch.shards"),
        (None, "opensearch.endpoints"),
    ],
)
def test_a_start_that_fails_names_the_setting(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, reply: Reply | None, named: str
) -> None:
    """One sentence for the operator; nothing of the vendor's."""
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.001)
    cluster.script = lambda _: reply
    index = OpenSearchIndex(OpenSearchAccess(endpoints=(cluster.endpoint,)))
    with pytest.raises(Misconfigured, match=named):
        index.prepare()
    index.close()


def test_a_server_without_our_certificate_is_told() -> None:
    """Where TLS was asked for and somebody else answers, the sentence names file and address."""
    with Cluster() as stranger:
        index = OpenSearchIndex(OpenSearchAccess(endpoints=(stranger.endpoint.replace("http", "https"),)))
        with pytest.raises(Misconfigured, match=r"opensearch\.endpoints"):
            index.prepare()
        index.close()
        stranger.shutdown()


@pytest.mark.parametrize(
    ("access", "named"),
    [
        ({"endpoints": ("https://[",)}, "opensearch.endpoints"),
        ({"endpoints": ("https://127.0.0.1:port",)}, "opensearch.endpoints"),
        ({"endpoints": ("https://127.0.0.1:1",), "ca_file": Path("no-such-file.pem")}, "opensearch.ca_file"),
    ],
)
def test_an_address_or_file_that_is_none_is_named(access: dict[str, Any], named: str) -> None:
    """Before anything is asked."""
    with pytest.raises(Misconfigured, match=named):
        OpenSearchIndex(OpenSearchAccess(**access))


def test_a_prefix_that_no_index_may_have_is_refused() -> None:
    """Before anything is asked."""
    for prefix in ("Stadt-", "stadt.", "-stadt", "_"):
        with pytest.raises(Misconfigured, match="prefix"):
            OpenSearchIndex(OpenSearchAccess(endpoints=("http://127.0.0.1:1",)), prefix=prefix)


def test_a_closed_client_asks_nothing(cluster: Cluster, ours: Client) -> None:
    """After closing every call is put off at once."""
    ours.close()
    with pytest.raises(Away):
        ours.ask("GET", "/")
    assert cluster.requests == []
