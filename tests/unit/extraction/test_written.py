"""A mail as it was written: what can be shown of its page, its own pictures, and what stands there instead."""

import base64
from email.message import EmailMessage

import pytest

from services.extraction.mail.html_apart import Readers
from services.extraction.mail.html_shown import shown
from services.extraction.mail.tree import MailLimits
from services.extraction.mail.written import PICTURE_BYTES, Written, written

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
LIMITS = MailLimits(depth=20, parts=200)


def a_mail(html: str, *pictures: tuple[str, bytes], text: str = "Der Text.") -> bytes:
    """Both versions, and pictures that belong to the page."""
    message = EmailMessage()
    message["From"] = "anna@beispiel.test"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    page = list(message.iter_parts())[-1]
    for name, content in pictures:
        page.add_related(content, "image", "png", cid=f"<{name}>")
    return message.as_bytes()


def look(mail: bytes) -> Written:
    """What is shown of it."""
    return written(mail, "Der Text.", limits=LIMITS)


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ("<script>x()</script>a<noscript>y</noscript>", "a"),
        ('<p onclick="x()" id="form" class="top" name="body">a</p>', "<p>a</p>"),
        ('<a href="javascript:x()" target="_top">a</a><a href="https://b.test">b</a>', "<a>a</a><a>b</a>"),
        ('<base href="https://b.test/"><meta http-equiv="refresh" content="0;url=//b">a', "a"),
        ('<link rel=stylesheet href="//b"><style>@import "//b";</style>a', "a"),
        ('<form action="//b"><input autofocus><button>x</button>a</form>', "a"),
        ('<iframe src="//b">x</iframe><object data="//b">x</object><embed src="//b">a', "a"),
        ('<svg onload="x()"><a href="//b">x</a></svg><math><mtext>x</mtext></math>a', "a"),
        ('<p style="position:fixed;top:0;background:url(//b);color:red">a</p>', '<p style="color:red">a</p>'),
        ('<video src="//b" poster="//b"></video><audio src="//b"></audio>a', "a"),
        ('<img src="data:image/svg+xml;base64,AAAA"><img src="data:text/html,x"><img src="blob:x">', "<img><img><img>"),
        ('<img src="cid:nobody@x"><img src="//b/x.png" srcset="//b/y.png 2x">', "<img><img>"),
        ("<!-- <script>x()</script> -->a<![CDATA[<script>x()</script>]]>", "ax()]]&gt;"),
    ],
)
def test_nothing_that_acts_is_left(page: str, left: str) -> None:
    """Scripts, handlers, targets, forms, frames, fetched pictures and styles are gone, the words stay."""
    assert shown(page, {}).html.strip() == left


def test_looks_stay() -> None:
    """Tables, colours, sizes and emphasis are what a clerk wants to see."""
    page = '<table border="1"><tbody><tr><td colspan="2" bgcolor="#eee"><b>Summe</b> 12,00</td></tr></tbody></table>'
    assert shown(page, {}).html == page


def test_pictures_from_elsewhere_are_counted() -> None:
    """In an element, in a background and in a style; not those that the mail brings along."""
    page = (
        '<img src="https://b.test/1.png"><img src="//b.test/2.png"><table background="http://b.test/3.png"></table>'
        '<p style="background-image:url(https://b.test/4.png)"></p><img src="cid:a@b">'
        '<img src="data:image/gif;base64,R0lG">'
    )
    assert shown(page, {"a@b": "data:image/png;base64,AA"}).blocked == 4


def test_the_mail_brings_its_own_pictures_along() -> None:
    """By their Content-ID, whatever its letters; what says it is a picture and is none is not shown."""
    seen = look(
        a_mail('<p>Hallo<img src="cid:LOGO@x"><img src="cid:none@x"></p>', ("logo@x", PNG), ("none@x", b"<svg>"))
    )
    assert f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"' in seen.html
    assert seen.html.count("src=") == 1
    assert (seen.blocked, seen.text) == (0, "")


def test_too_many_bytes_of_pictures_are_left_out() -> None:
    """The page stays of a size that a browser shows at once."""
    large = PNG + bytes(PICTURE_BYTES)
    seen = look(a_mail('<img src="cid:a@x"><img src="cid:b@x">', ("a@x", large), ("b@x", PNG)))
    assert seen.html.count("src=") == 1


def test_plain_words_are_shown_as_they_are() -> None:
    """A mail without a page, and one whose only page is a file that hangs on it."""
    message = EmailMessage()
    message.set_content("Nur <b>Worte</b>.")
    message.add_attachment("<p>Anlage</p>", subtype="html", filename="anlage.html")
    seen = look(message.as_bytes())
    assert (seen.html, seen.text) == ("", "Der Text.")


def test_a_page_made_to_harm_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would take a gigabyte costs a process of its own; the clerk is shown the words."""
    fonts = "".join(f"<font size={n}>" for n in range(990))
    readers = Readers(seconds=6, memory=300 * 1024 * 1024)
    monkeypatch.setattr("services.extraction.mail.html_apart._SHOWERS", readers)
    seen = look(a_mail(f"<p>{fonts}</p>" + "<p>x" * 9_000))
    readers.close()
    assert (seen.html, seen.text, seen.too_much) == ("", "Der Text.", True)


def test_a_mail_within_a_mail_is_not_mixed_in() -> None:
    """What an attached mail says stands under its own name."""
    inner = EmailMessage()
    inner.set_content("innen")
    inner.add_alternative("<p>innen</p>", subtype="html")
    outer = EmailMessage()
    outer.set_content("außen")
    outer.add_alternative("<p>außen</p>", subtype="html")
    outer.add_attachment(inner)
    assert look(outer.as_bytes()).html.strip() == "<p>außen</p>"
