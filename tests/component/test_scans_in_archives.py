"""What somebody packed: files in archives are taken out and read like what hangs on a mail."""

import bz2
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.core.model import record
from services.core.model.record_files import Part
from services.extraction.reading.unpack_archive import BOMB_FLOOR, Unpacking
from tests.component.reading_service import TENANT, ReadingService

PICTURE = b"\x89PNG\r\n\x1a\nWasserrohrbruch"
MAIL = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Innen\r\n\r\nDie Dachrinne tropft."


def a_zip(content: bytes = PICTURE, name: str = "Ordner/Scan.png") -> bytes:
    """One file, packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def a_tar(content: bytes = PICTURE, name: str = "Ordner/Scan.png") -> bytes:
    """One file, in a tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        told = tarfile.TarInfo(name)
        told.size = len(content)
        archive.addfile(told, io.BytesIO(content))
    return file.getvalue()


def read(content: bytes, **limits: int) -> tuple[ReadingService, str]:
    """A service that has read this archive, and the document."""
    context = ReadingService(Path(), **limits)
    event = context.arrive(content, "application/octet-stream", name="Post.bin")
    context.read(event)
    return context, event.document


def parts(content: bytes, **limits: int) -> dict[str, Part]:
    """The parts that were read."""
    context, document = read(content, **limits)
    return context.parts(document)


@pytest.mark.parametrize(
    "pack",
    [a_zip, a_tar, lambda: gzip.compress(a_tar()), lambda: bz2.compress(a_tar()), lambda: gzip.compress(PICTURE)],
    ids=["zip", "tar", "tgz", "tbz", "gz"],
)
def test_a_picture_in_an_archive_is_recognised(pack: Callable[[], bytes]) -> None:
    """Its text stands in the part of the picture, whatever it was packed in, and the document has no problem."""
    context, document = read(pack())
    part = context.parts(document)["1"]
    assert "WASSERROHRBRUCH" in part.text
    assert (part.recognised, part.problem, part.size_bytes) == (True, None, len(PICTURE))
    assert context.extraction(document).complete


def test_a_scanned_pdf_in_an_archive_in_an_archive_is_recognised() -> None:
    """Pages without a text layer are asked for, however often they were packed."""
    assert parts(gzip.compress(a_tar(a_zip(b"%PDF eins\f\f", "a.pdf"), "b.zip")))["1.1"].recognised


def test_a_mail_in_an_archive_is_read_as_a_mail() -> None:
    """By our own reader, with its subject as its title."""
    part = parts(a_zip(MAIL, "brief.eml"))["1"]
    assert (part.role, part.text) == ("message", "Die Dachrinne tropft.")
    assert part.properties["title"] == "Innen"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Übersicht.pdf".encode("cp850"), "Übersicht.pdf"),
        ("Übersicht.pdf".encode(), "Übersicht.pdf"),
        (b"Ordner\\Plan  neu.pdf", "Plan  neu.pdf"),
        (b"Ordner/Unterordner/a.pdf", "a.pdf"),
    ],
    ids=["code page 850", "UTF-8 without its flag", "backslash and two blanks", "folders"],
)
def test_names_are_read_as_they_were_written(name: bytes, shown: str) -> None:
    """In the charset of the program that packed them, and without their folders."""
    assert parts(a_zip(b"Text", "x" * len(name)).replace(b"x" * len(name), name))["1"].name == shown


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"\x1f\x8b\x08 no gzip"], ids=["zip", "gzip"])
def test_an_archive_that_is_broken_is_left_to_the_extractor(content: bytes) -> None:
    """Never an exception, and never nothing: what cannot be unpacked here is read as a whole."""
    context, _ = read(content)
    assert context.extractor.asked


def test_a_locked_file_is_told() -> None:
    """The flag of the entry says so; nobody is asked for a password."""
    packed = bytearray(a_zip(b"geheim", "a.txt"))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert parts(bytes(packed))["1"].problem == "encrypted"


def test_a_bomb_is_cut_off_and_named() -> None:
    """What it unpacks to is counted while it is unpacked."""
    unpacking = Unpacking(io.BytesIO(gzip.compress(bytes(BOMB_FLOOR * 4))), "application/gzip", budget=BOMB_FLOOR * 100)
    assert not list(unpacking.members())
    assert unpacking.problem == "bomb"


def test_a_budget_that_is_spent_is_told() -> None:
    """The archive says that not all of it was unpacked."""
    context, document = read(gzip.compress(bytes(9_000)), max_part_size=4_000)
    assert "too_large" in record.problems_of(record.load(context.blobs, TENANT, document))


def test_many_files_end_at_the_limit_of_parts() -> None:
    """The first ones are read, the rest is told."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.txt", "x")
    found = parts(file.getvalue(), max_parts=10)
    assert (len(found), found["0"].problem) == (10, "too_many_parts")
