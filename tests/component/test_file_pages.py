"""Files on the desk: their registers, which there are at a position, and the way from one document to the next."""

import re

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def decide(hall: CityHall, document: str, **wanted: str) -> str:
    """A decision by the API; the file that the document stands in then, if it does."""
    machine = hall.key("search", "decide", all_offices=True)
    tag = machine.get(f"{API}/documents/{document}").headers["etag"]
    answer = machine.post(f"{API}/documents/{document}/decisions", json=wanted, headers={"If-Match": tag})
    assert answer.status_code == 202, answer.text
    filings = machine.get(f"{API}/documents/{document}").json()["filings"]
    return str(filings[0]["file"]) if filings else ""


def a_file(hall: CityHall, subject: str, position: str = "52.10") -> tuple[str, str]:
    """A new file, and the document that it begins with."""
    document = hall.deliver(a_mail(subject))["document"]
    return decide(hall, document, action="file", position=position), document


def test_a_file_is_a_click_away_and_shows_its_register(hall: CityHall, clerk: Browser) -> None:
    """From hit, document and decision to the entries, with titles, who filed them, and what lies elsewhere now."""
    file, first = a_file(hall, "Bauantrag Gartenhaus")
    second = hall.deliver(a_mail("Nachtrag", f"Aktenzeichen: {file}"))["document"]
    for page in ("/suche?q=Gartenhaus", f"/dokumente/{first}", f"/posteingang/{first}"):
        assert f'href="/akten/{file}"' in clerk.get(page).text
    other, _ = a_file(hall, "Zaun")
    decide(hall, second, action="move", file=other)
    text = clerk.get(f"/akten/{file}").text
    assert re.search(
        rf"{file}-001</th>.*?Bauantrag Gartenhaus</a>.*?Erika Muster.*?durch Entscheidung", text, re.DOTALL
    )
    assert re.search(rf"{file}-002</th>.*?Nachtrag</a>.*?jetzt in Akte {other}.*?automatisch", text, re.DOTALL)
    assert "52.10 Baugenehmigungen" in text
    assert "Bauamt" in text


def test_the_files_of_a_position_are_listed_newest_first(hall: CityHall, clerk: Browser) -> None:
    """From the plan as well as from a proposal; with the letter that opened each, and how much is in it."""
    older, newer = a_file(hall, "Carport")[0], a_file(hall, "Wintergarten")[0]
    hall.deliver(a_mail("Nachtrag", f"Aktenzeichen: {older}"))
    assert 'href="/akten?stelle=52.10"' in clerk.get("/aktenplan?stelle=52.10").text
    text = clerk.get("/akten?stelle=52.10").text
    assert re.search(rf"2 Akten.*{newer}.*Wintergarten.*1 Eintrag.*{older}.*Carport.*2 Einträge", text, re.DOTALL)
    assert "noch keine Akte" in clerk.get("/akten?stelle=20.1").text
    assert clerk.get("/akten?stelle=99").status_code == 404
    assert clerk.get("/akten/52.10/99-2026").status_code == 404


def test_who_may_not_see_a_file_learns_nothing_of_it(hall: CityHall) -> None:
    """The cashier finds no files of the building office, and 404 where one is named; a stranger is asked to sign in."""
    file, _ = a_file(hall, "Bauantrag Gartenhaus")
    cashier = hall.clerk("feld", offices=("kasse",))
    assert cashier.get(f"/akten/{file}").status_code == 404
    listed = cashier.get("/akten?stelle=52.10").text
    assert "noch keine Akte" in listed
    assert file not in listed
    assert hall.stranger().get(f"/akten/{file}").status_code == 303


def test_an_entry_of_another_office_shows_its_number_only(hall: CityHall) -> None:
    """Who sees one document of a file by another right sees of the others that they are there."""
    file, first = a_file(hall, "Vertrauliches")
    shared = hall.deliver(a_mail("Gebührenbescheid"))["document"]
    decide(hall, shared, action="file", position="20.1")
    decide(hall, shared, action="file", file=file)
    text = hall.clerk("feld", offices=("kasse",)).get(f"/akten/{file}").text
    assert "Gebührenbescheid" in text
    assert "Für Sie nicht einsehbar" in text
    assert "Vertrauliches" not in text
    assert first not in text


def test_the_clerk_goes_from_one_document_to_the_next(hall: CityHall, clerk: Browser) -> None:
    """Behind one that is decided the first of the list follows; when nothing waits there is nothing to go to."""
    documents = [hall.deliver(a_mail(subject))["document"] for subject in ("Eins", "Zwei", "Drei")]
    following = 'data-key="j" href="/posteingang/{}"'
    assert following.format(documents[1]) in clerk.get(f"/posteingang/{documents[0]}").text
    for document, after in zip(documents, (documents[1], documents[2], ""), strict=True):
        decide(hall, document, action="no_record")
        page = clerk.get(f"/posteingang/{document}").text
        assert following.format(after) in page if after else 'data-key="j"' not in page


def test_files_of_a_place_are_offered_for_its_number(hall: CityHall, clerk: Browser) -> None:
    """Whoever files into an existing file types where it stands in the plan, and chooses from those that are there."""
    file, _ = a_file(hall, "Carport am Lindenweg")
    waiting = hall.deliver(a_mail("Rückfrage", "Zu unserem Antrag."))["document"]
    found = clerk.get(f"/posteingang/gefunden?offen={waiting}&akte={file.partition('/')[0]}").text
    assert file in found
    assert "Carport am Lindenweg" in found


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"Dr. Hanna Sommerfeld" <h@beispiel.test>', "Dr. Hanna Sommerfeld &lt;h@beispiel.test&gt;"),
        ('"Meyer, \\"Max\\"" <m@beispiel.test>', "Meyer, &#34;Max&#34; &lt;m@beispiel.test&gt;"),
        ("m@beispiel.test", "m@beispiel.test"),
    ],
)
def test_a_sender_is_written_without_the_quotes_of_mail(
    hall: CityHall, clerk: Browser, written: str, shown: str
) -> None:
    """On the document, in the list and among the hits; kinds of files are words."""
    document = hall.deliver(a_mail("Gartenhaus", sender=written, attached="x"))["document"]
    for page in (f"/dokumente/{document}", "/posteingang", "/suche?q=Gartenhaus"):
        text = clerk.get(page).text
        assert shown in text, page
    assert "<span>Text</span>" in clerk.get(f"/dokumente/{document}").text
    assert "text/plain" not in clerk.get(f"/dokumente/{document}").text


def test_a_file_is_shown_whole_for_paper(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long register comes in pages, and as a whole where it shall be printed; it says when and by whom."""
    monkeypatch.setattr("services.filing.file_pages.ENTRIES_ON_PAGE", 2)
    file, _ = a_file(hall, "Bauantrag Gartenhaus")
    for number in range(3):
        hall.deliver(a_mail(f"Nachtrag {number}", f"Aktenzeichen: {file}"))
    first = clerk.get(f"/akten/{file}").text
    assert f"{file}-003" not in first
    assert f'href="/akten/{file}?alle=1"' in first
    whole = clerk.get(f"/akten/{file}?alle=1").text
    assert f"{file}-004" in whole
    assert re.search(r'<p class="on-paper">Gedruckt am [^<]+ von ', whole)
