"""What waits for a clerk, and what a person decides about it on the page."""

import json
import re

import pytest

from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def decide(browser: Browser, document: str, action: str, **fields: str) -> str:
    """Send a form of the page of decision; the page that follows, and the document's own where that is another."""
    path = f"/posteingang/{document}"
    version = re.search(r'name="version" value="(\d+)"', browser.get(path).text)
    assert version
    answer = browser.submit(path, action=action, version=version[1], **fields)
    if answer.status_code != 303:
        return answer.text
    following = answer.headers["location"]
    shown = browser.get(following).text
    return shown if following == path else shown + browser.get(path).text


def test_a_held_document_is_filed_in_a_new_file_and_shown_so_at_once(hall: CityHall, clerk: Browser) -> None:
    """Register entry, history and search hit show it; the next mail with that file number goes there by itself."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    assert "1 Dokument wartet auf eine Entscheidung" in clerk.get("/posteingang").text
    page = decide(clerk, document, "open", position="52.10")
    found = re.search(r'Abgelegt unter <a href="/akten/[^"]+"><strong>(52\.10/1-\d{4})-001</strong>', page)
    assert found
    assert "Die Entscheidung ist gespeichert." in page
    assert "Nichts wartet" in clerk.get("/posteingang").text
    assert f"{found[1]}-001" in clerk.get(f"/dokumente/{document}").text
    assert f"Akte {found[1]}" in clerk.get("/suche?q=Gartenhaus").text
    follow_up = hall.deliver(a_mail("Nachtrag", f"Aktenzeichen: {found[1]}"))["document"]
    assert f"{found[1]}-002" in clerk.get(f"/dokumente/{follow_up}").text


def test_a_held_document_joins_an_existing_file(hall: CityHall, clerk: Browser) -> None:
    """The file number is understood as people type it."""
    first, second = hall.deliver(a_mail("Eins"))["document"], hall.deliver(a_mail("Zwei"))["document"]
    found = re.search(r"52\.10/1-\d{4}", decide(clerk, first, "open", position="52.10"))
    assert found
    page = decide(clerk, second, "file", file=found[0].replace("/", " / "))
    assert f'Abgelegt unter <a href="/akten/{found[0]}"><strong>{found[0]}-002</strong></a>' in page


def test_a_document_is_no_record_and_comes_back(hall: CityHall, clerk: Browser) -> None:
    """Set aside it waits no more; reopened it does, with that reason."""
    document = hall.deliver(a_mail("Werbung"))["document"]
    assert "nicht aktenrelevant" in decide(clerk, document, "no_record")
    assert "Nichts wartet" in clerk.get("/posteingang").text
    assert "Von einer Person zurückgelegt" in decide(clerk, document, "reopen")
    assert "1 Dokument wartet" in clerk.get("/posteingang").text


def test_a_document_is_assigned_to_an_office(hall: CityHall, clerk: Browser) -> None:
    """It waits there now, for that office's people too; filters by office and reason tell them apart."""
    document = hall.deliver(a_mail("Anliegen"))["document"]
    cashier = hall.clerk("feld", offices=("kasse",))
    assert cashier.get(f"/posteingang/{document}").status_code == 404
    assert "Nichts wartet" in cashier.get("/posteingang").text
    assert "Stadtkasse" in decide(clerk, document, "assign", office="kasse")
    assert "Anliegen" in cashier.get("/posteingang").text
    assert "Anliegen" in clerk.get("/posteingang?amt=kasse&grund=unsure").text
    assert "Nichts wartet" in clerk.get("/posteingang?amt=bauamt").text
    assert "Nichts wartet" in clerk.get("/posteingang?grund=conflicting").text


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("file", {"file": "99.9/1-2026"}, "Diese Akte gibt es nicht."),
        ("file", {"file": " "}, "Diese Akte gibt es nicht."),
        ("open", {"position": "77"}, "Diese Position gibt es im Aktenplan nicht."),
        ("open", {"position": "52"}, "Unter dieser Position des Aktenplans werden keine Akten geführt."),
        ("assign", {"office": "mond"}, "Dieses Amt gibt es nicht."),
        ("verbrennen", {}, "Die Anfrage ist fehlerhaft."),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_explained(
    hall: CityHall, clerk: Browser, action: str, fields: dict[str, str], sentence: str
) -> None:
    """The page says why, the document goes on waiting."""
    document = hall.deliver(a_mail())["document"]
    page = decide(clerk, document, action, **fields)
    assert sentence in page
    assert "wartet auf Entscheidung" in page


def test_a_decision_on_an_outdated_page_is_refused(hall: CityHall, clerk: Browser) -> None:
    """Who comes second sees what the first one did."""
    document = hall.deliver(a_mail())["document"]
    path = f"/posteingang/{document}"
    version = re.search(r'name="version" value="(\d+)"', clerk.get(path).text)
    assert version
    decide(clerk, document, "no_record")
    answer = clerk.submit(path, action="open", position="52.10", version=version[1])
    assert answer.status_code == 412
    assert re.search(r"Inzwischen haben Sie „Bauantrag“ um \d\d:\d\d Uhr als nicht aktenrelevant", answer.text)
    assert clerk.submit(path, action="open", position="52.10", version="x").status_code == 400


def test_a_decision_shows_before_index_and_registrar_have_caught_up(hall: CityHall, clerk: Browser) -> None:
    """The list and the page read the record: what was just decided waits no more."""
    document = hall.deliver(a_mail("Werbung"))["document"]
    hall.log.prompt = False
    assert "nicht aktenrelevant" in decide(clerk, document, "no_record")
    assert hall.key("search", all_offices=True).get(f"{API}/clearing").json()["total"] == 1
    assert "Nichts wartet" in clerk.get("/posteingang").text


def test_what_waits_is_listed_by_the_plan_in_force_before_a_rebuild(hall: CityHall, clerk: Browser) -> None:
    """Who saw a waiting document by a place of it that is another office's now sees neither it nor its title."""
    document = hall.deliver(a_mail("Kaninchenstall"))["document"]
    decide(clerk, document, "open", position="52.10")
    key = hall.key("search", "decide", all_offices=True)
    tag = key.get(f"{API}/documents/{document}").headers["etag"]
    wish = {"action": "assign", "office": "poststelle"}
    assert key.post(f"{API}/documents/{document}/decisions", json=wish, headers={"If-Match": tag}).status_code == 202
    builder = hall.clerk("baum", offices=("bauamt",))
    assert "Kaninchenstall" in builder.get("/posteingang").text
    plan = json.dumps(PLAN).replace('"parent": "52", "office": "bauamt"', '"parent": "52", "office": "kasse"')
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=plan.encode()).json()["rebuild"]
    page = builder.get("/posteingang").text
    assert "Nichts wartet" in page
    assert "Kaninchenstall" not in page
    assert hall.key("search", offices=("bauamt",)).get(f"{API}/clearing").json()["total"] == 1


def test_the_next_letter_is_that_below_it_in_the_list(hall: CityHall, clerk: Browser) -> None:
    """A decision leads down the list as it was narrowed, from the last one up, and says which letter it was about."""
    first, second, third = (hall.deliver(a_mail(word))["document"] for word in ("Eins", "Zwei", "Drei"))
    page = clerk.get(f"/posteingang/{second}?grund=unsure").text
    assert f'data-key="j" href="/posteingang/{third}?grund=unsure"' in page
    assert f'data-key="k" href="/posteingang/{first}?grund=unsure"' in page
    version = re.search(rf'name="wahl_{second}" value="(\d+)"', page)
    assert version
    where = f"/posteingang/{second}?grund=unsure"
    answer = clerk.submit(where, action="no_record", version=version[1])
    assert answer.headers["location"] == f"/posteingang/{third}?grund=unsure"
    page = clerk.get(answer.headers["location"]).text
    assert "als nicht aktenrelevant vermerkt" in page
    assert f'<a href="/posteingang/{second}" data-key="u">' in page
    assert f'data-key="j" href="/posteingang/{first}"' in clerk.get(f"/posteingang/{third}").text


def test_the_start_shows_the_first_letter_beside_the_list(hall: CityHall, clerk: Browser) -> None:
    """Who opens the Posteingang sees what waits longest, or by the other order what came last."""
    old, new = hall.deliver(a_mail("Altes"))["document"], hall.deliver(a_mail("Neues"))["document"]
    page = clerk.get("/posteingang").text
    assert f'action="/posteingang/{old}"' in page
    assert f'action="/posteingang/{new}"' not in page
    assert f'action="/posteingang/{new}?folge=neu"' in clerk.get("/posteingang?folge=neu").text


def test_several_letters_are_decided_at_once(hall: CityHall, clerk: Browser) -> None:
    """The ticked ones go to the office; with none ticked, and where one has changed meanwhile, the page says so."""
    documents = [hall.deliver(a_mail(word))["document"] for word in ("Eins", "Zwei", "Drei")]
    page = clerk.get("/posteingang").text
    ticks = {f"wahl_{one}": version for one, version in re.findall(r'name="wahl_(\w+)" value="(\d+)"', page)}
    assert set(ticks) == {f"wahl_{document}" for document in documents}
    ticks.pop(f"wahl_{documents[2]}")
    answer = clerk.submit("/posteingang", action="assign", office="kasse", **ticks)
    assert answer.headers["location"] == "/posteingang"
    assert "Die Entscheidungen sind gespeichert." in clerk.get("/posteingang").text
    assert "2 Dokumente warten" in clerk.get("/posteingang?amt=kasse").text
    assert "Es ist kein Dokument ausgewählt." in clerk.submit("/posteingang", action="no_record").text
    outdated = clerk.submit("/posteingang", action="no_record", **ticks)
    assert outdated.status_code == 422
    assert (
        len(re.findall(r"Inzwischen haben Sie „(Eins|Zwei)“ um \d\d:\d\d Uhr „[^“]*asse“ zugewiesen", outdated.text))
        == 2
    )
    hall.clerk("feld", offices=("kasse",))
    stranger = hall.clerk("baum", offices=("bauamt",))
    assert stranger.submit("/posteingang", action="no_record", **ticks).status_code == 404


def test_a_rule_of_the_plan_is_a_proposal_of_one_button(hall: CityHall, clerk: Browser) -> None:
    """The form carries the place; the reason is said in words; nothing but buttons is needed to take it."""
    rule = ', "rules": [{"words": ["Gartenhaus"], "confidence": 0.5}]}'
    plan = json.dumps(PLAN).replace('"parent": "52", "office": "bauamt"}', f'"parent": "52", "office": "bauamt"{rule}')
    assert hall.key("administer").ask("PUT", f"{API}/plan", content=plan.encode()).is_success
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    page = clerk.get(f"/posteingang/{document}").text
    proposals = re.findall(r'<form class="proposal".*?</form>', page, re.DOTALL)
    assert 1 <= len(proposals) <= 3
    assert all("weil:" in proposal for proposal in proposals)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', proposals[0]))
    assert clerk.post(f"/posteingang/{document}", data=fields).status_code == 303
    assert "Abgelegt unter" in clerk.get(f"/posteingang/{document}").text


def test_a_receipt_number_leads_to_the_journey(hall: CityHall, clerk: Browser) -> None:
    """Lower case, without dashes, O for 0: the page tells where the letter is; a wrong one is explained."""
    told = hall.deliver(a_mail("Gartenhaus"))
    typed = told["receipt"].lower().replace("-", " ").replace("0", "o")
    page = clerk.get("/eingang", params={"nummer": typed})
    assert page.status_code == 200
    assert told["receipt"] in page.text
    assert "Zur Entscheidung vorgelegt" in page.text
    assert "auffindbar" in page.text
    assert f"/dokumente/{told['document']}" in page.text
    wrong = clerk.get("/eingang", params={"nummer": "PE-261123-0000-0000-0"})
    assert wrong.status_code == 404
    assert "keine gültige Eingangsnummer" in wrong.text
    cashier = hall.clerk("feld", offices=("kasse",))
    assert cashier.get("/eingang", params={"nummer": typed}).status_code == 404
