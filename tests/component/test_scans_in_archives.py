"""Scans that somebody packed into a zip: their bytes are taken out and recognised like any other scan."""

import io
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from services.core.model import record
from services.core.ports.text_extractor import ReadPart
from services.extraction.reading import unpack_archive
from tests.component.reading_service import TENANT, ReadingService
from tests.component.recording_readers import RecordingExtractor

PICTURE = b"\x89PNG\r\n\x1a\nWasserrohrbruch"


def a_zip(content: bytes = PICTURE, name: str = "Ordner/Scan.png", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """One file, packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, content)
    return file.getvalue()


class ZipReader(RecordingExtractor):
    """Tells of the zip and of one file in it, without a text, as Tika does of a picture."""

    def __init__(self, inner: ReadPart) -> None:
        super().__init__()
        self._inner = inner

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        """Always the same."""
        return [ReadPart(media_type="application/zip"), self._inner]


def read(content: bytes, inner: ReadPart, **limits: int) -> tuple[ReadingService, str]:
    """A service that has read this zip, and the document."""
    context = ReadingService(Path(), **limits)
    ports = context.contexts["extraction"].ports
    object.__setattr__(ports, "extractor", cast("RecordingExtractor", ZipReader(inner)))
    event = context.arrive(content, "application/zip", name="Scans.zip")
    context.read(event)
    return context, event.document


def test_a_picture_in_a_zip_is_recognised() -> None:
    """Its text stands in the part of the picture, and the document has no problem."""
    context, document = read(a_zip(), ReadPart(path=(1,), name="Ordner/Scan.png", media_type="image/png"))
    part = context.parts(document)["1"]
    assert "WASSERROHRBRUCH" in part.text
    assert (part.recognised, part.problem, part.size_bytes) == (True, None, len(PICTURE))
    assert context.extraction(document).complete


def test_a_scanned_pdf_in_a_zip_is_recognised() -> None:
    """Pages without a text layer are asked for, as outside of an archive."""
    inner = ReadPart(path=(1,), name="a.pdf", media_type="application/pdf", page_characters=(0, 0))
    context, document = read(a_zip(b"%PDF eins\fzwei", "a.pdf"), inner)
    assert context.parts(document)["1"].text == "PDF EINS\fZWEI"


def test_what_cannot_be_taken_out_is_put_before_a_person() -> None:
    """A name that the zip does not hold, or a budget that is spent: `no_text`, as before."""
    inner = ReadPart(path=(1,), name="Scan.png", media_type="image/png")
    for content, limits in ((a_zip(), {}), (a_zip(bytes(5000), "Scan.png"), {"max_part_size": 4000})):
        context, document = read(content, inner, **limits)
        found = record.load(context.blobs, TENANT, document)
        assert "no_text" in record.problems_of(found)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no zip", a_zip()[:-30], a_zip(method=zipfile.ZIP_BZIP2), a_zip(name="another.png")],
    ids=["empty", "no zip", "cut off", "bzip2", "other name"],  # the bytes carry the time and would differ by worker
)
def test_a_zip_that_is_broken_or_strange_gives_nothing(content: bytes) -> None:
    """Never an exception: truncated, another method, another name."""
    assert unpack_archive.member(io.BytesIO(content), "Ordner/Scan.png", 1000) == b""


def test_a_file_that_inflates_beyond_the_limit_gives_nothing() -> None:
    """Also where the zip lies about its size: no more than the limit is unpacked."""
    packed = a_zip(bytes(100_000))
    lying = packed.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    for content in (packed, lying):
        assert len(unpack_archive.member(io.BytesIO(content), "Ordner/Scan.png", 1000)) <= 10
