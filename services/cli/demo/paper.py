"""Letters of the demo on paper: written on a letterhead, stamped, and laid a little askew on a scanner."""

import random
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

from services.cli.demo.letters import Letter, Person, people, written

FONTS = Path(reportlab.__file__).parent / "fonts"
"""Bitstream Vera, free to use and with umlauts; Pillow's own font has none of them at every size."""
A4_MM = 210, 297
WHITE, INK, FAINT, STAMP = 252, 38, 120, 150
"""Grey levels."""
SKEW_DEGREES = 0.7
GRAIN = 0.05
"""Share of noise in the picture."""
LINE_MM, COLUMN = 6.2, 74
LEFT_MM, RIGHT_MM = 25.0, 190.0
CODE_MM, CODE_LEFT_MM, CODE_TOP_MM = 70.0, 70.0, 110.0
_INCH_MM = 25.4


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that is written on in millimetres."""

    picture: Image.Image
    dpi: int

    def write(
        self, text: str, at: tuple[float, float], *, size: float = 11, face: str = "Vera", grey: int = INK
    ) -> None:
        """Text from this place on, in points."""
        font = ImageFont.truetype(FONTS / f"{face}.ttf", round(size * self.dpi / 72))
        ImageDraw.Draw(self.picture).text(self.dots(*at), text, fill=grey, font=font)

    def rule(self, height: float, left: float = LEFT_MM, right: float = RIGHT_MM) -> None:
        """A thin line across."""
        ends = [self.dots(left, height), self.dots(right, height)]
        ImageDraw.Draw(self.picture).line(ends, fill=FAINT, width=max(1, self.dpi // 100))

    def dots(self, x: float, y: float) -> tuple[int, int]:
        """Where a place on paper lies in the picture."""
        return round(x * self.dpi / _INCH_MM), round(y * self.dpi / _INCH_MM)


def pages(letter: Letter, *, day: date, dpi: int) -> list[Image.Image]:
    """The pages of a letter in grey, as a scanner sees them; the same letter and day give the same pictures."""
    chance = random.Random(letter.id)  # noqa: S311  # the same pictures every time
    sender = people()[letter.sender]
    texts = [""] if letter.blank else letter.text.split("\f")
    sheets = [_blank(dpi) for _ in texts]
    for number, (sheet, text) in enumerate(zip(sheets, texts, strict=True), start=1):
        if not letter.blank:
            _write_page(sheet, letter, sender, day=day, text=text, number=number, of=len(texts))
    return [_scanned(sheet, chance) for sheet in sheets]


def empty(dpi: int) -> Image.Image:
    """The back of a page, with nothing on it."""
    return _blank(dpi).picture


def code_sheet(squares: Sequence[Sequence[bool]], *, title: str, line: str, dpi: int) -> Image.Image:
    """A cover or separator sheet: the code in the middle, and in words what it says."""
    sheet = _blank(dpi)
    sheet.write(title, (LEFT_MM, 30), size=34, face="VeraBd")
    sheet.write(line, (LEFT_MM, 50), size=16)
    code = Image.new("L", (len(squares[0]), len(squares)))
    code.putdata([0 if dark else WHITE for row in squares for dark in row])
    left, top = sheet.dots(CODE_LEFT_MM, CODE_TOP_MM)
    side = sheet.dots(CODE_MM, 0)[0] // code.width * code.width
    sheet.picture.paste(code.resize((side, side), Image.Resampling.NEAREST), (left, top))
    return sheet.picture


def _blank(dpi: int) -> Sheet:
    width, height = (round(mm * dpi / _INCH_MM) for mm in A4_MM)
    return Sheet(Image.new("L", (width, height), WHITE), dpi)


def _write_page(  # noqa: PLR0913  # a page is all of this
    sheet: Sheet, letter: Letter, sender: Person, *, day: date, text: str, number: int, of: int
) -> None:
    _letterhead(sheet, sender)
    height = 50.0
    if number == 1:
        height = _head(sheet, letter, sender, day)
    height = _paragraphs(sheet, text, height)
    if number == of:
        _ending(sheet, sender, height)
    if of > 1:
        sheet.write(f"Seite {number} von {of}", (95, 282), size=9, grey=FAINT)


def _letterhead(sheet: Sheet, sender: Person) -> None:
    sheet.write(sender.name, (LEFT_MM, 16), size=17 if sender.line else 13, face="VeraBd")
    if sender.line:
        sheet.write(sender.line, (LEFT_MM, 25), size=9, grey=FAINT)
    sheet.rule(32)


def _head(sheet: Sheet, letter: Letter, sender: Person, day: date) -> float:
    sheet.write(f"{sender.name} · {sender.street} · 12345 Musterstadt", (LEFT_MM, 40), size=7, grey=FAINT)
    for number, line in enumerate(("Stadt Musterstadt", "Rathausplatz 1", "12345 Musterstadt")):
        sheet.write(line, (LEFT_MM, 48 + number * LINE_MM))
    _stamp(sheet, day)
    sheet.write(f"Musterstadt, {written(day)}", (122, 82))
    if letter.sign:
        sheet.write(f"Ihr Zeichen: {letter.sign}", (LEFT_MM, 82))
    sheet.write(letter.subject, (LEFT_MM, 96), size=12, face="VeraBd")
    sheet.write("Sehr geehrte Damen und Herren,", (LEFT_MM, 108))
    return 108 + 2 * LINE_MM


def _stamp(sheet: Sheet, day: date) -> None:
    box = [sheet.dots(138, 44), sheet.dots(186, 62)]
    ImageDraw.Draw(sheet.picture).rectangle(box, outline=STAMP, width=sheet.dpi // 60)
    sheet.write("EINGEGANGEN", (142, 46.5), size=10, face="VeraBd", grey=STAMP)
    sheet.write(f"{day:%d.%m.%Y}", (149, 54), size=10, grey=STAMP)


def _paragraphs(sheet: Sheet, text: str, height: float) -> float:
    for paragraph in text.strip().split("\n\n"):
        lines = paragraph.split("\n")
        for piece in lines if all(": " in line for line in lines) else (paragraph,):
            for line in textwrap.wrap(piece, COLUMN):
                sheet.write(line, (LEFT_MM, height))
                height += LINE_MM
        height += LINE_MM / 2
    return height


def _ending(sheet: Sheet, sender: Person, height: float) -> None:
    sheet.write("Mit freundlichen Grüßen", (LEFT_MM, height + LINE_MM))
    sheet.write(sender.name.split()[-1], (LEFT_MM + 4, height + 2.6 * LINE_MM), size=17, face="VeraIt", grey=90)
    sheet.write(sender.name, (LEFT_MM, height + 4.6 * LINE_MM))
    sheet.rule(272)
    sheet.write(f"{sender.street}, 12345 Musterstadt    Tel. 0123 4567-80    {sender.mail}", (LEFT_MM, 274), size=8)


def _scanned(sheet: Sheet, chance: random.Random) -> Image.Image:
    page = sheet.picture
    for height in (108.5, 188.5):  # the holes of a binder
        x, y = sheet.dots(11, height)
        radius = sheet.dpi // 10
        ImageDraw.Draw(page).ellipse((x - radius, y - radius, x + radius, y + radius), fill=205)
    angle = chance.uniform(-SKEW_DEGREES, SKEW_DEGREES)
    page = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=WHITE - 8)
    grain = Image.frombytes("L", page.size, chance.randbytes(page.width * page.height))
    return Image.blend(page, grain, GRAIN)
