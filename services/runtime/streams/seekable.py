"""A stream from the store, made seekable: in memory while it is small, else as it is where it can seek by itself.

What cannot, such as an answer of S3, is spooled into a nameless file on the data's disk, within a budget: never into
the temporary folder, which in a container is a small piece of memory.
"""

import contextlib
import errno
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from services.core.errors import StoreFull, TryLater
from services.runtime.streams.spooling import Share, UnderWay, spool_folder

IN_MEMORY = 1024 * 1024
"""Bytes held in memory at most."""

_PIECE_BYTES = 256 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class SpoolSpace:
    """Where streams are spooled, and how many bytes of them may lie there at one time."""

    instance_folder: Path
    budget: int
    under_way: UnderWay

    @contextlib.contextmanager
    def seekable(self, stream: BinaryIO) -> Iterator[BinaryIO]:
        """The same bytes, to be read from any place while the block runs; a copy is gone then, even after a crash.

        StoreFull or TryLater when the disk does not take them, TryLater `busy` when the budget does not.
        """
        head = _head(stream)
        if len(head) <= IN_MEMORY:
            yield io.BytesIO(head)
        elif stream.seekable():
            stream.seek(0)
            yield stream
        else:
            with self._spooled(head, stream) as file:
                yield file

    @contextlib.contextmanager
    def _spooled(self, head: bytes, stream: BinaryIO) -> Iterator[BinaryIO]:
        # Without a buffer of Python's, nothing is left to be written, and to fail, when it is closed.
        with (
            self.under_way.share(len(head), budget=self.budget) as share,
            tempfile.TemporaryFile(buffering=0, dir=spool_folder(self.instance_folder)) as file,
        ):
            _fill(file, head, stream, share=share)
            file.seek(0)
            yield cast("BinaryIO", file)


def _head(stream: BinaryIO) -> bytes:
    # A stream may give less than it was asked for without being at its end.
    pieces, wanted = [], IN_MEMORY + 1
    while wanted and (piece := stream.read(wanted)):
        pieces.append(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def _fill(file: RawIOBase, piece: bytes, stream: BinaryIO, *, share: Share) -> None:
    size_bytes = 0
    try:
        while piece:
            size_bytes += len(piece)
            share.grow_to(size_bytes)
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) or 0 :]
            piece = stream.read(_PIECE_BYTES)
    except OSError as error:
        raise (StoreFull() if error.errno in _FULL else TryLater()) from error
