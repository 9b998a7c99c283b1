"""A process that reads or shows pages for its parent, one after the other, and may die of them.

Started by its path, with a socket as standard input; knows nothing of us. A request is a line of JSON with the
file as a descriptor beside it, the answer is a line of JSON. It ends when its parent does.
"""

import base64
import ctypes
import io
import json
import os
import resource
import select
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO, NamedTuple, TypeAlias

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdfium2 import raw
from tesserocr import OEM, PSM, RIL, PyResultIterator, PyTessBaseAPI, iterate_level

Word: TypeAlias = tuple[str, int, int, int, int]
"""A word and where it stands: left, top, width and height, in ten-thousandths of the upright page."""
Request: TypeAlias = dict[str, str | int | float]
Answer: TypeAlias = dict[str, str | int | float | Sequence[Word]]

DPI = 200
"""Enough for office type; 300 costs half as much again and reads no better."""
A4_INCHES = 11.7
PLAUSIBLE_INCHES = (2.0, 24.0)
"""Longest side of a page, up to A2; what claims else (a photo at 72 dpi) is taken for A4."""
MAX_SIDE = 4_800
"""Pixels of the longest side of what is read: A2 at 200 dpi."""
MAX_PIXELS = 150_000_000
"""Pixels of a stored picture: A0 at 300 dpi. Beyond it is too large, beyond four times as many a bomb."""
MAX_PAGES = 5_000
SHOWN_SIDE = 1_400
"""Pixels of the longest side of a page that is shown: legible on a screen."""
SHOWN_COLOURS = 64
TALLEST = 3
"""So many times as tall as wide a picture may be; a longer strip is drawn narrower."""
QUALITIES = {"WEBP": (60, 45, 32, 22, 14, 8), "JPEG": (80, 65, 50, 35, 20)}
"""Tried in this order until a picture is small enough."""
SMALLEST = 16
"""Pixels of the longer side that nothing is drawn below, whatever limit is asked for."""
FAR = 3
"""So many times the limit is too far away for a poorer quality: a page of noise becomes smaller at once."""
SHRINK = (0.4, 0.8)
"""How much smaller in width and height at one step, at least and at most."""
CLOCKWISE = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
FORMATS = ("TIFF", "JPEG", "PNG", "WEBP", "BMP", "GIF", "PPM", "JPEG2000", "AVIF", "PCX", "TGA")

DOUBTFUL = 0.6
"""Confidence below which a page may be shaded, lie on its side or stand on its head."""
BY_PAGE, BY_PLACE = "0", "2"
"""Tesseract's ways of telling ink from paper: by one brightness (Otsu), or each place for itself (Sauvola)."""
ATTEMPTS = (
    (BY_PAGE, None),
    (BY_PLACE, None),
    (BY_PAGE, Image.Transpose.ROTATE_90),
    (BY_PAGE, Image.Transpose.ROTATE_270),
    (BY_PAGE, Image.Transpose.ROTATE_180),
)
TURNING_SECONDS = 15.0
"""After this no further turn of a page is tried: it has to be read within its own time."""

LAYER_CHARACTERS = 16
"""Letters below which a page counts as having no text of its own: a page number, a stamp of the scanner."""
UNMAPPED_SHARE = 0.3
COVERED_SHARE = 0.3
"""Of a page that a picture covers from which its words are read, too: a scanned exhibit below a heading."""
SENSE_SHARE = 0.5
"""Letters and figures in a layer, of all that is no blank, below which it is what a machine saw in specks."""
_SAMPLE, _MOST_PICTURES = 500, 200
_BYTE = 0xFF
_ORIENTATION = 0x0112
"""The one tag that is kept; those of a large TIFF cannot be written again."""
_DARK = 110
"""Brightness below which a pixel is dark."""

_SPECK = 32
"""Difference in brightness from paper that counts as ink, after a speck of one pixel was averaged away."""
_INK = 8
"""So many inked spots are a sign; with fewer the page is blank."""
WHOLE = 10_000
"""The width and the height of a page, in the measure of words' boxes."""
MOST_WORDS, MOST_LETTERS = 5_000, 100_000
"""Of one page; a page of a newspaper has three thousand words."""
_PASSWORD_NEEDED = 4
"""FPDF_ERR_PASSWORD of PDFium."""


class Unreadable(Exception):
    """The document's problem, as a code of the catalogue."""


class Pdf:
    """Pages rendered by PDFium."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            locked = getattr(error, "err_code", None) == _PASSWORD_NEEDED
            raise Unreadable("encrypted" if locked else "broken") from None
        self.count = len(self._document)
        self._with_forms = False

    def page(self, number: int) -> Image.Image:
        """The page in grey, at 200 dpi or as large as is allowed."""
        try:
            page = self._document[number - 1]
            longest = max(page.get_size()) / 72
            # What claims to be a stamp was scanned in another unit: nobody sends a page of two inches.
            dpi = DPI if longest >= PLAUSIBLE_INCHES[0] else DPI * A4_INCHES / max(longest, 0.01)
            scale = min(dpi, MAX_SIDE / max(longest, 0.01)) / 72
            picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
        except pypdfium2.PdfiumError:
            raise Unreadable("broken") from None
        return picture

    def layer(self, number: int) -> str | None:
        """The text that lies on the page as letters, where that is all there is to read; None: it must be recognised.

        A picture that covers most of the page was scanned, whatever fax line or stamp lies over it, unless the text
        is the unseen one that a scanner's own recognition left. Letters without a meaning are no text.
        """
        try:
            page = self._document[number - 1]
            text = page.get_textpage()
            count = text.count_chars()
            if count < LAYER_CHARACTERS or _unmapped(text, count) > UNMAPPED_SHARE:
                return None
            if _covered(page) >= COVERED_SHARE and not _is_unseen(page):
                return None
            found: str = text.get_text_range().replace("\r\n", "\n")
        except pypdfium2.PdfiumError:
            return None
        return None if _is_swapped(found) or not _makes_sense(found) else found

    def words(self, number: int) -> list[Word]:
        """The words that lie on the page as letters, and where."""
        try:
            page = self._document[number - 1]
            return list(islice(_words_on(page, page.get_textpage()), MOST_WORDS))
        except pypdfium2.PdfiumError:
            return []

    def shown(self, number: int, box: tuple[int, int]) -> Image.Image:
        """The page in colour, for people, with what was written into its form, as large as fits into the box."""
        try:
            if not self._with_forms:
                self._document.init_forms()
                self._with_forms = True
            page = self._document[number - 1]
            width, height = page.get_size()
            scale = min(box[0] / max(width, 1), box[1] / max(height, 1))
            picture: Image.Image = page.render(scale=scale).to_pil()
        except pypdfium2.PdfiumError:
            raise Unreadable("broken") from None
        return picture


class Picture:
    """Pages that are pictures; a TIFF may hold several."""

    def __init__(self, file: BinaryIO, media_type: str) -> None:
        try:
            self._image = Image.open(file, formats=FORMATS)
        except UnidentifiedImageError:
            named = media_type.removeprefix("image/").upper()
            raise Unreadable("broken" if named in FORMATS else "unsupported") from None
        _check_size(self._image)
        self.count = int(getattr(self._image, "n_frames", 1)) if self._image.format == "TIFF" else 1

    def page(self, number: int) -> Image.Image:
        """The picture in grey, upright, scaled to about 200 dpi."""
        try:
            self._image.seek(number - 1)
            _check_size(self._image)
            size = _size_to_read(self._image)
            self._image.draft("L", size)
            upright = ImageOps.exif_transpose(_on_paper(self._image, "L"))
        except (OSError, ValueError, SyntaxError, EOFError):
            raise Unreadable("broken") from None
        turned = (upright.width > upright.height) != (size[0] > size[1])
        return upright.resize(size[::-1] if turned else size, Image.Resampling.LANCZOS)

    def layer(self, number: int) -> str | None:
        """Pictures have no letters."""
        del number
        return None

    def words(self, number: int) -> list[Word]:
        """Pictures have no letters."""
        del number
        return []

    def shown(self, number: int, box: tuple[int, int]) -> Image.Image:
        """The picture in colour, upright, for people; one with fewer pixels than the box stays as it is."""
        try:
            self._image.seek(number - 1)
            _check_size(self._image)
            self._image.draft("RGB", (max(box), max(box)))
            picture = ImageOps.exif_transpose(_on_paper(self._image))
        except (OSError, ValueError, SyntaxError, EOFError):
            raise Unreadable("broken") from None
        picture.thumbnail(box)
        return picture


def _check_size(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise Unreadable("bomb" if pixels > 4 * MAX_PIXELS else "too_large")


def _on_paper(image: Image.Image, mode: str = "RGB") -> Image.Image:
    """On white paper, where it is transparent; the turn that a camera noted is kept."""
    turned = Image.Exif()
    turned[_ORIENTATION] = image.getexif().get(_ORIENTATION, 1)
    if image.has_transparency_data:
        inked = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", inked.size, "white"), inked)
        if len(set(image.convert("L").getextrema())) == 1:
            image = Image.alpha_composite(Image.new("RGBA", inked.size, "black"), inked)  # white ink
    converted = image.convert(mode)
    converted.info["exif"] = turned.tobytes()
    return converted


def _size_to_read(image: Image.Image) -> tuple[int, int]:
    """Pixels at 200 dpi by what the picture says of itself, if that is plausible, else as if it were A4.

    Faxes have different resolutions across and down. More than doubling makes nothing more legible.
    """
    across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    inches = max(image.width / across, image.height / down) if across >= 1 and down >= 1 else 0
    if not PLAUSIBLE_INCHES[0] <= inches <= PLAUSIBLE_INCHES[1]:
        across = down = max(image.size) / A4_INCHES
    width = image.width * min(DPI / across, 2.0)
    height = image.height * min(DPI / down, 2.0)
    shrink = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _dark_on_light(page: Image.Image) -> Image.Image:
    """The page, turned to its opposite where most of it is dark: a negative, a film, a screen at night."""
    counts = page.reduce(3).histogram()
    dark = sum(counts[:_DARK])
    return ImageOps.invert(page) if dark * 2 > sum(counts) else page


def _unmapped(text: pypdfium2.PdfTextPage, count: int) -> float:
    """The share of letters that the font gives no meaning, of those at the beginning of the page."""
    looked_at = min(count, _SAMPLE)
    found: int = sum(raw.FPDFText_HasUnicodeMapError(text, place) == 1 for place in range(looked_at))
    return found / looked_at


def _covered(page: pypdfium2.PdfPage) -> float:
    """The share of the page that its largest picture covers; of scans in strips all of them count."""
    width, height = page.get_size()
    covered = 0.0
    for number, picture in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        if number >= _MOST_PICTURES:
            break
        left, bottom, right, top = picture.get_bounds()
        across = max(0.0, min(right, width) - max(left, 0.0))
        covered += across * max(0.0, min(top, height) - max(bottom, 0.0))
    return float(covered / max(width * height, 1.0))


def _is_unseen(page: pypdfium2.PdfPage) -> bool:
    """Whether all text is written in the mode that draws nothing (ISO 32000-1 §9.3.6): it was recognised before."""
    for number, text in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=3)):
        if number >= _MOST_PICTURES or raw.FPDFTextObj_GetTextRenderMode(text) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return number >= _MOST_PICTURES
    return True


def _makes_sense(text: str) -> bool:
    """Whether at least half of it are letters and figures: the layer of a bad recognition is full of dots and bars."""
    signs = [letter for letter in text if not letter.isspace()]
    return sum(map(str.isalnum, signs)) >= SENSE_SHARE * len(signs)


def _is_swapped(text: str) -> bool:
    """Whether most letters have their two bytes the wrong way round: the fonts of old programs say `䴀` for `M`."""
    letters = [ord(letter) for letter in text if letter.isalpha()]
    return sum(code > _BYTE and code & _BYTE == 0 for code in letters) * 2 > len(letters)


def _words_on(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> Iterator[Word]:
    """Letters without a blank between them are a word; its box is that of all of them."""
    letters, boxes = "", list[tuple[float, float, float, float]]()
    for place in range(min(text.count_chars(), MOST_LETTERS)):
        letter = chr(raw.FPDFText_GetUnicode(text, place))
        if letter.isprintable() and not letter.isspace():
            letters += letter
            boxes.append(text.get_charbox(place))
        elif letters:
            yield letters, *_on_page(page, boxes)
            letters, boxes = "", []
    if letters:
        yield letters, *_on_page(page, boxes)


def _on_page(page: pypdfium2.PdfPage, boxes: list[tuple[float, float, float, float]]) -> tuple[int, int, int, int]:
    """The box around these, as the page is drawn: turned and cut as it says of itself."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    corners = [_drawn_at(page, x, y) for x, y in ((min(lefts), min(bottoms)), (max(rights), max(tops)))]
    (left, right), (top, bottom) = (sorted(sides) for sides in zip(*corners, strict=True))
    return left, top, right - left, bottom - top


def _drawn_at(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, WHOLE, WHOLE, 0, x, y, across, down)
    return max(0, min(across.value, WHOLE)), max(0, min(down.value, WHOLE))


def _words_read(found: PyResultIterator, page: Image.Image) -> Iterator[Word]:
    """The words that were read, and where; asked one by one, as Tesseract's table of them grows with their square."""
    across, down = WHOLE / page.width, WHOLE / page.height
    for word in iterate_level(found, RIL.WORD):
        text, box = word.GetUTF8Text(RIL.WORD).strip(), word.BoundingBox(RIL.WORD)
        if text and box:
            left, top, right, bottom = box
            width, height = right - left, bottom - top
            yield text, round(left * across), round(top * down), round(width * across), round(height * down)


def _turned_back(words: Sequence[Word], turn: Image.Transpose | None) -> Sequence[Word]:
    """Where words stand on the page as it lies, that were read while it was turned so."""
    match turn:
        case Image.Transpose.ROTATE_90:
            return [(text, WHOLE - top - height, left, height, width) for text, left, top, width, height in words]
        case Image.Transpose.ROTATE_180:
            return [
                (text, WHOLE - left - width, WHOLE - top - height, width, height)
                for text, left, top, width, height in words
            ]
        case Image.Transpose.ROTATE_270:
            return [(text, top, WHOLE - left - width, height, width) for text, left, top, width, height in words]
        case _:
            return words


def is_blank(page: Image.Image) -> bool:
    """Whether nothing stands out from the paper; a lone page number does."""
    counts = page.reduce(3).histogram()
    paper = counts.index(max(counts))
    return sum(counts[: max(0, paper - _SPECK)]) + sum(counts[paper + _SPECK :]) < _INK


class Recogniser:
    """Tesseract, where it was given language data, and the document that was last asked for."""

    def __init__(self, tessdata: str, language: str) -> None:
        if tessdata:
            self._tesseract = PyTessBaseAPI(path=tessdata, lang=language, psm=PSM.AUTO, oem=OEM.LSTM_ONLY)
            # White on black is rare in letters; looking for it costs a second pass over every doubtful line.
            self._tesseract.SetVariable("tessedit_do_invert", "0")
        self._token = ""
        self._document: Pdf | Picture | None = None

    def answer(self, request: Request, descriptor: int) -> Answer:
        """How many pages there are, or one page of them, read or shown."""
        try:
            document = self._open(request, descriptor)
            if "page" not in request:
                return {"count": min(document.count, MAX_PAGES)}
            number = int(request["page"])
            if "shown" in request:
                return {"picture": _shown(document, number, request)}
            if "words" in request:
                return {"words": document.words(number)}
            return self._told(document, number)
        except Unreadable as problem:
            return {"problem": str(problem)}
        except MemoryError:
            return {"problem": "too_large"}

    def _told(self, document: Pdf | Picture, number: int) -> Answer:
        layer = document.layer(number)
        if layer:
            return {"text": layer, "confidence": 1.0, "layer": 1, "words": document.words(number)}
        return self._read(document.page(number))

    def _open(self, request: Request, descriptor: int) -> Pdf | Picture:
        if self._document is None or request["token"] != self._token:
            self._document, self._token = None, str(request["token"])
            file = os.fdopen(os.dup(descriptor), "rb")
            file.seek(0)
            is_pdf = b"%PDF-" in file.read(1024)
            file.seek(0)
            self._document = Pdf(file) if is_pdf else Picture(file, str(request["media_type"]))
        return self._document

    def _read(self, page: Image.Image) -> Answer:
        """As it lies; where that gives no sense, by another way of telling ink from paper, and turned.

        What reads best is taken.
        """
        if is_blank(page):
            return {"text": "", "confidence": 1.0}
        page = _dark_on_light(page)
        began = time.monotonic()
        best = _Reading()
        for number, (ink, turn) in enumerate(ATTEMPTS):
            # A page that is not blank and gives no word is certain to Tesseract, and most often only shaded.
            settled = best.confidence >= DOUBTFUL and (best.text or number > 1)
            if settled or time.monotonic() - began > TURNING_SECONDS:
                break
            found = self._recognised(page, ink, turn)
            # Sense is made by confident words; noise has a confident speck now and then.
            if not number or (found.confidence >= DOUBTFUL and len(found.text) >= len(best.text) // 2):
                best = found
        return {"text": best.text, "confidence": best.confidence, "words": best.words}

    def _recognised(self, page: Image.Image, ink: str, turn: Image.Transpose | None) -> "_Reading":
        page = page if turn is None else page.transpose(turn)
        self._tesseract.SetVariable("thresholding_method", ink)
        self._tesseract.SetImageBytes(page.tobytes(), page.width, page.height, 1, page.width)
        self._tesseract.SetSourceResolution(DPI)
        text = self._tesseract.GetUTF8Text().strip()
        confidences = self._tesseract.AllWordConfidences()
        words = list(islice(_words_read(self._tesseract.GetIterator(), page), MOST_WORDS)) if text else []
        self._tesseract.Clear()
        confidence = statistics.fmean(confidences) / 100 if confidences else 0.0
        return _Reading(confidence, text, _turned_back(words, turn))


class _Reading(NamedTuple):
    """What one attempt found."""

    confidence: float = 0.0
    text: str = ""
    words: Sequence[Word] = ()


def _shown(document: Pdf | Picture, number: int, request: Request) -> str:
    """As it was asked for: a WebP of some width, turned and small, or a PNG."""
    width, turn = int(request["width"]), int(request["turn"])
    box = (width, TALLEST * width) if width else (SHOWN_SIDE, SHOWN_SIDE)
    page = document.shown(number, box[::-1] if turn in (90, 270) else box)
    page = page.transpose(CLOCKWISE[turn]) if turn in CLOCKWISE else page
    form = "JPEG" if request["jpeg"] else "WEBP"
    return base64.b64encode(_small(page, int(request["limit"]), form) if width else _png(page)).decode()


def _png(page: Image.Image) -> bytes:
    """Few colours are enough for a look, and a tenth of the bytes."""
    file = io.BytesIO()
    page.quantize(SHOWN_COLOURS, dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


def _small(page: Image.Image, limit: int, form: str) -> bytes:
    """As good as fits into the limit: first coarser, then smaller, which is enough for any page."""
    page, size = page.convert("RGB"), 0
    for quality in QUALITIES[form]:
        file = io.BytesIO()
        page.save(file, form, quality=quality, method=4)
        size = file.tell()
        if not limit or size <= limit or max(page.size) <= SMALLEST:
            return file.getvalue()
        if size > FAR * limit:
            break
    shrink = max(SHRINK[0], min(SHRINK[1], (limit / size) ** 0.5))
    width, height = (max(1, round(side * shrink)) for side in page.size)
    return _small(page.resize((width, height)), limit, form)


def _requests(parent: socket.socket) -> Iterator[tuple[Request, int]]:
    """One after the other; they are short and come alone, the parent waits for each answer."""
    while True:
        line, descriptors, _, _ = socket.recv_fds(parent, 65_536, 1)
        if not line:
            return
        with _closed_after(descriptors[0]) as descriptor:
            yield json.loads(line), descriptor


@contextmanager
def _closed_after(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _end_with_parent(parent: socket.socket) -> None:
    """Reading a page may take long and listens to nobody; this does."""
    watch = select.poll()
    watch.register(parent, select.POLLHUP)
    watch.poll()
    os._exit(1)


def main(tessdata: str, language: str, megabytes: str) -> None:
    """Say that it is ready, then answer until the parent hangs up."""
    limit = int(megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # our own limits are told apart
    parent = socket.socket(fileno=0)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    worker = Recogniser(tessdata, language)
    parent.sendall(b"{}\n")
    for request, descriptor in _requests(parent):
        parent.sendall(json.dumps(worker.answer(request, descriptor)).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
