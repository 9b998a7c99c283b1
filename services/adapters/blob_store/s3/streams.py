"""Blobs on their way: a body to be sent more than once, and one that comes in."""

import errno
import hashlib
import io
import os
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import urllib3

from services.adapters.blob_store.s3.answers import failures
from services.core.errors import StoreFull, TryLater

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
PIECE_BYTES = 128 * 1024
SPOOL_BYTES = 1024 * 1024


class Parcel:
    """A stream from its position to its end, measured, for sending more than once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = stream.tell()
        digest = hashlib.md5(usedforsecurity=False)  # the checksum S3 compares; a bucket under lock demands it
        while piece := stream.read(PIECE_BYTES):
            digest.update(piece)
        self.digest = b64encode(digest.digest()).decode()
        self.size_bytes = stream.tell() - self._start

    def rewound(self) -> BinaryIO:
        """At the start again."""
        self._stream.seek(self._start)
        return self._stream


class Body(io.RawIOBase):
    """The body of an answer as a stream whose failures speak our language."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        with failures():
            piece = self._response.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """A body read to its end has given its connection back; any other is cut."""
        if not self.closed:
            self._response.close()
        super().close()


@contextmanager
def seekable(content: bytes | BinaryIO, folder: Path | None) -> Iterator[BinaryIO]:
    """The content as something that can be sent twice: a stream that cannot seek is spooled, in the folder if large.

    StoreFull when the disk there does not take it.
    """
    if isinstance(content, bytes):
        yield io.BytesIO(content)
    elif content.seekable():
        yield content
    else:
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES, dir=str(folder) if folder else None) as spool:
            while piece := content.read(PIECE_BYTES):
                _write(spool, piece)
            spool.seek(os.SEEK_SET)
            yield cast("BinaryIO", spool)


def _write(spool: "tempfile.SpooledTemporaryFile[bytes]", piece: bytes) -> None:
    try:
        spool.write(piece)
        spool.flush()  # now, and not at the end: closing must have nothing left to fail at
    except OSError as error:
        raise (StoreFull() if error.errno in _FULL else TryLater()) from error
