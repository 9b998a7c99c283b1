"""What mails and archives are taken apart by costs in proportion to their size, whatever was made to harm it."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest

from services.extraction.mail.cards import card_of
from services.extraction.mail.decoding import enclosed
from services.extraction.mail.html import read
from services.extraction.mail.signed import content_of
from services.extraction.mail.tree import MailLimits, open_mail
from services.extraction.reading.letter import sender_of, title_of
from services.extraction.reading.unpack_archive import Unpacking

SIZE = 120_000
LIMITS = MailLimits(depth=20, parts=2_000)


def repeated(piece: bytes, size: int) -> bytes:
    """So many bytes of it."""
    return piece * (size // len(piece))


def mail(kind: str, body: bytes, encoding: str = "7bit") -> bytes:
    """A mail whose body is this."""
    return f"Subject: x\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def levels(size: int) -> bytes:
    """Multiparts inside each other, 200 for the smaller size, and a body of the same size."""
    found = b"Content-Type: text/plain\r\n\r\n" + repeated(b"Hallo Welt ", size)
    for level in range(size * 200 // SIZE):
        mark = b"b%d" % level
        head = b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n'
        found = head + b"--" + mark + b"\r\n" + found + b"\r\n--" + mark + b"--\r\n"
    return b"Subject: x\r\n" + found


HEADERS = b"Subject: x\r\n"
MAILS: dict[str, Callable[[int], bytes]] = {
    "levels": levels,
    "mails in mails": lambda n: HEADERS + repeated(b"Content-Type: message/rfc822\r\n\r\n", n),
    "parts": lambda n: mail("multipart/mixed; boundary=b", repeated(b"--b\r\n\r\nx\r\n", n)),
    "boundaries without an end": lambda n: mail("multipart/mixed; boundary=b", repeated(b"--b x", n)),
    "no boundary": lambda n: mail("multipart/mixed", repeated(b"--aaaaaaaaaaaaaaa\r\n", n)),
    "parameters": lambda n: mail("text/plain; " + 'a="' * (n // 3), b"x"),
    "continued parameters": lambda n: mail("text/plain; " + "; ".join(f"n*{i}*=a" for i in range(n // 10)), b"x"),
    "encoded words": lambda n: b"Subject: " + repeated(b"=?utf-8?q?a?= ", n) + b"\r\n\r\nx",
    "words begun": lambda n: b"Subject: " + repeated(b"=?", n) + b"\r\n\r\nx",
    "folds": lambda n: b"Subject: " + repeated(b"\r\n ", n) + b"x\r\n\r\nx",
    "comments": lambda n: b"From: " + repeated(b"(", n) + b"\r\n\r\nx",
    "quotes": lambda n: b"From: " + repeated(b'"\\', n) + b"\r\n\r\nx",
    "addresses": lambda n: b"To: " + repeated(b"a@b.example, ", n) + b"\r\n\r\nx",
    "fields": lambda n: repeated(b"To: a@b.example\r\n", n) + b"\r\nx",
    "paddings": lambda n: mail("text/plain", repeated(b"QQ== ", n), "base64"),
    "soft breaks": lambda n: mail("text/plain", repeated(b"=\r\n", n), "quoted-printable"),
    "uuencoded": lambda n: mail("text/plain", repeated(b"begin \n", n), "uuencode"),
    "card folds": lambda n: mail("text/vcard", b"BEGIN:VCARD\n" + repeated(b"N:a\n ", n)),
    "blank lines": lambda n: mail("text/plain", repeated(b"\n \n", n)),
    "seals begun": lambda n: mail("text/plain", repeated(b"-----BEGIN PGP MESSAGE----\n", n)),
    "halves of UTF-8": lambda n: mail("text/plain", repeated(b"\xff\xc3", n)),
}


def cost(act: Callable[[], object]) -> float:
    """Seconds of the processor, the better of two tries."""
    tries = []
    for _ in range(2):
        began = time.process_time()
        act()
        tries.append(time.process_time() - began)
    return min(tries)


def is_linear(act: Callable[[int], object]) -> bool:
    """Whether four times as much costs at most eight times as much; what costs next to nothing is let pass."""
    small, large = (cost(lambda size=size: act(size)) for size in (SIZE, 4 * SIZE))  # type: ignore[misc]  # bound early
    return large <= 8 * small + 0.1


@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_made_to_harm_costs_in_proportion(kind: str) -> None:
    """Levels, boundaries, headers, encodings."""
    made = {size: MAILS[kind](size) for size in (SIZE, 4 * SIZE)}

    def read(size: int) -> None:
        opened = open_mail(made[size], 0, len(made[size]), limits=LIMITS)
        for leaf in opened.leaves:
            leaf.inside()

    assert is_linear(read)


@pytest.mark.parametrize("text", ["Betreff:\n", "a\n", "Sehr geehrte \n", "1.", "Az.: ", "Seite 1 von "])
def test_the_title_of_a_letter_costs_in_proportion(text: str) -> None:
    """Subject lines begun, salutations, figures."""
    assert is_linear(lambda size: (title_of(text * (size // len(text)), given=""), sender_of(text * (size // 9))))


def test_an_archive_costs_in_proportion() -> None:
    """Of thousands of entries."""
    made = {}
    for size in (SIZE, 4 * SIZE):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(size // 250):
                archive.writestr(f"{number}.txt", b"x")
        made[size] = buffer
    assert is_linear(lambda size: list(Unpacking(made[size], "application/zip", name="a.zip", budget=10**9).members()))


HOSTILE: dict[str, Callable[[int], object]] = {
    "blanks before no file in a card": lambda n: card_of("PHOTO:" + " " * n + "!"),
    "encodings without a value": lambda n: card_of(";B" * n),
    "armour without an end": lambda n: content_of(b"-----BEGIN PKCS7-----" + b" " * n),
    "blanks before no file in a page": lambda n: read(f"<p title='{' ' * n}x data:'>Hallo</p>"),
    "uuencode without an end": lambda n: enclosed.taken_out(b"begin 644 a\n" * n),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_in_text_are_looked_for_once(name: str) -> None:
    """Whatever is made to look like one again and again; a quadratic pattern takes ten seconds for these 40 kB."""
    began = time.process_time()
    HOSTILE[name](40_000)
    assert time.process_time() - began < 3
