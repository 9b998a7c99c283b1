"""Hits and reasons are marked on the picture of the page, where their words stand; with its rights, erased with it."""

import re
from urllib.parse import unquote

import pytest

from services.core.keys import Bucket
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.component.test_part_pictures import a_letter, erase, hall_hashes

SCAN = b"PICTURE\fErstes Blatt\fDer Kanal ist undicht\fLetztes Blatt"
LETTERED = b"%PDF\fSehr geehrte Damen\fDer Kanal ist undicht"


@pytest.fixture
def reader(hall: CityHall) -> Browser:
    """A machine that may see everything."""
    return hall.key("search", all_offices=True)


def scanned(hall: CityHall, content: bytes = SCAN) -> str:
    """A scan of some pages."""
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=content, headers=headers)
    return str(answer.json()["document"])


def marks_in(page: str) -> str:
    """Where the marks of a page of the desk are; empty where nothing is marked."""
    found = re.search(r'<img class="marks" src="([^"]+)" alt="">', page)
    return found[1].replace("&amp;", "&") if found else ""


def kept_words(hall: CityHall) -> list[str]:
    """What lies in the store of where words stand."""
    found = (key for sha256 in hall_hashes(hall) for key in hall.ports.blobs.keys(Bucket.DERIVED, f"main/{sha256}/"))
    return [key for key in found if re.search(r"-w\d+-\d+$|-letters-p\d+$", key)]


def test_recognised_words_are_kept_and_told(hall: CityHall, reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from the store that recognition filled, and nobody looks at the page again for them."""
    document = scanned(hall)
    monkeypatch.setattr(hall.ports.ocr, "page_words", None)
    told = reader.get(f"{API}/documents/{document}/parts/0/pages/2/words").json()
    assert (told["page"], told["whole"]) == (2, 10_000)
    assert [word["text"] for word in told["words"]] == ["Der", "Kanal", "ist", "undicht"]
    assert told["words"][1] == {"text": "Kanal", "left": 0, "top": 1_000, "width": 5_000, "height": 1_000}
    assert len(kept_words(hall)) == 1


def test_letters_of_a_pdf_are_looked_at_once(hall: CityHall, reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing had to be recognised the letters tell; the second time they come from the store."""
    path = f"{API}/documents/{scanned(hall, LETTERED)}/parts/0/pages/2/words"
    first = reader.get(path).json()
    assert [word["text"] for word in first["words"]] == ["Der", "Kanal", "ist", "undicht"]
    monkeypatch.setattr(hall.ports.ocr, "page_words", None)
    assert reader.get(path).json() == first


def test_a_hit_opens_at_its_page_and_is_marked_there(hall: CityHall) -> None:
    """From the search straight to page two; the marks go on with the page, turn with it, and stand in the text too."""
    document, clerk = scanned(hall), hall.clerk(all_offices=True)
    link = re.search(rf'href="(/dokumente/{document}\?treffer=[^"]+)"', clerk.get("/suche?q=undicht").text)
    assert link
    page = clerk.get(link[1]).text
    assert "Seite 2 von 3" in page
    assert "<mark>undicht</mark>" in page
    marks = marks_in(page)
    assert "/pages/2/marks.svg?wort=undicht" in marks
    answer = clerk.get(marks)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.text.count("<rect") == 1
    assert "sandbox" in answer.headers["content-security-policy"]
    turned = clerk.get(f"/dokumente/{document}?treffer=undicht&teil=0&seite=3&drehen=90").text
    assert "Seite 3 von 3" in turned
    assert "/pages/3/marks.svg?wort=undicht&turn=90" in marks_in(turned)
    assert "treffer=undicht" in turned
    assert clerk.get(marks_in(turned)).text.count("<rect") == 0


def test_a_hit_in_an_attachment_opens_the_attachment(hall: CityHall) -> None:
    """And one in the message itself opens the message."""
    document, clerk = a_letter(hall), hall.clerk(all_offices=True)
    assert "Seite 3 von 3" in clerk.get(f"/dokumente/{document}?treffer=3").text
    message = clerk.get(f"/dokumente/{document}?treffer=Bescheid").text
    assert ".webp" not in message
    assert "<mark>Bescheid</mark>" in message


def test_what_decided_is_marked_on_the_page_of_the_desk(hall: CityHall) -> None:
    """The words of the rule by which a place is proposed, without anybody having searched."""
    plan = PLAN | {"positions": [*PLAN["positions"][:1], {**PLAN["positions"][1], "rules": [{"words": ["Kanal"]}]}]}
    assert hall.key("administer").ask("PUT", f"{API}/plan", json=plan).is_success
    document, clerk = scanned(hall), hall.clerk(all_offices=True)
    marks = marks_in(clerk.get(f"/posteingang/{document}?teil=0&seite=2").text)
    assert "Kanal" in unquote(marks)
    assert clerk.get(marks).text.count("<rect") == 1


def test_marks_are_only_for_whom_the_page_is(hall: CityHall, reader: Browser) -> None:
    """Another office, a stranger, a machine that delivers; of a mail's text there is no page to mark."""
    document = scanned(hall)
    for path in ("parts/0/pages/2/words", "parts/0/pages/2/marks.svg?wort=Kanal"):
        place = f"{API}/documents/{document}/{path}"
        assert reader.get(place).status_code == 200
        assert hall.key("search", offices=("kasse",)).get(place).status_code == 404
        assert hall.key("deliver").get(place).status_code == 403
        assert Browser(hall.app).get(place).status_code == 401
    mail = hall.deliver(a_mail())["document"]
    answer = reader.get(f"{API}/documents/{mail}/parts/0/pages/1/words")
    assert (answer.status_code, answer.json()["problem"]) == (404, "unsupported")
    drawn = reader.get(f"{API}/documents/{mail}/parts/0/pages/1/marks.svg?wort=x")
    assert (drawn.status_code, drawn.headers["cache-control"]) == (404, "no-store")
    for query in ("", "?wort=a&turn=45", "?" + "&".join(["wort=a"] * 30)):
        assert reader.get(f"{API}/documents/{document}/parts/0/pages/2/marks.svg{query}").status_code == 400


def test_where_words_stand_goes_with_the_document(hall: CityHall, reader: Browser) -> None:
    """What is looked at beside a tombstone is taken back by whoever looked."""
    document = scanned(hall, LETTERED)
    look = hall.ports.ocr.page_words

    def meanwhile(*content: object, **how: object) -> object:
        erase(hall, document)
        return look(*content, **how)  # type: ignore[arg-type]

    hall.ports.ocr.page_words = meanwhile  # type: ignore[method-assign,assignment]
    assert reader.get(f"{API}/documents/{document}/parts/0/pages/2/words").status_code == 404
    assert kept_words(hall) == []


def test_a_cache_that_is_wrong_is_made_anew(hall: CityHall, reader: Browser) -> None:
    """Half a file tells nothing: the letters are looked at again."""
    path = f"{API}/documents/{scanned(hall, LETTERED)}/parts/0/pages/2/words"
    first = reader.get(path).json()
    [key] = kept_words(hall)
    hall.ports.blobs.delete(Bucket.DERIVED, key)
    hall.ports.blobs.create(Bucket.DERIVED, key, b"halb")
    assert reader.get(path).json() == first
