"""Batches of scans of our own making: pages with words, blank ones, separator sheets; as PDF and as TIFF."""

import io
from collections.abc import Sequence
from pathlib import Path

import reportlab
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

_TYPE = Path(reportlab.__file__).with_name("fonts") / "Vera.ttf"
DPI = 150
A4 = (1240, 1754)
"""Pixels at that resolution."""


def blank() -> Image.Image:
    """Paper, and two specks of dust."""
    page = Image.new("L", A4, 250)
    page.putpixel((300, 700), 60)
    page.putpixel((900, 1200), 60)
    return page


def letter(text: str) -> Image.Image:
    """A page with a few lines."""
    page = Image.new("L", A4, 255)
    draw = ImageDraw.Draw(page)
    for number in range(6):
        draw.text((150, 200 + 60 * number), f"{text}, Zeile {number + 1}", fill=0, font=ImageFont.truetype(_TYPE, 30))
    return page


def page_number(number: int) -> Image.Image:
    """A page on which nothing stands but its number: it is not blank."""
    page = Image.new("L", A4, 255)
    ImageDraw.Draw(page).text((600, 1650), str(number), fill=0, font=ImageFont.truetype(_TYPE, 24))
    return page


def sheet(text: str, form: str = "Code39", *, scale: int = 3, turn: int = 0) -> Image.Image:
    """A sheet with this barcode across its middle."""
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, form))
    drawn = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=scale)).convert("L")
    if form != "QRCode":
        drawn = drawn.resize((drawn.width, 200), Image.Resampling.NEAREST)
    page = Image.new("L", A4, 255)
    page.paste(drawn, ((A4[0] - drawn.width) // 2, 700))
    return page.rotate(turn, expand=True, fillcolor=255)


def pdf(pages: Sequence[Image.Image]) -> bytes:
    """As most scanners deliver it: a picture a page."""
    file = io.BytesIO()
    first, *others = (page.copy() for page in pages)  # Pillow keeps in a picture how it was saved before
    first.save(file, "PDF", save_all=True, append_images=others, resolution=DPI)
    return file.getvalue()


def tiff(pages: Sequence[Image.Image], *, fax: bool = True) -> bytes:
    """Several pages in black and white as fax machines pack them, else in grey."""
    file = io.BytesIO()
    kept = [page.point(lambda value: 255 if value > 128 else 0, "1") if fax else page.copy() for page in pages]
    packed = "group4" if fax else "tiff_adobe_deflate"
    kept[0].save(file, "TIFF", save_all=True, append_images=kept[1:], compression=packed, dpi=(DPI, DPI))
    return file.getvalue()
