"""Scanned pages as a mail room gets them, made from a seed, with what stands on them."""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageChops, ImageFilter
from reportlab.pdfgen.canvas import Canvas

from tests.benchmarks.corpus import Corpus

DPI = 300
_WIDTH, _HEIGHT = 595, 842
_NAMES = ("Yilmaz", "Kowalczyk", "Szymanski", "Brömmelkamp", "Quast", "Vogt-Hüls", "Ceylan", "Jörgensen", "Xylander")
_STREETS = ("Ahornweg", "Große Bleiche", "Am Lützowplatz", "Kührener Str.", "Weiße Gasse", "Holstenstraße")


@dataclass(frozen=True)
class Scan:
    """A page as PNG or JPEG at 300 dpi, and its text from top to bottom."""

    content: bytes
    media_type: str
    truth: str


class _Sheet:
    """A page that is being written; remembers what stands on it."""

    def __init__(self, corpus: Corpus, chance: random.Random) -> None:
        self.corpus, self.chance = corpus, chance
        self.lines: list[str] = []
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=(_WIDTH, _HEIGHT), invariant=1)

    def line(self, x: float, y: float, text: str, *, font: str, size: float) -> None:
        """One line, remembered in this order."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)
        self.lines.append(text)

    def fact(self) -> str:
        """What no dictionary holds: a name, an amount, a date, a number of a file or an account."""
        number = self.chance.randint
        return self.chance.choice(
            (
                f"{self.chance.choice(_NAMES)}, {self.chance.choice(_STREETS)} {number(1, 140)}",
                f"{number(1, 9)}.{number(100, 999)},{number(10, 99)} EUR",
                f"{number(1, 28):02}.{number(1, 12):02}.20{number(10, 26)}",
                f"Az. {number(10, 99)}.{number(10, 99)}.{number(1, 20):02}-{number(1, 400)}/20{number(20, 26)}",
                f"DE{number(10, 99)} {number(1000, 9999)} {number(1000, 9999)} {number(1000, 9999)} {number(10, 99)}",
                f"Telefon 0{number(200, 999)} {number(10000, 999999)}-{number(0, 99)}",
            )
        )

    def prose(self, width: float, *, font: str, size: float) -> str:
        """A line of words that is as wide as this at most, one of four with a fact in it."""
        words = self.corpus.text(140).split()
        if self.chance.random() < 1 / 4:
            words[2:2] = self.fact().split()
        while self.canvas.stringWidth(" ".join(words), font, size) > width:
            words.pop()
        return " ".join(words)

    def rendered(self) -> Image.Image:
        """In grey, as a scanner would see the print."""
        self.canvas.save()
        page = pypdfium2.PdfDocument(self._file.getvalue())[0]
        drawn: Image.Image = page.render(scale=DPI / 72, grayscale=True).to_pil()
        return drawn


def _column(sheet: _Sheet, box: Sequence[float], *, font: str, size: float, leading: float = 1.3) -> None:
    left, top, width, bottom = box
    y = top
    while y > bottom:
        sheet.line(left, y, sheet.prose(width, font=font, size=size), font=font, size=size)
        y -= size * leading * (2 if sheet.chance.random() < 1 / 9 else 1)


def letter(sheet: _Sheet) -> None:
    """A business letter (DIN 5008): head, address, subject, body, a foot of small type."""
    font = sheet.chance.choice(("Times-Roman", "Helvetica"))
    sheet.line(70, 790, f"Stadt Musterhausen · {sheet.fact()}", font="Helvetica-Bold", size=14)
    sheet.line(70, 725, f"Musterhausen · Rathausplatz 1 · {sheet.fact()}", font=font, size=7)
    for number in range(3):
        sheet.line(70, 700 - 14 * number, sheet.fact(), font=font, size=11)
    sheet.line(70, 600, sheet.prose(430, font="Helvetica-Bold", size=11), font="Helvetica-Bold", size=11)
    _column(sheet, (70, 570, 455, 90), font=font, size=11)
    sheet.line(70, 50, f"{sheet.fact()} · {sheet.fact()}", font=font, size=7)


def dense(sheet: _Sheet) -> None:
    """Small print in one column, 8 points."""
    _column(sheet, (50, 800, 495, 50), font="Times-Roman", size=8)


def columns(sheet: _Sheet) -> None:
    """Two columns of 9 points below a heading."""
    sheet.line(50, 790, sheet.prose(480, font="Helvetica-Bold", size=16), font="Helvetica-Bold", size=16)
    _column(sheet, (50, 750, 235, 60), font="Times-Roman", size=9)
    _column(sheet, (310, 750, 235, 60), font="Times-Roman", size=9)


def form(sheet: _Sheet) -> None:
    """A form: boxes with small labels and what was typed into them, and a table with lines."""
    sheet.line(50, 795, sheet.prose(440, font="Helvetica-Bold", size=14), font="Helvetica-Bold", size=14)
    for row in range(8):
        y = 740 - 36 * row
        for left, width in ((50, 240), (300, 245)):
            sheet.canvas.rect(left, y, width, 30)
        for left in (50, 300):
            sheet.line(left + 4, y + 21, sheet.prose(150, font="Helvetica", size=7), font="Helvetica", size=7)
        for left in (50, 300):
            sheet.line(left + 6, y + 6, sheet.fact(), font="Courier", size=10)
    for row in range(16):
        y = 430 - 22 * row
        for left, width in ((50, 60), (110, 255), (365, 180)):
            sheet.canvas.rect(left, y, width, 22)
        sheet.line(54, y + 7, f"{row + 1}.", font="Helvetica", size=9)
        sheet.line(114, y + 7, sheet.prose(240, font="Helvetica", size=9), font="Helvetica", size=9)
        sheet.line(370, y + 7, f"{sheet.chance.randint(100, 9999)},00 EUR", font="Helvetica", size=9)


def short(sheet: _Sheet) -> None:
    """A nearly empty page: the end of a letter."""
    for number in range(4):
        sheet.line(70, 770 - 15 * number, sheet.prose(455, font="Helvetica", size=11), font="Helvetica", size=11)
    sheet.line(70, 690, "Mit freundlichen Grüßen", font="Helvetica", size=11)
    sheet.line(70, 640, sheet.chance.choice(_NAMES), font="Helvetica", size=11)


def illustrated(sheet: _Sheet) -> None:
    """A picture over half of the page between two paragraphs; nothing is written in it."""
    _column(sheet, (70, 790, 455, 700), font="Helvetica", size=11)
    _column(sheet, (70, 230, 455, 90), font="Helvetica", size=11)


KINDS: dict[str, Callable[[_Sheet], None]] = {
    "letter": letter,
    "dense": dense,
    "columns": columns,
    "form": form,
    "illustrated": illustrated,
    "short": short,
}


def _photo(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """Soft shapes of any brightness with a little grain."""
    grains = bytes(chance.randrange(256) for _ in range(24 * 16))
    soft = Image.frombytes("L", (24, 16), grains).resize(size, Image.Resampling.BICUBIC)
    return Image.blend(soft, Image.effect_noise(size, 40), 0.15)


def clean(page: Image.Image, chance: random.Random) -> tuple[bytes, str]:
    """A good scanner: a little askew, a little soft."""
    page = page.rotate(chance.uniform(-0.5, 0.5), Image.Resampling.BICUBIC, fillcolor=255)
    return _stored(page.filter(ImageFilter.GaussianBlur(0.6)), "PNG")


def degraded(page: Image.Image, chance: random.Random) -> tuple[bytes, str]:
    """A bad one: pale, shaded, noisy, blurred, packed too small."""
    page = page.rotate(chance.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255)
    page = page.filter(ImageFilter.GaussianBlur(1.1)).point(lambda grey: 90 + grey * 130 // 255)
    shade = Image.linear_gradient("L").resize(page.size).point(lambda grey: 215 + grey * 40 // 255)
    page = ImageChops.multiply(page, shade)
    return _stored(ImageChops.add(page, Image.effect_noise(page.size, 18), offset=-128), "JPEG", quality=45)


def faxed(page: Image.Image, chance: random.Random) -> tuple[bytes, str]:
    """By fax: 204 by 196 dots an inch, black or white, specks."""
    page = page.rotate(chance.uniform(-0.5, 0.5), Image.Resampling.BICUBIC, fillcolor=255)
    small = page.resize((1728, 2292), Image.Resampling.BOX)
    grey = ImageChops.add(small, Image.effect_noise(small.size, 36), offset=-128)
    return _stored(grey.point(lambda value: 255 * (value > 150)).convert("1"), "TIFF", dpi=(204, 196))


WAYS: dict[str, Callable[[Image.Image, random.Random], tuple[bytes, str]]] = {
    "clean": clean,
    "degraded": degraded,
    "faxed": faxed,
}


def _stored(page: Image.Image, form_: str, **more: object) -> tuple[bytes, str]:
    file = io.BytesIO()
    page.save(file, form_, **({"dpi": (DPI, DPI)} | more))
    return file.getvalue(), f"image/{form_.lower()}"


def scans(seed: int, kind: str, way: str, count: int) -> Iterator[Scan]:
    """So many pages of one kind that came in one way: the same for the same seed."""
    for number in range(count):
        chance = random.Random(f"{seed} {kind} {number}")
        sheet = _Sheet(Corpus(chance.randrange(2**32), attachments=False), chance)
        KINDS[kind](sheet)
        page = sheet.rendered()
        if kind == "illustrated":
            page.paste(_photo(chance, (1900, 1850)), (290, 650))
        content, media_type = WAYS[way](page, chance)
        yield Scan(content, media_type, "\n".join(sheet.lines))
