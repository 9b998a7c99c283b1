"""Content as a file that a worker can be given: its own where it has one, else one in memory."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def as_file(content: BinaryIO) -> Iterator[int]:
    """The content's own file; what lies in memory anyway is laid into a file in memory, and never on a disk."""
    descriptor = _descriptor(content)
    if descriptor >= 0:
        yield descriptor
        return
    with os.fdopen(os.memfd_create("page"), "w+b") as file:
        content.seek(0)
        shutil.copyfileobj(content, file)
        file.flush()
        yield file.fileno()


def _descriptor(content: BinaryIO) -> int:
    """That of the file behind a stream, -1 where there is none."""
    try:
        return content.fileno()
    except io.UnsupportedOperation:
        return -1
