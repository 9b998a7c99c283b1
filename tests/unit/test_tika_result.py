"""Answers of Tika, also hostile ones, become parts of ours."""

import pytest

from services.adapters.text_extractor.tika.result import Answer, Container, parts
from services.core.ports.text_extractor import ReadPart

FRAMES = "\n\tat org.apache.pdfbox.pdmodel.encryption.PDEncryption.read(PDEncryption.java:1)"


def one(answer: Answer, size: int = 1_000) -> ReadPart:
    """The part of a file that is alone."""
    (part,) = parts([{"Content-Type": "application/pdf", **answer}], Container(size=size, name="a.pdf"))
    return part


def test_a_text_layer_of_single_letters_is_none() -> None:
    """Its pages are recognised instead; words, and columns of figures, are a layer, and so are a few letters."""
    words = "Wir bitten um Genehmigung der beigefügten Planung bis zum Monatsende. " * 4
    torn, figures = "\n".join(words.replace(" ", "")), "\n".join("123456789" * 40)
    for content, pages in ((torn, (0, 0)), (words, (99, 99)), (figures, (99, 99)), (torn[:100], (99, 99))):
        assert one({"X-TIKA:content": content, "pdf:charsPerPage": ["99", "99"]}).page_characters == pages


def test_a_text_layer_in_swapped_letters_is_none() -> None:
    """Its pages are recognised instead; Chinese, and a few letters, are a layer."""
    swapped = "".join(chr(ord(letter) << 8) for letter in "Stadtfest")
    chinese = "一 丁 七 万 丈 三 上 下 不 与 丐" * 9
    for content, pages in ((f"{swapped} {swapped}", (0,)), (chinese, (99,)), (swapped, (99,))):
        assert one({"X-TIKA:content": content, "pdf:charsPerPage": "99"}).page_characters == pages


@pytest.mark.parametrize("column", ["ja nein " * 9, "EUR " * 9, "kg St " * 9, "1 23 " * 9, "A B C D "])
def test_only_the_letters_of_a_margin_are_joined(column: str) -> None:
    """Columns of short words, of figures and of a few letters stay columns, and so does what is no PDF."""
    whole = "Wir bitten um Antwort.\n\n{}\n\nIhr Amt"
    margin, columns = whole.format("\n".join("Vordruck  Amt")), whole.format("\n".join(column.split()))
    assert one({"X-TIKA:content": margin, "pdf:charsPerPage": "99"}).text == whole.format("Vordruck  Amt")
    assert one({"X-TIKA:content": columns, "pdf:charsPerPage": "99"}).text == columns
    assert one({"X-TIKA:content": margin}).text == margin


def test_a_picture_that_is_written_as_a_program_has_no_words() -> None:
    """XBM and XPM: their numbers are no text, and a person is told that nobody read them."""
    answer: Answer = {"Content-Type": "image/x-xbitmap", "X-TIKA:Parsed-By": ["a.b.TextAndCSVParser"]}
    found = one(dict(answer) | {"X-TIKA:content": "static char a_bits[] = {0xff, 0x00};"})
    assert (found.text, found.problem) == ("", "unsupported")


@pytest.mark.parametrize(
    ("media_type", "parser", "problem"),
    [
        ("application/vnd.ms-cab-compressed", "EmptyParser", "unsupported"),
        ("application/vnd.lotus-freelance", "EmptyParser", "unsupported"),
        ("application/x-msdownload", "executable.ExecutableParser", "unsupported"),
        ("image/vnd.dwg", "dwg.DWGParser", "unsupported"),
        ("audio/mpeg", "mp3.Mp3Parser", "unsupported"),
        ("image/webp", "EmptyParser", None),
        ("application/rtf", "microsoft.rtf.RTFParser", None),
    ],
)
def test_a_format_that_nobody_reads_is_told_as_such(media_type: str, parser: str, problem: str | None) -> None:
    """No text is no fault of the sender there; pictures are recognised, and an empty letter is just empty."""
    answer: Answer = {"Content-Type": media_type, "X-TIKA:Parsed-By": ["a.b.CompositeParser", f"a.b.{parser}"]}
    assert one(answer).problem == problem
    assert one({"Content-Type": media_type, "tk:Parsed-By": f"a.b.{parser}"}).problem == problem
    assert one({**answer, "X-TIKA:content": "Guten Tag"}).problem is None


def test_old_works_is_unsupported_also_where_its_reader_breaks() -> None:
    """A broken file of a format that somebody reads stays broken."""
    broken = {"X-TIKA:EXCEPTION:container_exception": "java.io.IOException: no header"}
    assert one({"Content-Type": "application/vnd.ms-works", **broken}).problem == "unsupported"
    assert one({"Content-Type": "application/msword", **broken}).problem == "broken"


def test_the_missing_tags_of_a_recording_are_no_text() -> None:
    """A title that somebody gave it is."""
    assert one({"Content-Type": "audio/mpeg", "X-TIKA:content": "null\n0.0"}).text == ""
    assert one({"Content-Type": "audio/mpeg", "X-TIKA:content": "Sitzung\n0.0"}).text == "Sitzung\n0.0"


def test_what_nobody_reads_inside_a_document_is_no_problem() -> None:
    """What lies inside a document never makes it unsupported."""
    inner = {"Content-Type": "application/x-abc", "X-TIKA:embedded_id_path": "/1", "X-TIKA:Parsed-By": "a.EmptyParser"}
    found = parts([{"Content-Type": "application/pdf", "X-TIKA:content": "Text"}, inner], Container(size=1_000))
    assert [part.problem for part in found] == [None, None]


def test_both_spellings_of_keys_are_read() -> None:
    """Tika 4 renames its own keys."""
    assert one({"X-TIKA:content": "alt"}).text == "alt"
    assert one({"tk:content": "neu"}).text == "neu"


@pytest.mark.parametrize(
    ("trace", "problem"),
    [
        ("org.apache.tika.exception.EncryptedDocumentException: Unable to process", "encrypted"),
        (
            "org.apache.tika.io.TaggedIOException: Cannot read encrypted content from a.7z without a password.",
            "encrypted",
        ),
        ("org.apache.tika.exception.ZeroByteFileException: InputStream must have > 0 bytes", "empty"),
        ("org.apache.tika.exception.TikaException: Zip bomb detected!", "bomb"),
        ("org.apache.tika.exception.TikaMemoryLimitException: Tried to allocate", "too_large"),
        ("java.io.IOException: Missing root object" + FRAMES, "broken"),
    ],
)
def test_an_exception_says_whose_problem_it_is(trace: str, problem: str) -> None:
    """By its class and message; the frames of a stack name classes that have nothing to do with it."""
    assert one({"X-TIKA:EXCEPTION:container_exception": trace}).problem == problem


def test_something_broken_inside_a_document_leaves_the_document_whole() -> None:
    """An archive with the same trouble is broken."""
    trouble = {"X-TIKA:EXCEPTION:embedded_stream_exception": ["java.io.IOException: bad"], "X-TIKA:content": "Text"}
    assert one(trouble).problem is None
    assert one(trouble | {"Content-Type": "application/zip"}).problem == "broken"
    assert one(trouble | {"X-TIKA:content": ""}).problem == "broken"


def test_a_song_without_text_is_not_broken() -> None:
    """A warning counts only where text could have been."""
    warned = {"X-TIKA:EXCEPTION:warn": "End of data reached."}
    assert one(warned).problem == "broken"
    assert one(warned | {"Content-Type": "audio/mp4"}).problem == "unsupported"


def test_children_whose_parent_is_missing_keep_their_place() -> None:
    """A limit can cut off the parent, which Tika lists last."""
    answers = [{"X-TIKA:embedded_id_path": path, "resourceName": path} for path in ("/3/4", "/3/7", "/1", "/9")]
    found = parts([{"X-TIKA:content": ""}, *answers], Container(size=1))
    assert [(part.path, part.name) for part in found[1:]] == [
        ((1,), "/1"),
        ((2, 1), "/3/4"),
        ((2, 2), "/3/7"),
        ((3,), "/9"),
    ]


def test_nothing_hostile_passes() -> None:
    """Half characters, controls, endless properties and false types are cut down."""
    part = one(
        {
            "Content-Type": "text/html; charset=x\r\ny",
            "X-TIKA:content": "a\x00b\ud800c\u2028",
            "dc:title": "T" * 9_000,
            "dc:creator": ["", "\x07Amt", "zwei"],
            "pdf:charsPerPage": ["12", "-3", "viele"],
        }
    )
    assert (part.text, part.media_type, part.page_characters) == ("abc", "text/html", (12,))
    assert (len(part.properties["title"]), part.properties["author"]) == (1_000, "Amt")
