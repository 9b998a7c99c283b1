"""Bytes and HTML to text, and pages inside it."""

import pytest

from services.core.ports.ocr_engine import OcrPage
from services.extraction.mail import html
from services.extraction.mail.charsets import decoded, tidy
from services.extraction.reading import request_ocr


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße €".encode("cp1252"), "iso-8859-1", "Grüße €"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüße".encode("cp1252"), "unknown-8bit", "Grüße"),
        ("Grüße €".encode("iso-8859-15"), "iso-8859-15", "Grüße €"),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        (b"abc", "punycode", "abc"),
        (b"abc", "zlib", "abc"),
        (b"abc", "../../etc", "abc"),
        (b"\xef\xbb\xbfabc", "", "abc"),
        (b"\xff\xfe\xfd", "euc-kr", "\ufffd\ufffd\ufffd"),
    ],
)
def test_any_bytes_become_text(content: bytes, charset: str, text: str) -> None:
    """The right charset, a wrong one, an unknown one, a dangerous one: never a failure."""
    assert decoded(content, charset) == text


def test_text_can_be_stored() -> None:
    """Lone surrogates and control characters go, line ends become line feeds."""
    assert tidy("a\r\nb\rc\ud800\x00\x1bd\te") == "a\nb\nc   d\te"
    assert tidy(decoded(b"+2AA-", "utf-7")).encode()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Gr&uuml;&szlig;e</p><p>Bau<b>amt</b></p>", "Grüße\nBauamt"),
        ("<style>p{}</style><script>x('<p>')</script>sichtbar<!-- nicht -->", "sichtbar"),
        ("<html><head><title>T</title></head><body>B</body></html>", "B"),
        ("<a href=\"x>y\" title='>'>Link</a> Text", "Link Text"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</table>", "a b\nc"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("5 < 6 und 7 > 6", "5 < 6 und 7 > 6"),
        ("Zeile\n  eins\t zwei", "Zeile eins zwei"),
        ("<script>nie zu", "nie zu"),
        ("<p offen", ""),
        ("<![if !mso]>da<![endif]><o:p>x</o:p>", "dax"),
        ("<SCRIPT>weg</SCRIPT >da", "da"),
    ],
)
def test_html_becomes_what_a_person_sees(source: str, text: str) -> None:
    """Blocks are lines, words stay whole, scripts and comments go, broken markup loses no words."""
    assert html.read(source).text == text


def test_pages_that_wait_are_grouped() -> None:
    """Runs of pictures, at most twenty pages each."""
    counts = [0] * 25 + [500] + [3, 0] + [900]
    assert request_ocr.waiting(counts) == [(1, 20), (21, 25), (27, 28)]
    assert request_ocr.waiting([100, 200]) == []


def test_pages_beyond_the_limit_do_not_wait() -> None:
    """A file that claims a million pages is asked for two thousand."""
    assert request_ocr.waiting([0] * 10_000)[-1] == (1981, 2000)
    assert request_ocr.following(20, 1_000_000)[-1] == (1981, 2000)


def test_a_text_layer_stands_on_its_first_full_page() -> None:
    """An extractor that does not tell pages apart puts all text where the first of it stands."""
    text = request_ocr.laid_out("Seite zwei\fund drei", (0, 50, 50, 0))
    assert text.split("\f") == ["", "Seite zwei\nund drei", "", ""]
    assert request_ocr.laid_out("eins\fzwei", (40, 40)) == "eins\fzwei"


def page(number: int, text: str, *, from_layer: bool = False) -> OcrPage:
    """A page as the engine gives it."""
    return OcrPage(number=number, text=text, confidence=0.9, from_layer=from_layer)


def test_what_lay_on_a_page_and_what_was_recognised_are_joined() -> None:
    """A fax line stays, a line that both have stands once, and letters that the extractor read are not doubled."""
    joined = request_ocr.filled("Fax von 0351 488\fzwei", [page(1, "Fax von 0351 488\nDer Apfelbaum")], 2)
    assert joined == "Fax von 0351 488\nDer Apfelbaum\fzwei"
    assert request_ocr.filled("Ort: Celle", [page(1, "Antrag")], 1) == "Ort: Celle\nAntrag"
    assert request_ocr.filled("alles hier\f", [page(2, "alles hier", from_layer=True)], 2) == "alles hier\f"


def test_recognised_pages_find_their_places() -> None:
    """Pages come in any order; an empty reading leaves what was there."""
    assert request_ocr.filled("\fzwei\f", [page(3, "drei\f"), page(1, "eins"), page(2, " ")], 3) == "eins\fzwei\fdrei"
    assert request_ocr.filled("", [page(2, "zwei")], 2) == "\fzwei"
