"""What the extractor passes over in Rich Text and in mails that Outlook packed stands in their text."""

import io
import struct

import pytest

from services.core.ports.text_extractor import ReadPart
from services.extraction.kinds.rtf_forms import RTF, chosen
from services.extraction.kinds.tnef import TNEF, words_of
from services.extraction.reading.file import File
from services.extraction.reading.read_by_tika import with_fields

SUBJECT, BODY, CODE_PAGE = 0x00018004, 0x0002800C, 0x00069007


def listed(*signs: str) -> bytes:
    """A list of a form with these signs of what was chosen."""
    entries = "".join(rf"{{\*\ffl {entry}}}" for entry in ("ledig", r"verheiratet", r"ge\'e4ndert", r"gr\u252?n"))
    field = rf"{{\*\formfield{{\fftype2{''.join(signs)}\fftypetxt0\ffhaslistbox{{\*\ffname Liste}}{entries}}}}}"
    return rf"{{\field{{\*\fldinst {{ FORMDROPDOWN }}{{{field}}}}}{{\fldrslt }}}} danach\par ".encode()


def rtf(*fields: bytes) -> bytes:
    """A file with these."""
    return rb"{\rtf1\ansi Familienstand: " + b"".join(fields) + b"}"


@pytest.mark.parametrize(
    ("signs", "told"),
    [
        ((r"\ffres1", r"\ffdefres0"), "verheiratet"),
        ((r"\ffres25", r"\ffdefres2"), "geändert"),
        ((r"\ffres3",), "grün"),
        ((), "ledig"),
    ],
)
def test_the_entry_that_was_chosen(signs: tuple[str, ...], told: str) -> None:
    """By what was chosen, else by what the form begins with; 25 says that nothing was."""
    assert chosen(rtf(listed(*signs))) == [told]


def test_lists_follow_each_other_and_broken_ones_say_nothing() -> None:
    """A number beyond the entries, a field that is cut, a box."""
    box = rb"{\*\formfield{\fftype1\ffres1}}{\fldrslt }"
    assert chosen(rtf(listed(r"\ffres0"), box, listed(r"\ffres9"), listed(r"\ffres1"))) == ["ledig", "verheiratet"]
    assert chosen(listed(r"\ffres0")[:60]) == []


def attribute(name: int, content: bytes, level: int = 1) -> bytes:
    """One, with its checksum."""
    return struct.pack("<BII", level, name, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def packed(*attributes: bytes) -> bytes:
    """A file of them."""
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def test_subject_and_body_in_their_code_page() -> None:
    """Whatever kind of value the id names; those of a file that hangs on the mail are not the mail's."""
    mail = packed(
        attribute(CODE_PAGE, struct.pack("<II", 850, 0)),
        attribute(0x00078004, "Rückfrage\0".encode("cp850")),
        attribute(BODY, "Die Gebühr ist bezahlt.\r\n\0".encode("cp850")),
        attribute(BODY, b"a file\0", level=2),
    )
    assert words_of(mail) == "Rückfrage\n\nDie Gebühr ist bezahlt."
    assert words_of(packed(attribute(BODY, "Gebühr".encode("cp1252")))) == "Gebühr"


def test_what_is_cut_is_read_so_far_and_what_lies_ends() -> None:
    """Lengths beyond the end, and more attributes than a mail has."""
    whole = packed(attribute(SUBJECT, b"Antrag\0"), attribute(BODY, b"Ein langer Text\0"))
    assert words_of(whole[:-10]) == "Antrag\n\nEin lang"
    assert words_of(whole[:9]) == words_of(b"") == ""
    assert words_of(packed(attribute(0x1, b"") * 5_000, attribute(BODY, b"x"))) == ""


@pytest.mark.parametrize(
    ("kind", "content", "read", "told"),
    [
        (RTF, rtf(listed(r"\ffres1")), "Familienstand:  danach", "Familienstand:  danach\nverheiratet"),
        (TNEF, packed(attribute(BODY, b"Mein Widerspruch\0")), "", "Mein Widerspruch"),
        (TNEF, packed(attribute(BODY, b"Mein Widerspruch\0")), "Der ganze Brief", "Der ganze Brief"),
    ],
)
def test_a_reading_says_what_the_extractor_passed_over(kind: str, content: bytes, read: str, told: str) -> None:
    """Behind what it read, and a packed mail only where nothing was."""
    file = File(place=(), content=io.BytesIO(content))
    found = with_fields(file, [ReadPart(media_type=kind, text=read), ReadPart(media_type="image/png")])
    assert [part.text for part in found] == [told, ""]
