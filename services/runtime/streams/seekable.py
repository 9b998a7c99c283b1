"""A stream from the store, made seekable: in memory while it is small, in a nameless file on the data's disk else."""

import contextlib
import errno
import io
import tempfile
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from services.core.errors import StoreFull, TryLater
from services.runtime.streams.spooling import spool_folder

IN_MEMORY = 1024 * 1024
"""Bytes held in memory at most."""

_PIECE_BYTES = 256 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def seekable(stream: BinaryIO, instance_folder: Path) -> Iterator[BinaryIO]:
    """The same bytes, to be read from any place while the block runs; gone afterwards, even after a crash.

    StoreFull or TryLater when the disk does not take them.
    """
    head = _head(stream)
    if len(head) <= IN_MEMORY:
        yield io.BytesIO(head)
        return
    # Without a buffer of Python's, nothing is left to be written, and to fail, when it is closed.
    with tempfile.TemporaryFile(buffering=0, dir=spool_folder(instance_folder)) as file:
        _fill(file, head, stream)
        yield cast("BinaryIO", file)


def _head(stream: BinaryIO) -> bytes:
    # A stream may give less than it was asked for without being at its end.
    pieces, wanted = [], IN_MEMORY + 1
    while wanted and (piece := stream.read(wanted)):
        pieces.append(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def _fill(file: RawIOBase, piece: bytes, stream: BinaryIO) -> None:
    try:
        while piece:
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) or 0 :]
            piece = stream.read(_PIECE_BYTES)
    except OSError as error:
        raise (StoreFull() if error.errno in _FULL else TryLater()) from error
