"""Files for the readers, made here: the same bytes on every run, with our own words."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

LETTER = "Grüße aus Köln: die Straße ist gesperrt. Mit freundlichen Grüßen"

_TYPE = Path(reportlab.__file__).with_name("fonts") / "Vera.ttf"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(*pages: str, password: str | None = None) -> bytes:
    """One page for each text; an empty text is an empty page."""
    file = io.BytesIO()
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(file, invariant=1, encrypt=encryption)
    canvas.setTitle("Bescheid")
    canvas.setAuthor("Bauamt")
    for page in pages:
        canvas.drawString(100, 700, page)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def sideways_pdf(*lines: str) -> bytes:
    """A page that was printed sideways: the letters run up the paper, one by one."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.rotate(90)
    for number, line in enumerate(lines):
        for place, letter in enumerate(line):
            canvas.drawString(60 + 7 * place, -80 - 20 * number, letter)
    canvas.save()
    return file.getvalue()


def turned_pdf(text: str, degrees: int) -> bytes:
    """A page that says of itself to be shown turned so far clockwise."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.setPageRotation(degrees)
    canvas.drawString(100, 400, text)
    canvas.save()
    return file.getvalue()


def margin_pdf(*lines: str, margin: str) -> bytes:
    """A letter with a line that runs up its margin."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    for number, line in enumerate(lines):
        canvas.drawString(100, 700 - 20 * number, line)
    canvas.rotate(90)
    canvas.drawString(300, -40, margin)
    canvas.save()
    return file.getvalue()


def swapped_pdf(text: str) -> bytes:
    """A page that shows this text, and says of each letter that it is the one whose two bytes are swapped."""
    table = "".join(f"<{letter:02x}> <{letter:02x}00>\n" for letter in range(32, 127))
    table = f"1 begincodespacerange <00> <ff> endcodespacerange\n95 beginbfchar\n{table}endbfchar\n"
    table = f"/CIDInit /ProcSet findresource begin\nbegincmap\n{table}endcmap\nend"
    shown = f"BT /F 12 Tf 100 700 Td ({text}) Tj ET"
    return "".join(
        (
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R",
            "/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>>>endobj\n",
            f"4 0 obj<</Length {len(shown)}>>stream\n{shown}\nendstream endobj\n",
            "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>endobj\n",
            f"6 0 obj<</Length {len(table)}>>stream\n{table}\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        )
    ).encode()


def endless_pdf(operators: int) -> bytes:
    """A small PDF whose one page makes its reader work through so many operators."""
    packer = zlib.compressobj(9)
    block = b"q Q\n" * 100_000
    stream = b"".join(packer.compress(block) for _ in range(operators // 200_000)) + packer.flush()
    return b"".join(
        (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>endobj\n",
            b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(stream),
            stream,
            b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        )
    )


def docx(*paragraphs: str) -> bytes:
    """A text document with only what must be in one."""
    body = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    types = f'<Override PartName="/word/document.xml" ContentType="{_WORD_TYPE}"/>'
    types = f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}'
    return archive(
        {
            "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_TYPES}">{types}</Types>'.encode(),
            "_rels/.rels": (
                f'<?xml version="1.0"?><Relationships xmlns="{_RELATIONS}">'
                f'<Relationship Id="r1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>'
            ).encode(),
            "word/document.xml": (
                f'<?xml version="1.0"?><w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
            ).encode(),
        }
    )


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip with these files, in this order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def nested(depth: int) -> bytes:
    """A text inside so many archives."""
    content = archive({"innen.txt": b"ganz innen"})
    for level in range(1, depth):
        content = archive({f"{level}.zip": content})
    return content


def scan(*lines: str, dpi: int = 200, tint: str = "white", ink: str = "black") -> Image.Image:
    """An A4 page with these lines in a type as letters have it, not smoothed."""
    page = Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), tint)
    font = ImageFont.truetype(_TYPE, size=dpi / 6)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((dpi, dpi * (1 + number / 3)), line, fill=ink, font=font)
    return page


def picture(*pages: Image.Image, kind: str = "TIFF", **options: object) -> bytes:
    """The pages in a file of this kind, with its resolution."""
    file = io.BytesIO()
    first, *others = pages
    if others:
        options |= {"save_all": True, "append_images": others}
    first.save(file, kind, **options)
    return file.getvalue()


def claimed_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b"")]
    packed = (struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def noise(size: int) -> bytes:
    """Bytes that are no format; the same each time."""
    return random.Random(7).randbytes(size)
