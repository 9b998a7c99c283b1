"""Pages of every part as pictures: drawn once, kept within bounds, with the rights of the document, erased with it."""

import re
from email.message import EmailMessage

import pytest
from msgspec.structs import replace

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import Erased
from services.core.ports.ocr_engine import Look, PagePicture
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall

DECISION = "0f8fad5b-d9cb-469f-a165-70867728950e"
PAGES = b"PICTURE\fSEITE 1\fSEITE 2\fSEITE 3"
IMAGE = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


def a_letter(hall: CityHall, *, name: str = "Bescheid.pdf", words: str = "Anbei der Bescheid.") -> str:
    """A mail with three pages attached."""
    message = EmailMessage()
    message["From"], message["To"] = "anna@beispiel.test", "post@musterstadt.test"
    message["Subject"] = "Bescheid"
    message.set_content(words)
    message.add_attachment(PAGES, maintype="application", subtype="pdf", filename=name)
    return str(hall.deliver(message.as_bytes())["document"])


def erase(hall: CityHall, document: str) -> None:
    """The tombstone, as whoever erases writes it first."""
    gone = Erased(incarnation=1, erased_at=hall.ports.clock.now(), decision=DECISION)
    hall.ports.blobs.create(Bucket.RECORDS, keys.stage("main", document, "erased", 1), record_files.encode(gone))


def kept(hall: CityHall) -> list[str]:
    """The pictures in the store."""
    found = (key for sha256 in hall_hashes(hall) for key in hall.ports.blobs.keys(Bucket.DERIVED, f"main/{sha256}/"))
    return [key for key in found if "memory-1-p" in key]


def hall_hashes(hall: CityHall) -> set[str]:
    """The contents of which something was derived."""
    return {key.split("/")[1] for key in hall.ports.blobs.keys(Bucket.DERIVED, "main/")}


def words(drawn: str) -> str:
    """What a picture of words says."""
    return " ".join(re.sub(r"<[^>]*>", " ", drawn).split())


@pytest.fixture
def reader(hall: CityHall) -> Browser:
    """A machine that may see everything."""
    return hall.key("search", all_offices=True)


@pytest.fixture
def part(hall: CityHall, reader: Browser) -> str:
    """Where the pages of an attachment are."""
    document = a_letter(hall)
    attached = next(p for p in reader.get(f"{API}/documents/{document}").json()["parts"] if p["name"])
    return f"{API}/documents/{document}/parts/{attached['part']}/pages"


def test_a_page_of_an_attachment_is_drawn_once(
    hall: CityHall, reader: Browser, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WebP that can do nothing and never changes; the second time it comes from the store, or is not sent at all."""
    path = f"{part}/2.webp?w=960&turn=90"
    first = reader.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    assert first.content == b"RIFFSEITE 2 960 90"
    assert "sandbox" in first.headers["content-security-policy"]
    assert {"private", "immutable"} <= set(first.headers["cache-control"].replace(",", " ").split())
    monkeypatch.setattr(hall.ports.ocr, "show_page", None)
    assert reader.get(path).content == first.content
    assert reader.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_nobody_fills_the_store_with_sizes(hall: CityHall, reader: Browser, part: str) -> None:
    """A hundred widths are four pictures; a turn that is none and a width of nothing are refused."""
    for width in range(1, 10_000, 100):
        assert reader.get(f"{part}/1.webp?w={width}").status_code == 200
    assert len(kept(hall)) == 4
    for query in ("w=0", "w=10001", "turn=45", "turn=-90", "w=breit"):
        assert reader.get(f"{part}/1.webp?{query}").status_code == 400


def test_what_cannot_be_drawn_says_so(hall: CityHall, reader: Browser, part: str) -> None:
    """A program is told the code, a page is given a picture with the sentence; neither is kept."""
    mail = part.rpartition("/parts/")[0]
    text = hall.scan(b"nur Text", "notiz.txt")["document"]
    for path, problem in (
        (f"{part}/4.webp", ""),
        (f"{mail}/parts/0/pages/1.webp", "unsupported"),
        (f"{API}/documents/{text}/parts/0/pages/1.webp", "unsupported"),
    ):
        answer = reader.get(path)
        assert (answer.status_code, answer.json()["problem"]) == (404, problem)
        shown = reader.get(path, headers={"Accept": IMAGE})
        assert (shown.status_code, shown.headers["content-type"]) == (404, "image/svg+xml")
        assert "Diese Seite lässt sich nicht anzeigen." in words(shown.text)
        assert shown.headers["cache-control"] == "no-store"
    assert reader.get(f"{mail}/parts/7/pages/1.webp").status_code == 404
    assert kept(hall) == []


def test_a_page_that_waits_its_turn_says_so(
    hall: CityHall, reader: Browser, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While all who draw are busy a page is 503, also as a picture."""

    def busy(*_: object, **__: object) -> PagePicture:
        raise TryLater("ocr_busy")

    monkeypatch.setattr(hall.ports.ocr, "show_page", busy)
    assert reader.get(f"{part}/1.webp").status_code == 503
    shown = reader.get(f"{part}/1.webp", headers={"Accept": IMAGE})
    assert (shown.status_code, "Bitte neu laden." in words(shown.text)) == (503, True)


def test_what_is_sealed_is_not_shown_from_before(reader: Browser, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Malware that is known today was drawn yesterday, perhaps for another document with the same content."""
    assert reader.get(f"{part}/1.webp").status_code == 200
    monkeypatch.setattr("services.extraction.page_pictures.can_be_drawn", lambda _: False)
    assert reader.get(f"{part}/1.webp").status_code == 404


def test_a_picture_that_is_none_is_made_anew(hall: CityHall, reader: Browser, part: str) -> None:
    """A cache may be wrong: half a file, or another's."""
    assert reader.get(f"{part}/1.webp").status_code == 200
    [key] = kept(hall)
    hall.ports.blobs.delete(Bucket.DERIVED, key)
    hall.ports.blobs.create(Bucket.DERIVED, key, b"halb")
    assert reader.get(f"{part}/1.webp").content.startswith(b"RIFF")
    assert hall.ports.blobs.read(Bucket.DERIVED, key).startswith(b"RIFF")


def test_nobody_looks_at_what_is_not_theirs(hall: CityHall, reader: Browser, part: str) -> None:
    """Also where the picture is there already: another office, a machine that only delivers, a stranger; 410 erased."""
    path = f"{part}/1.webp"
    assert reader.get(path).status_code == 200
    assert hall.key("search", offices=("kasse",)).get(path).status_code == 404
    assert hall.key("deliver").get(path).status_code == 403
    assert Browser(hall.app).get(path).status_code == 401
    erase(hall, path.split("/")[4])
    assert reader.get(path).status_code == 410


def test_what_is_erased_while_it_is_drawn_leaves_no_picture(
    hall: CityHall, reader: Browser, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The eraser has looked and found nothing; whoever drew finds the tombstone and takes the picture back."""
    document, draw = part.split("/")[4], hall.ports.ocr.show_page

    def meanwhile(content: object, *, media_type: str, look: Look) -> PagePicture:
        drawn = draw(content, media_type=media_type, look=replace(look))  # type: ignore[arg-type]
        erase(hall, document)
        return drawn

    monkeypatch.setattr(hall.ports.ocr, "show_page", meanwhile)
    assert reader.get(f"{part}/1.webp").status_code == 404
    assert kept(hall) == []


def test_the_desk_shows_every_part_that_has_pages(hall: CityHall) -> None:
    """Message and attachment stand in a strip; page, turn and size are links, so that nothing needs scripts."""
    document, clerk = a_letter(hall), hall.clerk(all_offices=True)
    for start in (f"/posteingang/{document}", f"/dokumente/{document}"):
        page = clerk.get(start).text
        assert "Bescheid.pdf" in page
        assert ".webp" not in page
        shown = clerk.get(f"{start}?teil=1&seite=2&drehen=90&gross=150").text
        assert "Seite 2 von 3" in shown
        assert "pages/2.webp?w=1920&amp;turn=90" in shown
        for link in ("seite=3", "drehen=180", "gross=200"):
            assert link in shown, link
        beyond = clerk.get(f"{start}?teil=1&seite=99&drehen=7&gross=x").text
        assert 'pages/3.webp?w=960"' in beyond


def test_a_mail_without_words_shows_what_hangs_on_it(hall: CityHall) -> None:
    """A scanner that sends mails writes nothing: its pages are there at once."""
    document = a_letter(hall, words="")
    assert "pages/1.webp" in hall.clerk(all_offices=True).get(f"/posteingang/{document}").text
