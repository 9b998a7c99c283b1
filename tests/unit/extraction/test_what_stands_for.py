"""What a page, a card or a file of XML says without plain words: ticked boxes, absent pictures, packed notes."""

import base64

import pytest

from services.extraction.mail.cards import card_of
from services.extraction.mail.html import read
from services.extraction.mail.tree import MailLimits, open_mail
from services.extraction.reading.own_text import _xml

PNG = b"\x89PNG\r\n\x1a\n" + bytes(90)


def text_of(mail: str) -> str:
    """What a mail says."""
    content = mail.encode()
    return open_mail(content, 0, len(content), limits=MailLimits(depth=20, parts=100)).text


@pytest.mark.parametrize("kind", ["checkbox", "radio", "CheckBox"])
def test_a_ticked_box_says_what_an_empty_one_does_not(kind: str) -> None:
    """As a person sees it; a box is told whether or not it has a value, which programs read and nobody sees."""
    page = f'<input type="{kind}" value="1" checked> Ja <input type="{kind}" value="0">Nein'
    assert read(page).text == "☒ Ja ☐ Nein"


def test_fields_stand_in_their_lines() -> None:
    """What was entered stands behind what it was asked for, and apart from what follows."""
    page = '<p>Name: <input value="Hans Meier">Ort: <input value=Zeitz><input type=hidden value=4711></p>'
    assert read(page).text == "Name: Hans Meier\nOrt: Zeitz"


def test_words_stand_for_a_picture_that_a_mail_lacks() -> None:
    """Of one that lies in the mail nobody sees them."""
    page = '<p>Der Plan</p><img src="cid:plan@x" alt="Lageplan Flurstück 12"><img src="cid:logo" alt="Wappen">'
    assert text_of(f"Content-Type: text/html; charset=utf-8\n\n{page}") == "Der Plan\n\nLageplan Flurstück 12\nWappen"
    beside = f"""Content-Type: multipart/related; boundary=x

--x
Content-Type: text/html; charset=utf-8

{page}
--x
Content-Type: image/png
Content-ID: <logo>

x
--x--
"""
    assert text_of(beside) == "Der Plan\n\nLageplan Flurstück 12"


def test_a_note_in_base64_is_words_and_a_picture_a_file() -> None:
    """Whatever property holds them (vCard 2.1 §2.1.3), folded or not."""
    note = base64.b64encode("Bitte nur vormittags anrufen, Grüße".encode()).decode()
    picture = base64.b64encode(PNG).decode()
    card = card_of(
        f"BEGIN:VCARD\r\nNOTE;CHARSET=UTF-8;ENCODING=BASE64:{note[:20]}\r\n {note[20:]}\r\n\r\n"
        f"X-WAPPEN;BASE64:{picture}\r\nFN:Hans Meier\r\nEND:VCARD\r\n"
    )
    assert "NOTE:Bitte nur vormittags anrufen, Grüße\n" in card.text
    assert "FN:Hans Meier" in card.text
    assert picture[:40] not in card.text
    assert [one.content for one in card.enclosed] == [PNG]


def test_mixed_xml_is_read_in_its_order() -> None:
    """Words behind an element stand behind it, also where an instruction stands between; deep ones are no limit."""
    found = _xml(b"<r><p>Der <b>Antrag</b> vom <i>3. Mai</i> ist <?x y?>bewilligt</p>und <q>neu</q></r>")
    assert found is not None
    assert found.text.split() == ["Der", "Antrag", "vom", "3.", "Mai", "ist", "bewilligt", "und", "neu"]
    deep = _xml(b"<a>" * 1_000 + b"Kern" + b"</a>" * 1_000)
    assert deep is not None
    assert deep.text == "Kern"
