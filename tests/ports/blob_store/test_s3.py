"""What only S3 can do wrong: answers of every kind, played by a small server, and the buckets of a real one."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import cast

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig

from deploy.servers import S3
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.adapters.blob_store.s3.store import ATTEMPTS
from services.core.errors import BlobMissing, Misconfigured, NotPermitted, StoreFull, TryLater
from services.core.keys import Bucket

RECORDS = Bucket.RECORDS


def refusal(code: str) -> bytes:
    """A refusal as S3 spells it."""
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>x</Message></Error>".encode()


class Script(ThreadingHTTPServer):
    """A server that gives the answers it was told to, the last one for ever, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Player)
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[tuple[str, str | None, bytes]] = []

    def next(self) -> tuple[int, bytes]:
        """The answer to give now."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Player(BaseHTTPRequestHandler):
    """Reads one request and gives the script's answer."""

    protocol_version = "HTTP/1.1"
    timeout = 5

    def play(self) -> None:
        """Any method."""
        script = cast("Script", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        script.asked.append((self.command, self.headers["If-None-Match"], body))
        status, answer = script.next()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(answer) + answer.count(b"...")))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer)
        self.close_connection = b"..." in answer

    do_GET = do_HEAD = do_PUT = do_DELETE = play  # noqa: N815 - the server's names

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - the server's signature
        """Say nothing."""


@pytest.fixture
def script() -> Iterator[Script]:
    """A server whose answers the test writes."""
    with Script() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def blobs(script: Script, monkeypatch: pytest.MonkeyPatch) -> S3BlobStore:
    """A store on the script that does not rest between its attempts."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    endpoint = f"127.0.0.1:{script.server_port}"
    return S3BlobStore(S3Access(endpoint=endpoint, access_key="town", secret_key="secret", secure=False))


def test_a_create_is_conditional(blobs: S3BlobStore, script: Script) -> None:
    """Every create asks that nothing be there, and believes 200 and 412 only."""
    script.answers = [(200, b""), (412, refusal("PreconditionFailed"))]
    assert blobs.create(RECORDS, "town/a", b"content") is True
    assert blobs.create(RECORDS, "town/a", b"content") is False
    assert script.asked == [("PUT", "*", b"content")] * 2


@pytest.mark.parametrize(
    "answer", [(409, refusal("ConditionalRequestConflict")), (503, refusal("SlowDown")), (500, b"")]
)
def test_a_passing_refusal_is_met_again(blobs: S3BlobStore, script: Script, answer: tuple[int, bytes]) -> None:
    """An undecided race and an overtaxed store are asked again, with the whole content, and in the end given up."""
    script.answers = [answer, answer, (200, b"")]
    stream = io.BytesIO(b"head, content")
    stream.seek(6)
    assert blobs.create(RECORDS, "town/a", stream) is True
    assert script.asked == [("PUT", "*", b"content")] * 3
    script.answers = [answer]
    with pytest.raises(TryLater):
        blobs.create(RECORDS, "town/a", b"content")
    assert len(script.asked) == 3 + ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((507, refusal("XMinioStorageFull")), StoreFull),
        ((507, b""), StoreFull),
        ((400, refusal("XMinioAdminBucketQuotaExceeded")), StoreFull),
        ((403, refusal("AccessDenied")), NotPermitted),
        ((404, refusal("NoSuchBucket")), TryLater),
        ((302, b""), TryLater),
    ],
)
def test_a_hopeless_create_is_asked_once(
    blobs: S3BlobStore, script: Script, answer: tuple[int, bytes], said: type[TryLater]
) -> None:
    """Full is said to be full; what only people cure is no reason to hurry."""
    script.answers = [answer]
    with pytest.raises(TryLater) as raised:
        blobs.create(RECORDS, "town/a", b"content")
    assert type(raised.value) is said
    assert len(script.asked) == 1


def test_a_lost_bucket_is_no_erasure(blobs: S3BlobStore, script: Script) -> None:
    """Only a missing key is a missing blob; any other refusal of a read is the world's."""
    script.answers = [(404, refusal("NoSuchKey"))]
    with pytest.raises(BlobMissing):
        blobs.read(RECORDS, "town/a")
    for answer in [(404, refusal("NoSuchBucket")), (403, refusal("AccessDenied")), (502, b"<html>"), (503, b"")]:
        script.answers = [answer]
        with pytest.raises(TryLater):
            blobs.read(RECORDS, "town/a")
        with pytest.raises(TryLater):
            list(blobs.keys(RECORDS, "town/"))


def test_a_body_that_breaks_off_is_no_blob(blobs: S3BlobStore, script: Script) -> None:
    """A connection lost in the middle of a blob never makes a shorter blob."""
    script.answers = [(200, b"half of it...")]
    with pytest.raises(TryLater):
        blobs.read(RECORDS, "town/a")


def test_a_store_that_overwrites_is_refused(blobs: S3BlobStore, script: Script) -> None:
    """Where the second create of a key succeeds too, or the condition is unknown, the process does not start."""
    lock = b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"
    buckets = [(200, b"")] * len(Bucket)
    script.answers = [*buckets, (200, lock), (200, b"")]
    with pytest.raises(Misconfigured, match="overwrite"):
        blobs.prepare()
    script.answers = [*buckets, (200, lock), (200, b""), (501, refusal("NotImplemented"))]
    with pytest.raises(Misconfigured, match="If-None-Match"):
        blobs.prepare()


@pytest.mark.parametrize("prefix", ["Stadt", "stadt_", "-", "stadt.", "s" * 41])
def test_a_prefix_must_make_bucket_names(prefix: str) -> None:
    """A prefix that S3 does not allow is the operator's problem."""
    with pytest.raises(Misconfigured, match="prefix"):
        S3BlobStore(S3Access(endpoint="localhost", access_key="town", secret_key="secret"), prefix=prefix)


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    """A real store."""
    with S3.start() as running:
        yield running


def access_to(server: S3, access_key: str = "", secret_key: str = "") -> S3Access:
    """The server's own keys, or others."""
    return S3Access(
        endpoint=server.endpoint,
        access_key=access_key or server.access_key,
        secret_key=secret_key or server.secret_key,
        secure=False,
    )


@pytest.mark.stack
def test_originals_lie_under_lock(server: S3) -> None:
    """Preparing twice, also side by side, makes three buckets; what is deleted from the originals is only hidden."""
    plain = Minio(server.endpoint, server.access_key, server.secret_key, secure=False)
    blobs = S3BlobStore(access_to(server), prefix="city-", retention_days=3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: blobs.prepare(), range(4)))
    blobs.prepare()
    assert {f"city-{bucket}" for bucket in Bucket} <= {found.name for found in plain.list_buckets()}
    assert plain.get_object_lock_config("city-originals") == ObjectLockConfig(COMPLIANCE, 3, DAYS)
    for content in (b"first", b"second"):
        assert blobs.create(Bucket.ORIGINALS, "town/a", content)
        blobs.delete(Bucket.ORIGINALS, "town/a")
    versions = list(plain.list_objects("city-originals", "town/", recursive=True, include_version=True))
    kept = [version.version_id for version in versions if not version.is_delete_marker]
    assert len(kept) == 2
    with pytest.raises(S3Error, match="WORM"):
        plain.remove_object("city-originals", "town/a", version_id=kept[0])


@pytest.mark.stack
def test_a_wrong_key_is_the_operators_problem(server: S3) -> None:
    """A store that does not let us in keeps the process from starting, with a sentence."""
    for wrong in (access_to(server, secret_key="not the secret"), access_to(server, access_key="nobody")):
        with pytest.raises(Misconfigured, match="access key"):
            S3BlobStore(wrong).prepare()


@pytest.mark.stack
def test_originals_without_lock_are_refused(server: S3) -> None:
    """A bucket that somebody made without object lock is not taken for the originals."""
    Minio(server.endpoint, server.access_key, server.secret_key, secure=False).make_bucket("open-originals")
    with pytest.raises(Misconfigured, match="object lock"):
        S3BlobStore(access_to(server), prefix="open-").prepare()
