"""Mails as they were written, on the desk: in a frame that can do nothing, with the rights of the document."""

from email.message import EmailMessage

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import CityHall, a_mail


@pytest.fixture
def letter(hall: CityHall) -> str:
    """A mail with a page, a picture from elsewhere, and another mail attached."""
    inner = EmailMessage()
    inner["Subject"] = "Vorgang"
    inner.set_content("innen")
    inner.add_alternative("<p><i>innen</i></p>", subtype="html")
    message = EmailMessage()
    message["From"], message["To"] = "anna@beispiel.test", "post@musterstadt.test"
    message["Subject"] = "Newsletter"
    message.set_content("Hallo")
    message.add_alternative('<p><b>Hallo</b><img src="https://b.test/1.png"></p><script>x()</script>', subtype="html")
    message.add_attachment(inner)
    return str(hall.deliver(message.as_bytes())["document"])


def test_a_mail_is_shown_as_it_was_written(hall: CityHall, letter: str) -> None:
    """Its page without what acts, and what was not fetched; an attached mail has its own."""
    clerk = hall.clerk(all_offices=True)
    answer = clerk.get(f"/dokumente/{letter}/nachrichten/0")
    assert "<b>Hallo</b>" in answer.text
    assert "1 Bild aus dem Netz nicht geladen." in answer.text
    assert "<script" not in answer.text
    assert "innen" not in answer.text
    assert "<i>innen</i>" in clerk.get(f"/dokumente/{letter}/nachrichten/1").text


def test_the_frame_can_do_nothing(hall: CityHall, letter: str) -> None:
    """A sandbox without exceptions, nothing from elsewhere, shown in our own pages alone, kept by nobody."""
    headers = hall.clerk(all_offices=True).get(f"/dokumente/{letter}/nachrichten/0").headers
    policy = [one.strip() for one in headers["content-security-policy"].split(";")]
    assert {"sandbox", "default-src 'none'", "img-src data:", "form-action 'none'", "frame-ancestors 'self'"} <= set(
        policy
    )
    assert not any("script" in one for one in policy)
    assert (headers["x-frame-options"], headers["cache-control"]) == ("SAMEORIGIN", "private, no-store")


def test_a_plain_mail_says_that_it_is_one(hall: CityHall) -> None:
    """There is nothing else to see."""
    document = hall.deliver(a_mail(body="Nur Worte & Zeichen"))["document"]
    page = hall.clerk(all_offices=True).get(f"/dokumente/{document}/nachrichten/0").text
    assert "Die Nachricht ist reiner Text." in page
    assert "Nur Worte &amp; Zeichen" in page


def test_nobody_reads_what_is_not_theirs(hall: CityHall, letter: str) -> None:
    """Another office, a stranger; and what is no mail is not shown."""
    path = f"/dokumente/{letter}/nachrichten/0"
    assert hall.clerk("kasse", offices=("kasse",)).get(path).status_code == 404
    assert Browser(hall.app).get(path).status_code == 401
    clerk = hall.clerk(all_offices=True)
    scan = hall.scan(b"nur Text", "notiz.txt")["document"]
    for other in (f"/dokumente/{scan}/nachrichten/0", f"/dokumente/{letter}/nachrichten/7"):
        assert clerk.get(other).status_code == 404


def test_the_desk_offers_both_looks(hall: CityHall, letter: str) -> None:
    """Text first; the original in a sandboxed frame, on both pages, and of the attached mail too."""
    clerk = hall.clerk(all_offices=True)
    for start in (f"/posteingang/{letter}", f"/dokumente/{letter}"):
        assert "<iframe" not in clerk.get(start).text
        for query, part in (("ansicht=original", 0), ("teil=1&ansicht=original", 1)):
            page = clerk.get(f"{start}?{query}").text
            assert f'<iframe class="written" sandbox src="/dokumente/{letter}/nachrichten/{part}"' in page
