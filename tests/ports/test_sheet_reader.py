"""What lies on the sheets of a scan, and sheets taken out of it: real barcodes in real files."""

import io
import os
import signal
import struct
import tempfile
import time
from collections.abc import Iterator, Sequence

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageSequence
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from services.adapters.sheet_reader.zxing import SheetLimits, ZxingSheetReader
from services.core.ports.sheets.sheet_reader import Sheet
from tests.ports import batches, files


@pytest.fixture(scope="module")
def reader() -> Iterator[ZxingSheetReader]:
    """With one worker."""
    made = ZxingSheetReader(SheetLimits(workers=1))
    yield made
    made.close()


def looked(reader: ZxingSheetReader, content: bytes) -> list[Sheet | str]:
    """Every page."""
    with reader.opened(io.BytesIO(content)) as stack:
        assert stack.problem is None
        return [stack.look(number) for number in range(1, stack.page_count + 1)]


def taken(reader: ZxingSheetReader, content: bytes, pages: Sequence[int], turns: Sequence[int] = ()) -> bytes:
    """These pages as a file."""
    with reader.opened(io.BytesIO(content)) as stack, tempfile.TemporaryFile() as target:
        assert stack.take(pages, target, turns) is None
        target.seek(0)
        return target.read()


PAGES = (batches.letter("Antrag"), batches.sheet("PATCHT"), batches.blank(), batches.page_number(7))


@pytest.mark.parametrize("form", ["pdf", "fax", "tiff"])
def test_separators_and_blank_pages_are_told_apart(reader: ZxingSheetReader, form: str) -> None:
    """A PATCHT sheet says so, paper with dust is blank, and a lone page number is no blank page."""
    content = batches.pdf(PAGES) if form == "pdf" else batches.tiff(PAGES, fax=form == "fax")
    assert looked(reader, content) == [
        Sheet(number=1),
        Sheet(number=2, codes=("PATCHT",)),
        Sheet(number=3, blank=True),
        Sheet(number=4),
    ]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(("form", "scale"), [("Code39", 3), ("Code128", 3), ("QRCode", 8)])
def test_a_separator_may_lie_any_way_round(reader: ZxingSheetReader, form: str, scale: int, turn: int) -> None:
    """Whoever puts it into the feeder need not look."""
    sheets = looked(reader, batches.pdf([batches.sheet("PATCHT", form, scale=scale, turn=turn)]))
    assert sheets == [Sheet(number=1, codes=("PATCHT",))]


@pytest.mark.parametrize("stamp", ["", "Eingegangen"])
def test_what_lies_over_a_blank_scan_is_seen(reader: ZxingSheetReader, stamp: str) -> None:
    """A scan is looked at as it is stored only where nothing lies over it."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=1)
    canvas.drawImage(ImageReader(Image.new("L", (2480, 3508), 255)), 0, 0, 595, 842)
    canvas.drawString(100, 700, stamp)
    canvas.save()
    assert looked(reader, file.getvalue()) == [Sheet(number=1, blank=not stamp)]


def test_pages_taken_from_a_pdf_are_those_pages(reader: ZxingSheetReader) -> None:
    """In their order, with the same picture, and the same bytes each time."""
    content = batches.pdf([batches.letter(word) for word in ("eins", "zwei", "drei")])
    first = taken(reader, content, [1, 3])
    time.sleep(1.1)  # what makes PDFs writes down the second
    assert taken(reader, content, [1, 3]) == first
    assert taken(reader, content, [3, 1]) != first
    with pypdfium2.PdfDocument(content) as whole, pypdfium2.PdfDocument(first) as part:
        assert len(part) == 2
        for mine, theirs in ((part[0], whole[0]), (part[1], whole[2])):
            drawn = [page.render(scale=1).to_pil().convert("L") for page in (mine, theirs)]
            assert ImageChops.difference(*drawn).getbbox() is None


@pytest.mark.parametrize("fax", [True, False])
def test_pages_taken_from_a_tiff_have_the_same_pixels(reader: ZxingSheetReader, *, fax: bool) -> None:
    """Nothing is lost, the resolution stays, and the same pages give the same bytes."""
    content = batches.tiff([batches.letter(word) for word in ("eins", "zwei", "drei")], fax=fax)
    first = taken(reader, content, [2, 3])
    assert taken(reader, content, [2, 3]) == first
    with Image.open(io.BytesIO(content)) as whole, Image.open(io.BytesIO(first)) as part:
        assert part.n_frames == 2  # type: ignore[attr-defined]  # of a TIFF
        for place in (0, 1):
            part.seek(place)
            whole.seek(place + 1)
            assert part.mode == whole.mode
            assert part.tobytes() == whole.tobytes()
            assert part.info["dpi"] == (batches.DPI, batches.DPI)


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("form", ["pdf", "fax", "tiff"])
def test_a_page_is_turned_and_the_others_stay(reader: ZxingSheetReader, form: str, turn: int) -> None:
    """Clockwise by so many degrees from how it lies; two pages in another order, one of them turned, one as it was."""
    pages = [batches.letter(word) for word in ("eins", "zwei")]
    content = batches.pdf(pages) if form == "pdf" else batches.tiff(pages, fax=form == "fax")
    made = taken(reader, content, [2, 1], [turn, 0])
    assert taken(reader, content, [2, 1], [turn, 0]) == made
    (first, second), (one, two) = drawn(made), drawn(content)
    assert alike(first, two.rotate(-turn, expand=True))
    assert not alike(first, two)
    assert alike(second, one)
    again = drawn(taken(reader, made, [1], [360 - turn]))
    assert alike(again[0], two), "it was turned on from how it lay"


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether the same stands in the same places; PDFium draws edges a little otherwise when a page is turned."""
    return one.size == other.size and not any(
        ImageChops.difference(one.reduce(16), other.reduce(16)).histogram()[40:],
    )


def drawn(content: bytes) -> list[Image.Image]:
    """Every page in grey."""
    if content.startswith(b"%PDF"):
        with pypdfium2.PdfDocument(content) as document:
            return [page.render(scale=batches.DPI / 72, grayscale=True).to_pil() for page in document]
    with Image.open(io.BytesIO(content)) as whole:
        return [page.convert("L") for page in ImageSequence.Iterator(whole)]


def looping_tiff() -> bytes:
    """A TIFF whose second directory says that the first one comes next."""
    content = bytearray(batches.tiff([batches.letter("eins"), batches.letter("zwei")]))
    first = struct.unpack_from("<I", content, 4)[0]
    entries = struct.unpack_from("<H", content, first)[0]
    second = struct.unpack_from("<I", content, first + 2 + 12 * entries)[0]
    entries = struct.unpack_from("<H", content, second)[0]
    struct.pack_into("<I", content, second + 2 + 12 * entries, first)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 and nothing that follows", "broken"),
        (b"II*\0\xff\xff\xff\xff", "broken"),
        (files.pdf("geheim", password="kennwort"), "encrypted"),
    ],
    ids=("empty", "pdf", "tiff", "locked"),
)
def test_what_cannot_be_opened_says_why(reader: ZxingSheetReader, content: bytes, problem: str) -> None:
    """It has no pages, and the worker lives on."""
    with reader.opened(io.BytesIO(content)) as stack:
        assert (stack.page_count, stack.problem) == (0, problem)


def test_a_tiff_with_a_loop_has_an_end(reader: ZxingSheetReader) -> None:
    """Directories that lead in a circle are counted once."""
    assert len(looked(reader, looping_tiff())) == 2


def huge_tiff() -> bytes:
    """A small file whose only picture claims to be 30,000 pixels wide and high."""
    content = bytearray(batches.tiff([batches.letter("eins")]))
    first = struct.unpack_from("<I", content, 4)[0]
    for entry in range(struct.unpack_from("<H", content, first)[0]):
        place = first + 2 + 12 * entry
        if struct.unpack_from("<H", content, place)[0] in (
            256,
            257,
        ):  # ImageWidth and ImageLength (TIFF 6.0, section 8)
            struct.pack_into("<HII", content, place + 2, 4, 1, 30_000)
    return bytes(content)


def test_a_picture_of_too_many_pixels_is_not_drawn(reader: ZxingSheetReader) -> None:
    """It is a page that nobody can look at, with its reason, and the worker lives on."""
    with reader.opened(io.BytesIO(huge_tiff())) as stack:
        assert (stack.page_count, stack.look(1)) == (1, "too_large")
    assert len(looked(reader, looping_tiff())) == 2


def test_a_worker_that_died_is_replaced(reader: ZxingSheetReader) -> None:
    """Killed between two pages, the next page is looked at by another one."""
    with reader.opened(io.BytesIO(batches.pdf(PAGES))) as stack:
        worker = reader._slots[0]._worker
        assert worker
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        assert stack.look(2) == Sheet(number=2, codes=("PATCHT",))


def test_too_large_a_file_is_not_opened() -> None:
    """Nothing is started for it."""
    reader = ZxingSheetReader(SheetLimits(max_bytes=10))
    with reader.opened(io.BytesIO(b"%PDF-1.7 more than that")) as stack:
        assert stack.problem == "too_large"
    assert reader._slots[0]._worker is None
