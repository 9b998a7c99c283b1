"""What was given up, as people see it: list and replay over HTTP and on the desk, status, documents with problems."""

import re

import pytest

from services.core.ports.text_extractor import ReadPart
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.dead import SERVICE, dead_letter

RIGHTS = ("search", "administer")


def test_a_dead_letter_says_what_happened_to_which_document_and_what_to_do(hall: CityHall) -> None:
    """No word of the document itself is in it."""
    told = hall.deliver(a_mail("Geheimer Bauantrag"))
    letter = dead_letter(hall, told["document"])
    answer = hall.key("administer").get(f"{API}/dead-letters")
    (item,) = answer.json()["items"]
    assert (item["id"], item["event"], item["document"]) == (letter, letter, told["document"])
    assert (item["service"], item["error_code"], item["topic"]) == (SERVICE, "bug", "documents.extracted")
    assert item["title"] == "The service failed on it."
    assert "then replay" in item["advice"]
    assert "Geheimer" not in answer.text


def test_lists_are_paged_and_narrowed(hall: CityHall) -> None:
    """Every filter of the contract; what is no filter, no id or no time is 400."""
    told = hall.deliver(a_mail())
    letters = {dead_letter(hall, told["document"], revision=n, code="bug" if n % 2 else "schema") for n in range(1, 8)}
    machine = hall.key("administer")
    page = machine.get(f"{API}/dead-letters", params={"limit": 5}).json()
    rest = machine.get(f"{API}/dead-letters", params={"limit": 5, "cursor": page["next"]}).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (5, 2, "")
    assert {item["id"] for item in page["items"] + rest["items"]} == letters

    def count(**narrow: str) -> int:
        return len(machine.get(f"{API}/dead-letters", params=narrow).json()["items"])

    assert (count(error_code="bug"), count(error_code="schema"), count(service=SERVICE)) == (4, 3, 7)
    assert (count(service="ocr"), count(topic="documents.extracted"), count(topic="ocr.requested")) == (0, 7, 0)
    assert (count(code_version="9.9"), count(document=told["document"]), count(id=min(letters))) == (0, 7, 1)
    assert (count(**{"from": "2020-01-01"}), count(to="2020-01-01T12:00:00Z"), count(to="2020-01-01")) == (7, 0, 0)
    for wrong in ({"id": "../x"}, {"service": "../x"}, {"cursor": "../../x"}, {"from": "gestern"}, {"office": "x"}):
        assert machine.get(f"{API}/dead-letters", params=wrong).status_code == 400
    for bad in ({}, {"filter": {"word": "x"}}, {"filter": {}, "dry": True}):
        assert machine.post(f"{API}/dead-letters/replays", json=bad).status_code == 400


def test_a_replay_is_counted_first_and_then_told_to_its_service(hall: CityHall) -> None:
    """200 for the dry run, 202 for the real one; with the log away 503, and nothing is lost."""
    told = hall.deliver(a_mail())
    for n in (1, 2):
        dead_letter(hall, told["document"], revision=n)
    machine = hall.key("administer")
    body = {"filter": {"service": SERVICE}, "dry_run": True}
    dry = machine.post(f"{API}/dead-letters/replays", json=body)
    assert (dry.status_code, dry.json()["count"], hall.replayed()) == (200, 2, 0)
    hall.log.away = True
    assert machine.post(f"{API}/dead-letters/replays", json=body | {"dry_run": False}).status_code == 503
    hall.log.away = False
    real = machine.post(f"{API}/dead-letters/replays", json=body | {"dry_run": False})
    assert (real.status_code, real.json()["count"], hall.replayed()) == (202, 2, 2)
    other = hall.key("deliver", "search", "decide", all_offices=True)
    assert other.get(f"{API}/dead-letters").status_code == 403
    assert other.post(f"{API}/dead-letters/replays", json=body).status_code == 403


def test_the_desk_lists_narrows_and_replays(hall: CityHall) -> None:
    """The button replays what the view shows, or one; a note says what follows; only administrators see it."""
    told = hall.deliver(a_mail())
    first = dead_letter(hall, told["document"])
    dead_letter(hall, told["document"], revision=2, code="attempts_exhausted")
    browser = hall.clerk("berg", rights=RIGHTS, all_offices=True)
    page = browser.get("/liegengeblieben").text
    assert "2 Verarbeitungsfehler" in page
    assert f'href="/dokumente/{told["document"]}"' in page
    assert "Der Dienst ist daran gescheitert." in page
    narrowed = "/liegengeblieben?ursache=bug&dienst=classification"
    assert "1 Verarbeitungsfehler" in browser.get(narrowed).text
    answer = browser.submit(narrowed, at="/liegengeblieben", ursache="bug", dienst="classification")
    assert (answer.status_code, hall.replayed()) == (303, 1)
    assert "Wird erneut bearbeitet." in browser.get(answer.headers["location"]).text
    browser.submit("/liegengeblieben", kennung=first, dienst=SERVICE)
    assert hall.replayed() == 2
    assert browser.post("/liegengeblieben", data={}).status_code == 403
    assert browser.get("/liegengeblieben?kennung=..%2Fx").status_code == 400
    assert hall.clerk("feld").get("/liegengeblieben").status_code == 403


def test_the_status_page_shows_queues_problems_and_the_last_hours(hall: CityHall) -> None:
    """Where something waits, what lies dead, which problems there are, and a plot that a screen reader can tell."""
    told = hall.deliver(a_mail())
    hall.scan(b"Zaun", "zaun.txt")
    dead_letter(hall, told["document"])
    browser = hall.clerk("berg", rights=RIGHTS, all_offices=True)
    page = browser.get("/status").text
    assert 'href="/liegengeblieben?dienst=classification">1</a>' in page
    assert "Eingänge: 2" in page
    assert re.search(r'<svg class="plot"[^>]*role="img" aria-label="Eingänge je Stunde', page)
    assert "in einer Stunde" in page
    hall.log.away = True
    assert ">?</td>" in browser.get("/status").text


def test_documents_with_a_problem_are_listed_by_code_and_office(
    hall: CityHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each one links to its document; who has no right to one does not see it, and no count of it."""
    hall.deliver(a_mail())
    monkeypatch.setattr(hall.reading, "extract", lambda *_, **__: [ReadPart(problem="encrypted")])
    told = hall.scan(b"%PDF-1.7", "zu.pdf")
    browser = hall.clerk("berg", rights=RIGHTS, all_offices=True)
    page = browser.get("/probleme").text
    assert "1 Dokument hat ein Problem" in page
    assert f'href="/dokumente/{told["document"]}"' in page
    code = hall.key("administer").get(f"{API}/overview").json()["flow"]["problems"]
    assert code == {"encrypted": 1}
    assert 'href="/probleme?problem=encrypted"' in browser.get("/status").text
    assert "1 Dokument hat" in browser.get("/probleme?problem=encrypted&amt=poststelle").text
    assert "Kein Dokument" in browser.get("/probleme?problem=bomb").text
    assert "Kein Dokument" in browser.get("/probleme?amt=kasse").text
    assert browser.get("/probleme?problem=unsinn").status_code == 400
    assert "Kein Dokument" in hall.clerk("feld", offices=("kasse",)).get("/probleme").text
