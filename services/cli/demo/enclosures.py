"""What people attach to mails: PDF and Word files, the same bytes for the same words at any time."""

import io
import zipfile
from html import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

MARGIN, LINE = 72, 18
"""Points."""
_TOP = A4[1] - 100
_DAY = (2026, 1, 1, 0, 0, 0)
"""Zip files note a time; the same one always, so that the same words are the same document."""

_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/>
</Relationships>"""
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>"""
_PARAGRAPH = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>'


def pdf(text: str, *, password: str = "") -> bytes:
    """One page of text, the first line as heading; with a password nobody reads it without."""
    file = io.BytesIO()
    lock = StandardEncryption(password, strength=128) if password else None
    canvas = Canvas(file, pagesize=A4, invariant=1, encrypt=lock)
    heading, *lines = text.strip().splitlines()
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(MARGIN, _TOP, heading)
    canvas.setFont("Courier" if "EUR" in text else "Helvetica", 11)
    for number, line in enumerate(lines, start=2):
        canvas.drawString(MARGIN, _TOP - number * LINE, line)
    canvas.save()
    return file.getvalue()


def docx(text: str) -> bytes:
    """The smallest Word file of these lines (ECMA-376, part 1); written by hand, for a library would date it."""
    file = io.BytesIO()
    body = "".join(_PARAGRAPH.format(escape(line)) for line in text.strip().splitlines())
    entries = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": _DOCUMENT.format(body),
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), content)
    return file.getvalue()
