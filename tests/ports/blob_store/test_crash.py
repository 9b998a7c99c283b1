"""What was acknowledged is there after a kill -9, and nothing is there in halves."""

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.servers import S3
from services.adapters.blob_store.files import FileBlobStore
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.core.errors import TryLater
from services.core.keys import Bucket
from tests.ports.event_log.readers import eventually

RECORDS = Bucket.RECORDS
WRITTEN = 200
"""So much is acknowledged when the store dies, however long that takes."""


def content(number: int) -> bytes:
    """The bytes of a numbered blob, up to 100 KB."""
    return f"{number:08}".encode() * (number % 3 * 6000 + 1)


def test_a_killed_writer_loses_nothing(tmp_path: Path, project: Path) -> None:
    """Files: after SIGKILL every acknowledged blob is whole, every other whole or absent, and the next start tidies."""
    folder, program = tmp_path / "blobs", project / "tests" / "ports" / "blob_store" / "writer.py"
    words = [sys.executable, str(program), str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(project)}) as child:
        assert child.stdout is not None
        first = [child.stdout.readline() for _ in range(50)]
        child.kill()
        lines = [line.decode().split() for line in first + child.stdout.readlines() if line.endswith(b"\n")]
    assert len(lines) >= 50
    blobs = FileBlobStore(folder, reserve_bytes=0)
    for key, number in lines:
        assert blobs.read(RECORDS, key) == content(int(number))
    for key in blobs.keys(RECORDS, "town/"):
        document, revision = key.split("/")[2], key[-6]
        assert blobs.read(RECORDS, key) == content(int(document.partition("-")[2]) * 3 + int(revision))
    assert list((folder / "arriving").iterdir()) == []


@pytest.mark.stack
def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """S3: under SIGKILL writers see TryLater and nothing else; after the restart every acknowledged blob is whole."""
    with S3.start(tmp_path) as server:
        access = S3Access(
            endpoint=server.endpoint, access_key=server.access_key, secret_key=server.secret_key, secure=False
        )
        blobs = S3BlobStore(access, prefix="town-")
        blobs.prepare()
        assert blobs.ready()

        acknowledged: list[tuple[str, int]] = []

        def write(writer: int) -> None:
            for number in itertools.count():
                try:
                    if blobs.create(RECORDS, f"town/{writer}/{number}", content(number)):
                        acknowledged.append((f"town/{writer}/{number}", number))
                except TryLater:
                    return
            raise AssertionError

        with ThreadPoolExecutor(8) as pool:
            writers = [pool.submit(write, writer) for writer in range(8)]
            eventually(lambda: len(acknowledged) >= WRITTEN)
            server.kill()
            for writer in writers:
                writer.result(120)
        while_it_is_away(blobs)
        server.restart()
        assert all(blobs.read(RECORDS, key) == content(number) for key, number in acknowledged)
        for key in blobs.keys(RECORDS, "town/"):
            assert blobs.read(RECORDS, key) == content(int(key.rpartition("/")[2]))
        assert blobs.ready()


def while_it_is_away(blobs: S3BlobStore) -> None:
    """Every call says TryLater, soon; none takes silence for absence."""
    started = time.monotonic()
    assert not blobs.ready()
    with pytest.raises(TryLater):
        blobs.create(RECORDS, "town/new", b"")
    with pytest.raises(TryLater):
        blobs.read(RECORDS, "town/0/0")
    with pytest.raises(TryLater):
        blobs.size(RECORDS, "town/0/0")
    with pytest.raises(TryLater):
        list(blobs.keys(RECORDS, "town/"))
    with pytest.raises(TryLater):
        blobs.delete(RECORDS, "town/0/0")
    with pytest.raises(TryLater):
        blobs.prepare()
    assert time.monotonic() - started < 60
