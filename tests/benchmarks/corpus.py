"""German mails as a town gets them, made from a seed: no text of anybody's, and every attachment its own."""

import base64
import io
import quopri
import random
import zipfile
from collections.abc import Iterator
from email.header import Header
from itertools import accumulate

from reportlab.pdfgen.canvas import Canvas

_HEADS = (
    *("Antrag", "Bescheid", "Widerspruch", "Gebühren", "Bau", "Straßen", "Schul", "Kinder", "Grundstücks", "Müll"),
    *("Wohnungs", "Gewerbe", "Hunde", "Park", "Friedhofs", "Feuerwehr", "Bürger", "Melde", "Wahl", "Haushalts"),
)
_TAILS = (
    *("amt", "ordnung", "steuer", "anmeldung", "genehmigung", "prüfung", "frist", "stelle", "verfahren", "übergabe"),
    *("bestätigung", "auskunft", "leistung", "änderung", "satzung", "vertrag", "rechnung", "zahlung", "termin"),
)
_SMALL = (
    *(
        "und",
        "der",
        "die",
        "das",
        "in",
        "zu",
        "mit",
        "von",
        "für",
        "auf",
        "ist",
        "nicht",
        "ein",
        "eine",
        "bitte",
        "wir",
    ),
    *("Sie", "haben", "wird", "wurde", "nach", "über", "bis", "zum", "unser", "Ihre", "auch", "noch", "vor", "am"),
)
_WORDS = (*_SMALL, *(head + tail for head in _HEADS for tail in _TAILS))
_WEIGHTS = tuple(accumulate(1 / (rank + 3) for rank in range(len(_WORDS))))
_PDF_MODELS = 24
_DOCX_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_DOCX_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_DOCX_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Corpus:
    """A quarter of the mails carry one to three PDFs, a tenth a DOCX; none where `attachments` is off."""

    def __init__(self, seed: int, *, attachments: bool) -> None:
        self._chance = random.Random(seed)
        self._attachments = attachments
        self._models = [self._pdf_model() for _ in range(_PDF_MODELS)] if attachments else []

    def mails(self, count: int) -> Iterator[bytes]:
        """So many mails, one after another: the same for the same seed."""
        for number in range(count):
            yield self._mail(number)

    def text(self, characters: int) -> str:
        """Paragraphs of German words, about this long."""
        words = self._chance.choices(_WORDS, cum_weights=_WEIGHTS, k=max(5, characters // 9))
        step = self._chance.randint(17, 29)
        words[::step] = [f"{word}." for word in words[::step]]
        return " ".join(words)

    def _mail(self, number: int) -> bytes:
        boundary = f"=_outer_{number}"
        leaves = list(self._leaves(number))
        body = self._body(number)
        head = self._head(number)
        if not leaves:
            return head + body
        pieces = [b"--%s\r\n%s\r\n" % (boundary.encode(), piece) for piece in (body, *leaves)]
        kind = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode()
        return head + kind + b"".join(pieces) + b"--%s--\r\n" % boundary.encode()

    def _head(self, number: int) -> bytes:
        chance = self._chance
        subject = Header(" ".join(chance.choices(_WORDS[30:], k=4)), "utf-8").encode(linesep="\r\n")
        sender = Header(f"Jürgen {chance.choice(_HEADS)}mann", "utf-8").encode()
        day = 1 + number % 28
        lines = (
            f"Received: from mx{number % 7}.example.org by mail.example.net; {day} Mar 2026 10:00:00 +0100",
            f"From: {sender} <absender{number}@example.org>",
            f"To: poststelle@example.net, amt{number % 40}@example.net",
            f"Subject: {subject}",
            f"Date: {day} Mar 2026 10:{number % 60:02}:00 +0100",
            f"Message-ID: <{chance.getrandbits(64):x}.{number}@example.org>",
            "MIME-Version: 1.0",
        )
        return "".join(f"{line}\r\n" for line in lines).encode()

    def _body(self, number: int) -> bytes:
        text = self.text(self._chance.randint(400, 2800))
        if self._chance.random() >= 0.7:
            return self._text_part(text, "plain")
        paragraphs = "".join(f"<p style='margin:0'>{line}</p>\r\n" for line in text.split(". "))
        page = f"<html><head><style>p {{ color: #222 }}</style></head><body>{paragraphs}</body></html>"
        mark = b"=_inner_%d" % number
        parts = (self._text_part(text, "plain"), self._text_part(page, "html"))
        joined = b"".join(b"--%s\r\n%s\r\n" % (mark, part) for part in parts)
        return b'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n%s--%s--\r\n' % (mark, joined, mark)

    def _text_part(self, text: str, kind: str) -> bytes:
        charset, encoding = self._chance.choice(
            (("utf-8", "quoted-printable"), ("utf-8", "base64"), ("iso-8859-1", "quoted-printable"), ("utf-8", "8bit"))
        )
        head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        return head.encode() + _encoded(_wrapped(text).encode(charset, "replace"), encoding) + b"\r\n"

    def _leaves(self, number: int) -> Iterator[bytes]:
        if not self._attachments:
            return
        if self._chance.random() < 0.25:
            for count in range(self._chance.randint(1, 3)):
                # A comment behind the end makes it its own file; readers look for the end in the last 1,024 bytes.
                content = self._chance.choice(self._models) + b"%% %d-%d\n" % (number, count)
                yield _attached(content, "application/pdf", f"Anlage {count}.pdf")
        if self._chance.random() < 0.1:
            yield _attached(self._docx(), _DOCX_KIND, "Schreiben.docx")

    def _pdf_model(self) -> bytes:
        stream = io.BytesIO()
        canvas = Canvas(stream)
        for _ in range(self._chance.randint(1, 5)):
            for line in range(40):
                canvas.drawString(60, 780 - 18 * line, self.text(80))
            canvas.showPage()
        canvas.save()
        return stream.getvalue()

    def _docx(self) -> bytes:
        paragraphs = "".join(f"<w:p><w:r><w:t>{self.text(300)}</w:t></w:r></w:p>" for _ in range(8))
        namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("[Content_Types].xml", _DOCX_TYPES)
            packed.writestr("_rels/.rels", _DOCX_RELATIONS)
            packed.writestr(
                "word/document.xml",
                f'<w:document xmlns:w="{namespace}"><w:body>{paragraphs}</w:body></w:document>',
            )
        return stream.getvalue()


def _attached(content: bytes, kind: str, name: str) -> bytes:
    head = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(content).replace(b"\n", b"\r\n").rstrip()
    if encoding == "quoted-printable":
        return quopri.encodestring(content).replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n")
    return content


def _wrapped(text: str) -> str:
    words = text.split(" ")
    return "\r\n".join(" ".join(words[start : start + 9]) for start in range(0, len(words), 9))
