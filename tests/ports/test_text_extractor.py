"""What a `TextExtractor` promises, asked of every adapter."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.servers import Tika
from services.adapters.text_extractor.tika import ReadingLimits, TikaTextExtractor, programs
from services.core.catalogue import PROBLEMS
from services.core.ports.text_extractor import ReadPart, TextExtractor
from services.extraction.reading.file import File
from services.extraction.reading.read_by_tika import lone_xml
from tests.invoices.cii import cii
from tests.invoices.hybrid import hybrid, page_of
from tests.invoices.made import Made
from tests.ports import files

pytestmark = pytest.mark.xdist_group("tika")

LIMITS = ReadingLimits(seconds=30, max_bytes=20_000_000, max_characters=1_000_000, max_parts=50, max_depth=4)


@contextmanager
def own_tika(folder: Path) -> Iterator[TextExtractor]:
    """Our own server, as the embedded stack has it."""
    cache = Path("~/.cache/poststelle")
    yield TikaTextExtractor.supervised(lambda: programs.prepare(cache, print), folder, limits=LIMITS)


@contextmanager
def running_tika(folder: Path) -> Iterator[TextExtractor]:
    """A server with two forks that somebody else runs, as a city has it."""
    with Tika.start(folder) as server:
        yield TikaTextExtractor.running(server.endpoints, limits=LIMITS)


# A new adapter is a line here.
ADAPTERS = {"own tika": own_tika, "running tika": running_tika}


@pytest.fixture(scope="module", params=["own tika", pytest.param("running tika", marks=pytest.mark.stack)])
def extractor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TextExtractor]:
    """One adapter, started once, ready."""
    with ADAPTERS[request.param](tmp_path_factory.mktemp("extractor") / "own") as made:
        deadline = time.monotonic() + 120
        while not made.ready() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield made
        made.close()


def read(extractor: TextExtractor, content: bytes, name: str = "", media_type: str = "") -> list[ReadPart]:
    """The parts of these bytes."""
    return extractor.extract(io.BytesIO(content), name=name, media_type=media_type)


def test_a_pdf_gives_its_text_page_by_page(extractor: TextExtractor) -> None:
    """Text, properties under our names, and how much text lies on each page, also on an empty one."""
    (part,) = read(extractor, files.pdf("Erste Seite", "", "Dritte Seite"), "bescheid.pdf", "application/pdf")
    assert part.text.split("\n\n") == ["Erste Seite", "Dritte Seite"]
    assert (part.name, part.media_type, part.problem) == ("bescheid.pdf", "application/pdf", None)
    assert part.page_characters == (11, 0, 12)
    assert {"title": "Bescheid", "author": "Bauamt", "page_count": "3"}.items() <= part.properties.items()


def test_a_single_page_has_its_characters_too(extractor: TextExtractor) -> None:
    """One page is a list of one page."""
    (part,) = read(extractor, files.pdf("Nur eine"), "a.pdf")
    assert part.page_characters == (8,)


def test_an_office_document_gives_its_text(extractor: TextExtractor) -> None:
    """Paragraphs come in their order, with umlauts."""
    (part,) = read(extractor, files.docx("Sehr geehrte Frau Weiß,", "Ihr Antrag ist bewilligt."), "a.docx")
    assert part.text.splitlines() == ["Sehr geehrte Frau Weiß,", "Ihr Antrag ist bewilligt."]
    assert part.media_type == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize("said", ["application/zip", "application/x-zip-compressed"])
def test_an_office_document_that_is_called_a_zip_is_read_as_what_it_is(extractor: TextExtractor, said: str) -> None:
    """Senders say so, and so do first bytes: no settings and styles among the words."""
    (part,) = read(extractor, files.docx("Ihr Antrag ist bewilligt."), "a.docx", said)
    assert part.text == "Ihr Antrag ist bewilligt."
    assert part.media_type.endswith("wordprocessingml.document")


def test_html_gives_what_a_reader_sees(extractor: TextExtractor) -> None:
    """Text without scripts; the title is a property."""
    page = "<html><head><title>Amt</title><script>var x=1</script></head><body><p>Grüße</p></body></html>"
    (part,) = read(extractor, page.encode(), "a.html", "text/html")
    assert (part.text, part.properties["title"]) == ("Grüße", "Amt")


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("text", [files.LETTER, "Müller", "Straße"])
def test_plain_german_is_read_right_however_it_was_written(extractor: TextExtractor, text: str, charset: str) -> None:
    """Umlauts survive every charset that German programs wrote, even in a single word, also undeclared."""
    (part,) = read(extractor, text.encode(charset), "notiz.txt", "text/plain")
    assert part.text == text


@pytest.mark.parametrize("said", ["", "application/octet-stream"])
def test_a_name_tells_where_the_type_says_nothing(extractor: TextExtractor, said: str) -> None:
    """A scanner that sends everything as bytes: text in an old charset, also one that is called like a laboratory's."""
    (part,) = read(extractor, "Straße der Möwen".encode("latin-1"), "a_tabelle.txt", said)
    assert (part.text, part.media_type) == ("Straße der Möwen", "text/plain")


@pytest.mark.parametrize("text", [files.LETTER, "Müller", "Straße", "plain English"])
@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_nothing_strange_is_guessed_inside_an_archive(extractor: TextExtractor, text: str, charset: str) -> None:
    """Where nobody declares a charset, German is not taken for Cyrillic, Chinese or the code of an old mainframe."""
    page = f"<html><body>{text}</body></html>".encode(charset)
    parts = read(extractor, files.archive({"a.txt": text.encode(charset), "b.html": page}), "a.zip")
    assert parts[1].text == text
    assert charset == "utf-8" or parts[2].text == text


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp850"])
def test_a_declared_charset_counts(extractor: TextExtractor, charset: str) -> None:
    """What the sender declares is believed, for plain text and for HTML that says nothing itself."""
    kind = f'; charset="{charset}"'
    (plain,) = read(extractor, "Grüße".encode(charset), "", "text/plain" + kind)
    (page,) = read(extractor, "<html><body>Grüße</body></html>".encode(charset), "", "text/html" + kind)
    assert (plain.text, page.text) == ("Grüße", "Grüße")


def test_an_archive_comes_with_its_children_in_their_order(extractor: TextExtractor) -> None:
    """Container first, then depth first as in the original, places counted from 1."""
    inner = files.archive({"x.txt": b"tief", "y.txt": b"tiefer"})
    content = {"b.txt": "für zwei".encode(), "a.pdf": files.pdf("PDF"), "c.zip": inner, "a.txt": b"letzte"}
    parts = read(extractor, files.archive(content), "post.zip", "application/zip")
    assert [(part.path, part.name) for part in parts] == [
        ((), "post.zip"),
        ((1,), "b.txt"),
        ((2,), "a.pdf"),
        ((3,), "c.zip"),
        ((3, 1), "x.txt"),
        ((3, 2), "y.txt"),
        ((4,), "a.txt"),
    ]
    assert [part.text for part in parts if part.media_type == "text/plain"] == ["für zwei", "tief", "tiefer", "letzte"]
    assert {part.problem for part in parts} == {None}


PROBLEM_FILES = {
    "empty": (b"", "empty"),
    "noise": (files.noise(4_000), "unsupported"),
    "encrypted pdf": (files.pdf("Geheim", password="geheim"), "encrypted"),
    "truncated pdf": (files.pdf(*["Zeile"] * 9)[:900], "broken"),
    "truncated docx": (files.docx("Zeile")[:500], "broken"),
    "too large": (bytes(20_000_001), "too_large"),
    "too many parts": (files.archive({f"{number}.txt": b"x" for number in range(60)}), "too_many_parts"),
}


@pytest.mark.parametrize("case", PROBLEM_FILES)
def test_what_is_wrong_with_a_file_is_said_in_the_words_of_the_catalogue(extractor: TextExtractor, case: str) -> None:
    """A file that cannot be read is a part with a problem, never an exception."""
    content, problem = PROBLEM_FILES[case]
    container = read(extractor, content, "datei")[0]
    assert container.problem == problem
    assert problem in PROBLEMS


def test_a_child_with_a_problem_leaves_its_brothers_alone(extractor: TextExtractor) -> None:
    """Each part says its own problem."""
    content = {"a.pdf": files.pdf("x", password="p"), "b.txt": b"", "c.pdf": files.pdf("x")[:700], "d.txt": b"gut"}
    parts = read(extractor, files.archive(content), "post.zip")
    assert [part.problem for part in parts] == [None, "encrypted", "empty", "broken", None]
    assert parts[-1].text == "gut"


def test_a_bomb_is_cut_off_and_named(extractor: TextExtractor) -> None:
    """A small archive with endless text: the beginning is kept, within the limit, and the part says `bomb`."""
    content = files.archive({"vorher.txt": b"harmlos", "bombe.txt": b"Bombe " * 20_000_000})
    parts = read(extractor, content, "post.zip")
    assert [part.problem for part in parts] == ["bomb", None, "bomb"]
    assert parts[1].text == "harmlos"
    assert 900_000 < sum(len(part.text) for part in parts) <= LIMITS.max_characters


def test_much_text_of_a_large_file_is_only_too_large(extractor: TextExtractor) -> None:
    """More characters than the limit, but honestly so."""
    (part,) = read(extractor, b"Zeile um Zeile\n" * 100_000, "log.txt", "text/plain")
    assert part.problem == "too_large"
    assert part.text.startswith("Zeile um Zeile")


def test_deep_nesting_ends_at_the_limit(extractor: TextExtractor) -> None:
    """The last part within the limit says that more lay below."""
    parts = read(extractor, files.nested(9), "tief.zip")
    assert [len(part.path) for part in parts] == [0, 1, 2, 3, 4]
    assert [part.problem for part in parts] == [None, None, None, None, "too_deep"]


@pytest.mark.parametrize(
    "name", ['a"; filename="b.exe', "zeile\r\nX-Tika-Skip-Embedded: true", "Müllgebühren (Ärger).txt", "x" * 5_000]
)
def test_names_cannot_break_out(extractor: TextExtractor, name: str) -> None:
    """Whatever a file is called, it is read, and the name comes back as one line."""
    (part,) = read(extractor, b"Inhalt", name, "text/plain")
    assert part.text == "Inhalt"
    assert part.name == " ".join(name.split())[:255]


@pytest.mark.parametrize(
    "media_type",
    ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "kein Typ", "text/plain\r\nX: y", "*/*"],
)
def test_declared_types_do_no_harm(extractor: TextExtractor, media_type: str) -> None:
    """A type is a hint: a wrong or hostile one changes nothing."""
    (part,) = read(extractor, files.pdf("Text"), "a.pdf", media_type)
    assert (part.text, part.media_type, part.problem) == ("Text", "application/pdf", None)


def test_text_carries_no_controls(extractor: TextExtractor) -> None:
    """Controls, which break terminals and databases, are taken out."""
    (part,) = read(extractor, b"eins\x1b[31m \x07zwei\r\ndrei", "a.txt", "text/plain")
    assert part.text == "eins[31m zwei\ndrei"


def test_the_version_is_one_word(extractor: TextExtractor) -> None:
    """It is part of keys."""
    assert extractor.version.replace("-", "").replace(".", "").isalnum()


def test_a_page_printed_sideways_is_left_to_text_recognition(extractor: TextExtractor) -> None:
    """What comes out of its text layer is no text: the page counts as a picture."""
    content = files.sideways_pdf(*["Sehr geehrte Damen und Herren, anbei die Tabelle der Gebühren."] * 4)
    (page,) = extractor.extract(io.BytesIO(content), media_type="application/pdf", name="quer.pdf")
    assert page.page_characters == (0,)
    assert page.problem is None


def test_a_page_whose_fonts_name_other_letters_is_left_to_text_recognition(extractor: TextExtractor) -> None:
    """Nobody finds a poster by the Chinese that its text layer tells of it."""
    (page,) = read(extractor, files.swapped_pdf("Stadtfest am Rathaus"), "plakat.pdf")
    assert "Rathaus" not in page.text
    assert (page.page_characters, page.problem) == ((0,), None)


def test_a_line_that_runs_up_the_margin_is_found_by_its_words(extractor: TextExtractor) -> None:
    """Forms and invoices say there what they are; the letter itself stays as it is."""
    lines = ("Sehr geehrte Frau Weiß,", "Ihr Antrag ist bewilligt.", "ja", "nein")
    (page,) = read(extractor, files.margin_pdf(*lines, margin="Vordruck 4711, Amt Köln"), "bescheid.pdf")
    assert [line for line in page.text.splitlines() if line] == [*lines, "Vordruck 4711, Amt Köln"]


@pytest.mark.parametrize("packed", [True, False])
def test_a_hybrid_invoice_gives_its_page_and_its_xml(extractor: TextExtractor, packed: bool) -> None:  # noqa: FBT001  # pytest's parameter
    """The page is the container's text; the file inside is XML, by its name, and its bytes can be had."""
    xml = cii(Made())
    content = hybrid(page_of(Made()), {"factur-x.xml": xml}, packed=packed)
    page, inner = read(extractor, content)
    assert "Gesamtbetrag 117,80 EUR" in page.text
    assert (inner.path, inner.name, inner.media_type, inner.problem) == ((1,), "factur-x.xml", "application/xml", None)
    assert extractor.unpack(io.BytesIO(content), limit=1_000_000) == [("factur-x.xml", xml)]
    file = File(place=(), content=io.BytesIO(content))
    assert lone_xml(file, [page, inner], {1}, limit=1_000_000) == xml
