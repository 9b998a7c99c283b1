"""Bytes and HTML to text, and pages inside it."""

import pytest

from services.core.ports.ocr_engine import OcrPage
from services.extraction.mail import html
from services.extraction.mail.charsets import decoded, decoded_html, tidy
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
        ("Grüße aus Łódź".encode(), "iso-8859-2", "Grüße aus Łódź"),
        ("Grüße aus Łódź".encode("cp1250"), "windows-1250", "Grüße aus Łódź"),
        ("справка".encode(), "windows-1251", "справка"),
        ("справка".encode(), "koi8-r", "справка"),
        ("Grüße".encode("mac-roman"), "macintosh", "Grüße"),
        ("Grüße".encode(), "iso-2022-jp", "Grüße"),
        (b"\x1b$B;TLr=j\x1b(B \x1b$B-j\x1b(B", "iso-2022-jp", "市役所 \ufffd"),
        ("Müller Straße".encode(), "utf-16", "Müller Straße"),
        ("联通".encode("gb18030"), "gb2312", "联通"),  # by chance valid UTF-8, too
        ("Grüße an alle".encode(), "utf-16", "Grüße an alle"),
        ("Grüße an alle".encode("cp1252"), "utf-16le", "Grüße an alle"),
        ("прошу выдать справку".encode("utf-16-le"), "utf-16le", "прошу выдать справку"),
        ("市政府办公室".encode("utf-16-be"), "utf-16be", "市政府办公室"),
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


def test_a_page_that_says_utf_16_in_letters_of_one_byte_is_none() -> None:
    """Who reads so far has shown that it is not (WHATWG HTML §13.2.3.2)."""
    page = '<meta http-equiv="Content-Type" content="text/html; charset=utf-16"><p>Grüße</p>'
    assert html.read(decoded_html(page.encode())).text == "Grüße"


def test_text_can_be_stored() -> None:
    """Lone surrogates, control characters and what nobody sees in a word go, line ends become line feeds."""
    assert tidy("a\r\nb\rc\ud800\x00\x1bd\te") == "a\nb\nc   d\te"
    assert tidy("Bau\xadge\u200bneh\u2060mi\ufeffgung \u202eregnal\u202c") == "Baugenehmigung regnal"
    assert tidy("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"  # one sign of two
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
        (
            "<svg><style>x</style><title>x</title><g><desc>x</desc><text>Rot<tspan>buche</tspan></text></g></svg>",
            "Rotbuche",
        ),
        ("<svg><foreignObject><div>Rotbuche</div></foreignObject></svg>", "Rotbuche"),
        ("<p>Es gilt <math><mi>GRZ</mi><mo>=</mo><mn>0,4</mn></math></p>", "Es gilt\nGRZ = 0,4"),
        ("<object data='a.swf'><p>Rotbuche</p></object><div><noscript>Ulme</noscript></div>", "Rotbuche\nUlme"),
        ("<img src='https://a.example/b.png' alt='Termin am\n4. Mai'><img alt='Ulme'>", "Termin am 4. Mai Ulme"),
        ("<img src='cid:a' alt='Ein Bild, das Text enthält'>da", "da"),
        (
            "<input type=month value='2026-11'><input type=hidden value=x><input type=submit value=Senden>",
            "2026-11\nSenden",
        ),
        ("<div style='color:#fff;DISPLAY : none !important'>Vorschau<p>mehr</p></div><p>da</p>", "da"),
        ("<p hidden>weg</p><div style='visibility:hidden'>weg</div><p style='text-decoration:none'>da</p>", "da"),
        ("<div style='display:none'>Alles <b>verborgen</b></div>", "Alles verborgen"),
        ("<select><option>ja<option selected>nein</select><select><option>eins<option>zwei</select>", "nein\neins"),
        ("<select multiple><optgroup><option>a<option>b</optgroup></select>da", "a\nb\nda"),
        ("<desc>da</desc><details><summary>kurz</summary>lang</details>", "da\nkurz\nlang"),
    ],
)
def test_html_becomes_what_a_person_sees(source: str, text: str) -> None:
    """Blocks are lines, words stay whole, scripts and comments go, broken markup loses no words."""
    assert html.read(source).text == text


def test_a_letter_that_is_hidden_whole_is_read_with_each_picture_once() -> None:
    """Nothing else is to be read: the second look takes nothing twice."""
    found = html.read(f"<img src='data:image/png;base64,{'A' * 8_000}'><p hidden>Rotbuche</p>")
    assert (found.text, len(found.pictures)) == ("Rotbuche", 1)


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
