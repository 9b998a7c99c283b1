"""Pages of a scan to look at: over HTTP with the rights of everything else, and beside the text on the desk."""

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import Erased
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail

DECISION = "0f8fad5b-d9cb-469f-a165-70867728950e"
SCAN = b"%PDF\fSEITE 1\fSEITE 2"


def a_scan(hall: CityHall) -> str:
    """The document that two scanned pages became."""
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/antrag.pdf", content=SCAN, headers=headers)
    return str(answer.json()["document"])


@pytest.fixture
def reader(hall: CityHall) -> Browser:
    """A machine that may see everything."""
    return hall.key("search", all_offices=True)


def test_a_page_is_shown_as_a_picture_that_can_do_nothing(hall: CityHall, reader: Browser) -> None:
    """A PNG with a tag; who has it is told 304 without the page being drawn."""
    document = a_scan(hall)
    path = f"{API}/documents/{document}/pages/2.png"
    answer = reader.get(path)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", b"SEITE 2")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert reader.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_what_has_no_such_page_is_404_and_says_why(hall: CityHall, reader: Browser) -> None:
    """A page behind the last, a mail, a text; and a number that is none."""
    scan, text = a_scan(hall), hall.scan(b"nur Text", "notiz.txt")["document"]
    mail = hall.deliver(a_mail())["document"]
    for document, number, problem in ((scan, 3, ""), (mail, 1, "unsupported"), (text, 1, "unsupported")):
        answer = reader.get(f"{API}/documents/{document}/pages/{number}.png")
        assert (answer.status_code, answer.json()["problem"]) == (404, problem)
    assert reader.get(f"{API}/documents/{scan}/pages/0.png").status_code == 400
    assert reader.get(f"{API}/documents/{scan}/pages/eins.png").status_code == 400


def test_nobody_looks_at_what_is_not_theirs_or_was_erased(hall: CityHall, reader: Browser) -> None:
    """Another office, a stranger, a machine that only delivers; and 410 after erasure."""
    document = a_scan(hall)
    path = f"{API}/documents/{document}/pages/1.png"
    assert hall.key("search", offices=("kasse",)).get(path).status_code == 404
    assert hall.key("deliver").get(path).status_code == 403
    assert Browser(hall.app).get(path).status_code == 401
    gone = Erased(incarnation=1, erased_at=hall.ports.clock.now(), decision=DECISION)
    hall.ports.blobs.create(Bucket.RECORDS, keys.stage("main", document, "erased", 1), record_files.encode(gone))
    assert reader.get(path).status_code == 410


def test_the_desk_shows_the_pages_beside_the_text(hall: CityHall) -> None:
    """Where a document is read, and where it is decided upon; a mail has none."""
    document = a_scan(hall)
    clerk = hall.clerk(all_offices=True)
    picture = f'src="/api/v1/documents/{document}/parts/0/pages/1.webp?w=960"'
    for page in (f"/dokumente/{document}", f"/posteingang/{document}"):
        assert picture in clerk.get(page).text
    mail = hall.deliver(a_mail())["document"]
    assert "/pages/1." not in clerk.get(f"/dokumente/{mail}").text
