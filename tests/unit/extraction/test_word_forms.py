"""What was chosen and ticked in a Word file stands in its text, in its line."""

import io

import pytest

from services.core.ports.text_extractor import ReadPart
from services.extraction.kinds.word_forms import MOST_BYTES, MOST_FIELDS, WORD, with_values
from services.extraction.reading.file import File
from services.extraction.reading.read_by_tika import with_fields
from tests.ports.files import archive

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def listed(*inside: str) -> str:
    """A list of a form, with this choice."""
    entries = "".join(f'<w:listEntry w:val="{entry}"/>' for entry in ("ledig", "verheiratet", "verwitwet"))
    return f"<w:r><w:ffData><w:ddList>{''.join(inside)}{entries}</w:ddList></w:ffData></w:r>"


def box(*inside: str) -> str:
    """A box of a form, as it was left."""
    return f"<w:r><w:ffData><w:checkBox><w:sizeAuto/>{''.join(inside)}</w:checkBox></w:ffData></w:r>"


def words(text: str) -> str:
    """Words of a paragraph."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def word_file(*paragraphs: str) -> io.BytesIO:
    """A file with these paragraphs."""
    body = "".join(f"<w:p>{paragraph}</w:p>" for paragraph in paragraphs)
    return io.BytesIO(archive({"word/document.xml": f"<w:document {SPACES}>{body}</w:document>".encode()}))


def test_values_stand_in_their_lines() -> None:
    """Where the line has words, however often these stand in the letter; else behind everything."""
    file = word_file(
        words("Antrag"),
        words("Stand: ") + listed('<w:result w:val="1"/>') + words(" (bitte wählen)"),
        box("<w:checked/>") + words("mit Auto"),
        box('<w:default w:val="1"/>', '<w:checked w:val="0"/>') + words("mit Hund"),
        box('<w:default w:val="1"/>') + words("mit Auto"),
        listed('<w:default w:val="2"/>'),
    )
    text = "Kopf: mit Auto\nAntrag\nStand:  (bitte wählen)\nmit Auto\nmit Hund\nmit Auto\nFuß"
    told, is_all = with_values(text, file)
    assert is_all
    assert told == (
        "Kopf: mit Auto\nAntrag\nStand: verheiratet (bitte wählen)\n\u2612 mit Auto\n\u2610 mit Hund\n\u2612 mit Auto\n"
        "Fuß\nverwitwet"
    )


def test_words_as_a_drawing_are_words() -> None:
    """WordArt holds them as an attribute."""
    file = word_file('<w:r><w:pict><v:shape><v:textpath string="Einladung"/></v:shape></w:pict></w:r>')
    assert with_values("Text", file) == ("Text\nEinladung", True)


def test_a_box_of_text_is_told_once() -> None:
    """The paragraph around it has the same fields in it."""
    inner = f"<w:p>{words('Stand: ')}{listed()}</w:p>"
    file = word_file(f"<w:r><w:txbxContent>{inner}</w:txbxContent></w:r>")
    assert with_values("Stand:", file) == ("Stand: ledig", True)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", archive({"word/document.xml": b"<w:ddList"}), archive({"a": b"checkBox"})]
)
def test_what_is_broken_says_nothing_more(content: bytes) -> None:
    """The text stays as the extractor read it."""
    assert with_values("Text", io.BytesIO(content)) == ("Text", True)


def test_a_file_of_fields_ends_and_says_so() -> None:
    """Nobody ticks as many boxes; what is left out is told."""
    told, is_all = with_values("", word_file(*[box() for _ in range(MOST_FIELDS + 50)]))
    assert (told.count("\u2610"), is_all) == (MOST_FIELDS, False)
    assert with_values("", word_file(box(), words("x" * MOST_BYTES))) == ("\n\u2610", False)


def test_a_word_file_of_any_kind_is_completed_and_nothing_else() -> None:
    """Forms are often templates; where something is left out the file says that it is too large."""
    file = File(place=(), content=word_file(words("Stand: ") + listed()))
    for kind in (*WORD, "application/vnd.ms-word.document.macroEnabled.12"):
        (own,) = with_fields(file, [ReadPart(media_type=kind, text="Stand:")])
        assert (own.text, own.problem) == ("Stand: ledig", None)
    other = [ReadPart(media_type="application/pdf", text="Stand:")]
    assert with_fields(file, other) == other
    (own,) = with_fields(File(place=(), content=word_file(*[box()] * (MOST_FIELDS + 1))), [ReadPart(media_type=kind)])
    assert own.problem == "too_large"
