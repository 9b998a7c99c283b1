"""Keeps the words of a plan's positions on disk: counting 3,444 letters takes seconds, reading the counts a tenth.

A cache and nothing more: what is broken, of another version or not there is counted anew.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from services.classification.knowledge.likeness import Counted, Likeness

_FORMAT = b"likeness-1\n"
_DIGEST = 32
LARGEST = 64 * 1024 * 1024
"""Bytes of a file that are read; a plan of a thousand positions has a tenth."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Counted)


def kept(folder: Path, name: str, count: Callable[[], Likeness]) -> Likeness:
    """The likeness of this name, from the folder or counted and put there; a folder that fails is gone without."""
    file = folder / f"likeness-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
    there = _read(file)
    if there is not None:
        return there
    counted = count()
    with suppress(OSError):
        _write(file, _ENCODER.encode(counted.counted()))
    return counted


def _read(file: Path) -> Likeness | None:
    try:
        if file.stat().st_size > LARGEST:
            return None
        content = file.read_bytes()
        digest, body = content[len(_FORMAT) :][:_DIGEST], content[len(_FORMAT) + _DIGEST :]
        if not content.startswith(_FORMAT) or hashlib.sha256(body).digest() != digest:
            return None
        return Likeness.of(_DECODER.decode(body))
    except (OSError, msgspec.MsgspecError, ValueError):
        return None


def _write(file: Path, body: bytes) -> None:
    """Whole or not at all: another process may be at it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as writing:
            writing.write(_FORMAT + hashlib.sha256(body).digest() + body)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
