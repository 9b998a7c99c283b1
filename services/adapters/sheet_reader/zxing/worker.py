"""The worker process: draws pages small, reads their barcodes, and takes pages out of a file.

Run as a program of its own with a socket as standard input; knows nothing of us. A request is a line of JSON with the
file as a descriptor beside it, and behind it the file to write where pages are taken; the answer is a line of JSON.
"""

import hashlib
import json
import os
import re
import resource
import select
import socket
import sys
import threading
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any, BinaryIO, TypeAlias

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdfium2 import raw

Answer: TypeAlias = dict[str, Any]

DPI = 150
"""A third of the pixels of 300: the bars of a separator sheet are wide, and drawing and searching cost by the pixel."""
A4_INCHES = 11.7
MAX_SIDE = 3_600
"""Pixels of the longest side that is drawn: A2 at this resolution."""
MAX_PIXELS = 150_000_000
"""Pixels of a stored picture; beyond it is too large."""
FORMATS = zxingcpp.BarcodeFormats(
    (zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode)
)
"""PATCHT sheets are Code 39, our own sheets QR codes with the file number as Code 128."""
MAX_CODES, MAX_CHARACTERS = 20, 300
_SPECK = 32
"""Difference in brightness from paper that counts as ink, after specks were averaged away."""
_INK = 8
"""So many inked spots are a sign; with fewer the page is blank."""
_TURNED = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Degrees clockwise; Pillow counts the other way."""
_POINTS_OFF = 1.0
"""So far the edges of a picture may lie from those of its page, for it to be all of it."""
_PASSWORD_NEEDED = 4
"""FPDF_ERR_PASSWORD of PDFium."""
_MADE_AT = re.compile(rb"/CreationDate\(D:(\d{14})[^)]*\)/Creator\(PDFium\)")
_NO_MOMENT = b"19700101000000"
_FILE_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]{32})>\s*<([0-9A-Fa-f]{32})>\s*\]")


class Unreadable(Exception):
    """The document's problem, as a code of the catalogue."""


class Pdf:
    """A PDF; what is taken from it keeps its content as it is stored, nothing is compressed anew."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            locked = getattr(error, "err_code", None) == _PASSWORD_NEEDED
            raise Unreadable("encrypted" if locked else "broken") from None
        self.count = len(self._document)

    def page(self, number: int) -> Image.Image:
        """The page in grey, small."""
        try:
            page = self._document[number - 1]
            scale = min(DPI / 72, MAX_SIDE / max(*page.get_size(), 1))
            width, height = (max(1, round(side * scale)) for side in page.get_size())
            scanned = _scanned(page)
            if scanned is not None and scanned.width >= width and scanned.height >= height:
                return scanned.resize((width, height), Image.Resampling.BOX)
            return page.render(scale=scale, grayscale=True).to_pil()  # type: ignore[no-any-return]
        except pypdfium2.PdfiumError:
            raise Unreadable("broken") from None

    def take(self, pages: list[int], turns: list[int], target: BinaryIO) -> None:
        """These pages as a PDF of their own, the same bytes each time.

        Who takes them again after a death writes the hash of these into a receipt, and the original is there already.
        """
        taken = pypdfium2.PdfDocument.new()
        try:
            taken.import_pages(self._document, [number - 1 for number in pages])
            for place, turn in enumerate(turns):
                if turn:
                    page = taken[place]
                    page.set_rotation((page.get_rotation() + turn) % 360)
            taken.save(target)
        except pypdfium2.PdfiumError:
            raise Unreadable("broken") from None
        finally:
            taken.close()
        _settle(target)


def _scanned(page: pypdfium2.PdfPage) -> Image.Image | None:
    """The picture in grey that is all there is of a page, as scanners write it: drawing it takes PDFium far longer.

    None where anything else could show: letters, notes, a turn, a cut, something transparent.
    """
    picture, *others = [*islice(page.get_objects(max_depth=1), 2), None]
    if others[1:] or not isinstance(picture, pypdfium2.PdfImage) or raw.FPDFPageObj_HasTransparency(picture):
        return None
    (width, height), (wide, tall), cut = page.get_size(), picture.get_px_size(), page.get_cropbox()
    across, slant, lean, down, left, bottom = picture.get_matrix().get()
    off = max(map(abs, (across - width, down - height, left, bottom, slant, lean, cut[0], cut[1])))
    if off > _POINTS_OFF or page.get_rotation() or raw.FPDFPage_GetAnnotCount(page) > 0 or wide * tall > MAX_PIXELS:
        return None
    try:
        stored: Image.Image = picture.get_bitmap().to_pil()
    except pypdfium2.PdfiumError:
        return None  # a page that is drawn shows at least what can be
    return stored.convert("L") if stored.mode in {"L", "RGB"} else None


class Tiff:
    """The pages of a TIFF; what is taken from it has the same pixels, stored without loss."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._image = Image.open(file, formats=("TIFF",))
            self.count = int(getattr(self._image, "n_frames", 1))
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
            raise Unreadable("broken") from None

    def page(self, number: int) -> Image.Image:
        """The page in grey, small; faxes have different resolutions across and down."""
        frame = self._frame(number)
        across, down = (float(value) for value in self._image.info.get("dpi", (0, 0)))
        if across < 1 or down < 1:
            across = down = max(frame.size) / A4_INCHES
        width = min(round(frame.width * min(DPI / across, 2.0)), MAX_SIDE)
        height = min(round(frame.height * min(DPI / down, 2.0)), MAX_SIDE)
        grey = _on_paper(frame)
        return grey.resize((max(width, 1), max(height, 1)), Image.Resampling.BOX)

    def take(self, pages: list[int], turns: list[int], target: BinaryIO) -> None:
        """These pages as a TIFF of their own, upright; black and white stays packed as fax machines do."""
        frames = self._upright(pages, turns)
        first = next(frames)
        is_fax = all(self._mode(number) == "1" for number in pages)
        kept = {"dpi": first.info["dpi"]} if "dpi" in first.info else {}
        try:
            packed = "group4" if is_fax else "tiff_adobe_deflate"
            first.save(target, "TIFF", save_all=True, append_images=frames, compression=packed, **kept)
        except (OSError, ValueError, SyntaxError, EOFError):
            raise Unreadable("broken") from None

    def _upright(self, pages: list[int], turns: list[int]) -> Iterator[Image.Image]:
        for number, turn in zip_longest(pages, turns, fillvalue=0):
            page = ImageOps.exif_transpose(self._frame(number).copy())
            yield page.transpose(_TURNED[turn]) if turn else page

    def _mode(self, number: int) -> str:
        self._image.seek(number - 1)
        return self._image.mode

    def _frame(self, number: int) -> Image.Image:
        try:
            self._image.seek(number - 1)
            if self._image.width * self._image.height > MAX_PIXELS:
                raise Unreadable("too_large")
            self._image.load()
        except (OSError, ValueError, SyntaxError, EOFError):
            raise Unreadable("broken") from None
        return self._image


def _on_paper(image: Image.Image) -> Image.Image:
    """In grey, on white paper where it is transparent."""
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    return image.convert("L")


def _settle(target: BinaryIO) -> None:
    """Take out the moment that PDFium wrote down, and put an id made of the content in the place of that of chance.

    Both are ISO 32000-1's (§14.3.3 and §14.4). What is put there is as long, so nothing else moves.
    """
    target.seek(0)
    content = target.read()
    made_at = _MADE_AT.search(content)
    if made_at:
        content = content[: made_at.start(1)] + _NO_MOMENT + content[made_at.end(1) :]
        target.seek(made_at.start(1))
        target.write(_NO_MOMENT)
    found = _FILE_ID.search(content, max(0, content.rfind(b"trailer")))
    if not found:
        return
    bare = content[: found.start()] + content[found.end() :]
    own = hashlib.sha256(bare).hexdigest()[:32].upper().encode()
    for group in (1, 2):
        target.seek(found.start(group))
        target.write(own)


def is_blank(page: Image.Image) -> bool:
    """Whether nothing stands out from the paper; a lone page number does."""
    counts = page.reduce(2).histogram()
    paper = counts.index(max(counts))
    return sum(counts[: max(0, paper - _SPECK)]) + sum(counts[paper + _SPECK :]) < _INK


def codes_on(page: Image.Image) -> list[str]:
    """What the barcodes of a page say, top to bottom, each once."""
    found = zxingcpp.read_barcodes(page, formats=FORMATS, try_downscale=False, try_invert=False)
    found.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return list(dict.fromkeys(code.text[:MAX_CHARACTERS] for code in found))[:MAX_CODES]


class Looker:
    """The file that was last asked for."""

    def __init__(self) -> None:
        self._token = ""
        self._document: Pdf | Tiff | None = None

    def answer(self, request: Answer, descriptors: list[int]) -> Answer:
        """How many pages there are, what one page says, or pages written into the second file."""
        try:
            document = self._open(str(request["token"]), descriptors[0])
            if "take" in request:
                os.ftruncate(descriptors[1], 0)  # what a worker left that died of it
                with os.fdopen(os.dup(descriptors[1]), "r+b") as target:
                    target.seek(0)
                    pages, turns = ([int(number) for number in request[name]] for name in ("take", "turns"))
                    document.take(pages, turns, target)
                return {}
            if "page" in request:
                page = document.page(int(request["page"]))
                return {"blank": True} if is_blank(page) else {"codes": codes_on(page)}
        except Unreadable as problem:
            return {"problem": str(problem)}
        except MemoryError:
            return {"problem": "too_large"}
        return {"count": document.count}

    def _open(self, token: str, descriptor: int) -> Pdf | Tiff:
        if self._document is None or token != self._token:
            self._document, self._token = None, token
            file = os.fdopen(os.dup(descriptor), "rb")
            file.seek(0)
            is_pdf = b"%PDF-" in file.read(1024)
            file.seek(0)
            self._document = Pdf(file) if is_pdf else Tiff(file)
        return self._document


def _requests(parent: socket.socket) -> Iterator[tuple[Answer, list[int]]]:
    """One after the other; they come alone, the parent waits for each answer."""
    while True:
        line, descriptors, _, _ = socket.recv_fds(parent, 65_536, 2)
        while line and not line.endswith(b"\n"):
            line += parent.recv(65_536)
        if not line:
            return
        try:
            yield json.loads(line), descriptors
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


def _end_with_parent(parent: socket.socket) -> None:
    """Drawing a page may take long and listens to nobody; this does."""
    watch = select.poll()
    watch.register(parent, select.POLLHUP)
    watch.poll()
    os._exit(1)


def main(megabytes: str, most_bytes: str) -> None:
    """Say that it is ready, then answer until the parent hangs up."""
    limit = int(megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # our own limit is told apart
    parent = socket.socket(fileno=0)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    worker = Looker()
    parent.sendall(b"{}\n")
    for request, descriptors in _requests(parent):
        parent.sendall(json.dumps(worker.answer(request, descriptors)).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
