"""The files inside a zip or tar, as bytes: what lies in an archive is read like what hangs on a mail."""

import bz2
import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from services.extraction.kinds.signatures import BZIP2, GZIP, TAR, ZIP

MAX_MEMBER = 64 * 1024 * 1024
"""Bytes of one file; larger ones are left to a person."""
BOMB_RATIO = 1_000
"""Bytes unpacked for each byte of the archive: no scan and no text is packed so well, a bomb is."""
BOMB_FLOOR = 16 * 1024 * 1024
"""Bytes up to which nobody is suspected."""

_KNOWN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
"""What unpacks within little memory; LZMA may ask for gigabytes."""
_LOCKED, _UTF8 = 0x1, 0x800
_FAULTS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
)
"""What an archive that was damaged, locked, packed by an unknown method or made to harm brings about."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; without bytes it says why."""

    name: str
    content: bytes = b""
    problem: str | None = None
    path: str = ""
    """Of a zip's file: its name with the folders in front of it, as the archive has it; never to be opened."""


class Unpacking:
    """The files of one archive, one by one, in its order. `problem` says at the end what cut it short."""

    def __init__(self, content: BinaryIO, kind: str, *, name: str = "", budget: int) -> None:
        """`budget` is how many bytes may be unpacked in all."""
        self._content, self._kind, self._name = content, kind, name
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        self._left = min(budget, max(BOMB_FLOOR, BOMB_RATIO * size))
        self._beyond = "too_large" if budget <= self._left else "bomb"
        self.problem: str | None = None
        self.unpacked = 0

    def members(self) -> Iterator[Member]:
        """Never an exception: what cannot be unpacked is a problem of the file, or of the archive."""
        try:
            yield from self._zip() if self._kind == ZIP else self._packed()
        except _Beyond:
            self.problem = self._beyond
        except _FAULTS:
            self.problem = "broken"

    def _zip(self) -> Iterator[Member]:
        with zipfile.ZipFile(self._content) as archive:
            for told in archive.infolist():
                if not told.is_dir():
                    yield replace(self._of_zip(archive, told), path=_zip_path(told))

    def _of_zip(self, archive: zipfile.ZipFile, told: zipfile.ZipInfo) -> Member:
        name = _zip_name(told)
        if told.flag_bits & _LOCKED:
            return Member(name, problem="encrypted")
        if told.compress_type not in _KNOWN:
            return Member(name, problem="unsupported")
        if told.file_size > MAX_MEMBER:
            return Member(name, problem="too_large")
        try:
            with archive.open(told) as file:
                return Member(name, self._counted(file.read(min(MAX_MEMBER, self._left) + 1)))
        except _FAULTS:
            return Member(name, problem="broken")

    def _packed(self) -> Iterator[Member]:
        """A tar, plain or packed; else the one file that was packed."""
        stream = _unpacked(self._content, self._kind)
        head = stream.read(tarfile.BLOCKSIZE)
        source = cast("BinaryIO", _Limited(head, stream, self._left))
        if head[257:262] != b"ustar":
            content = source.read(MAX_MEMBER + 1)
            yield Member(_without_ending(self._name), self._counted(content))
            return
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for told in archive:
                if told.isfile():
                    yield self._of_tar(archive, told)

    def _of_tar(self, archive: tarfile.TarFile, told: tarfile.TarInfo) -> Member:
        name = PurePosixPath(told.name).name
        file = archive.extractfile(told) if told.size <= MAX_MEMBER else None
        return Member(name, self._counted(file.read())) if file else Member(name, problem="too_large")

    def _counted(self, content: bytes) -> bytes:
        if len(content) > min(MAX_MEMBER, self._left):
            raise _Beyond
        self._left -= len(content)
        self.unpacked += len(content)
        return content


class _Beyond(Exception):
    """More was packed than may be unpacked."""


class _Limited(io.RawIOBase):
    """A stream that ends in an exception beyond its limit, also where somebody only skips: skipping unpacks, too."""

    def __init__(self, head: bytes, rest: BinaryIO, limit: int) -> None:
        self._head, self._rest, self._left = head, rest, limit

    def read(self, size: int = -1) -> bytes:
        wanted = size if size >= 0 else self._left + 1
        content, self._head = self._head[:wanted], self._head[wanted:]
        if len(content) < wanted:
            content += self._rest.read(wanted - len(content))
        self._left -= len(content)
        if self._left < 0:
            raise _Beyond
        return content


def _unpacked(content: BinaryIO, kind: str) -> BinaryIO:
    if kind == GZIP:
        return cast("BinaryIO", gzip.GzipFile(fileobj=content))
    if kind == BZIP2:
        return cast("BinaryIO", bz2.BZ2File(content))
    assert kind == TAR  # noqa: S101  # the caller asks for what `file.UNPACKED_HERE` names
    return content


def _zip_name(told: zipfile.ZipInfo) -> str:
    """The name without folders."""
    return _zip_path(told).rpartition("/")[2]


def _zip_path(told: zipfile.ZipInfo) -> str:
    """The name with folders. Old programs write it in the code page of the console, and know no UTF-8 (APPNOTE D.1).

    The library reads such names as code page 437; the German one, 850, agrees on umlauts and differs in what 437 lacks.
    Some write that of Windows: what gives more umlauts was meant.
    """
    name = told.filename
    if not told.flag_bits & _UTF8:
        raw = told.orig_filename.encode("cp437", "replace")
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            name = max((raw.decode(one, "replace") for one in ("cp850", "cp1252")), key=_umlauts)
    return name.replace("\\", "/").rstrip("/")


def _umlauts(name: str) -> int:
    return sum(letter in "äöüÄÖÜß" for letter in name)


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.lower() in {"gz", "bz2"} else name
