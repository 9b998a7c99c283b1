"""The post of a journey: mails as citizens send them, with what they attach, and pages as a scanner delivers them."""

import io
from email.message import EmailMessage
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

A4_AT_200_DPI = 1654, 2339
FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
"""Comes with umlauts; Pillow's own has none."""


def a_mail(text: str, subject: str = "Anfrage") -> EmailMessage:
    """A plain mail; without a Message-ID, so that equal words are equal mails."""
    mail = EmailMessage()
    mail["From"] = "Erika Mustermann <erika@example.org>"
    mail["To"] = "post@musterstadt.example"
    mail["Subject"] = subject
    mail.set_content(text)
    return mail


def a_mail_in_a_mail(text: str) -> EmailMessage:
    """A forwarded mail, whose PDF alone holds the text."""
    inner = a_mail("Anbei das Schreiben.", subject="Unser Schreiben")
    inner.add_attachment(a_pdf(text), maintype="application", subtype="pdf", filename="Schreiben.pdf")
    outer = a_mail("Zur Kenntnis.", subject="WG: Unser Schreiben")
    outer.add_attachment(inner)
    return outer


def a_pdf(text: str) -> bytes:
    """One page with a text layer."""
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawString(72, 720, text)
    canvas.save()
    return file.getvalue()


def a_scan(text: str) -> bytes:
    """A grey page in letters of about 14 points, line by line, as a scanner sends it."""
    page = Image.new("L", A4_AT_200_DPI, 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 40)
    for number, line in enumerate(text.splitlines()):
        pen.text((200, 300 + 70 * number), line, fill=0, font=font)
    file = io.BytesIO()
    page.save(file, "PNG", dpi=(200, 200))
    return file.getvalue()
