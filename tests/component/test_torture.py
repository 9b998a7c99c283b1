"""Post made to harm, at its full size: each ends in a typed reason, within bounds of memory and processor time."""

import bz2
import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from services.core.model import record
from tests.component.reading_service import TENANT, ReadingService
from tests.torture import files

MIB = 1024 * 1024
LETTER = b"From: a@b.example\r\nSubject: Der Brief\r\n"


@contextmanager
def bounded(*, seconds: float, memory: int) -> Iterator[None]:
    """Processor seconds, and bytes on top of what was there: several times what an honest run takes here."""
    tracemalloc.start()
    before, began = tracemalloc.get_traced_memory()[0], time.process_time()
    try:
        yield
        assert time.process_time() - began < seconds
        assert tracemalloc.get_traced_memory()[1] - before < memory
    finally:
        tracemalloc.stop()


def problems(content: bytes, media_type: str = "message/rfc822") -> tuple[str, ...]:
    """What the record says is wrong, read with the limits of the settings."""
    service = ReadingService()
    event = service.arrive(content, media_type)
    service.read(event)
    return record.problems_of(record.load(service.blobs, TENANT, event.document))


def test_a_mail_of_twenty_thousand_parts() -> None:
    """The first are read, the rest is told."""
    part = b"--x\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nText\r\n"
    mail = LETTER + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 20_000 + b"--x--\r\n"
    with bounded(seconds=60.0, memory=200 * MIB):
        assert "too_many_parts" in problems(mail)


def test_a_mail_in_two_hundred_mails() -> None:
    """Those above the limit are read, the one below it is too deep."""
    mail = LETTER + b"Content-Type: message/rfc822\r\n\r\n"
    with bounded(seconds=30.0, memory=100 * MIB):
        assert "too_deep" in problems(mail * 200 + LETTER + b"\r\nganz innen")


def test_a_header_of_five_megabytes() -> None:
    """It costs its size a few times, and the letter behind it is read."""
    service = ReadingService()
    event = service.arrive(b"X-Junk: " + b"j" * 5 * MIB + b"\r\n" + LETTER + b"\r\nGuten Tag")
    with bounded(seconds=30.0, memory=100 * MIB):
        service.read(event)
    assert service.extraction(event.document).parts[0].text == "Guten Tag"


def test_ten_gigabytes_in_ten_kilobytes() -> None:
    """Cut off where it is found to be no honest archive, long before it is unpacked."""
    packed = bz2.compress(bytes(100 * MIB)) * 100
    assert len(packed) < 20_000
    with bounded(seconds=30.0, memory=300 * MIB):
        assert "bomb" in problems(packed, "application/x-bzip2")


def test_archives_in_archives_without_end() -> None:
    """As one that holds itself does: they end at the depth that is read."""
    content = b"ganz innen"
    for level in range(60):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("innen.zip" if level else "innen.txt", content)
        content = file.getvalue()
    with bounded(seconds=30.0, memory=100 * MIB):
        assert "too_deep" in problems(content, "application/zip")


def test_an_archive_that_holds_itself() -> None:
    """Byte for byte the same at every depth: it ends where reading ends, read once or again."""
    quine = files.quine_zip()
    with zipfile.ZipFile(io.BytesIO(quine)) as archive:
        assert archive.read("innen.zip") == quine
    mail = LETTER + b"Content-Type: application/zip; name=q.zip\r\nContent-Transfer-Encoding: binary\r\n\r\n" + quine
    with bounded(seconds=30.0, memory=100 * MIB):
        assert "too_deep" in problems(quine, "application/zip")
        assert "too_deep" in problems(mail)


def test_pages_without_end_are_recognised_as_far_as_is_read() -> None:
    """Of 50,000 pages without letters the first are recognised, and the document says that there are more."""
    service = ReadingService()
    event = service.arrive(b"%PDF" + b"\f" * 49_999, "application/pdf")
    with bounded(seconds=120.0, memory=300 * MIB):
        service.read(event)
    (part,) = service.extraction(event.document).parts
    assert (part.page_count, part.recognised_pages, part.problem) == (50_000, 2_000, "too_large")


def test_three_thousand_copies_of_one_mail() -> None:
    """One document, read once; what each copy adds is a receipt."""
    service = ReadingService()
    content = LETTER + b"\r\nGuten Tag"
    event = service.arrive(content)
    service.read(event)
    before = service.extraction(event.document)
    with bounded(seconds=60.0, memory=100 * MIB):
        for _ in range(3_000):
            assert not service.read(service.arrive(content))
    assert service.extraction(event.document) == before
    with bounded(seconds=10.0, memory=100 * MIB):
        found = record.load(service.blobs, TENANT, event.document)
    assert len(found.receipts) == 3_001
