"""Accounts and keys on the desk: what an administrator does there, and what nobody may."""

import re
from html import unescape
from typing import get_args

import pytest

from services.core.model.accounts import Right
from services.runtime.desk import account_pages
from tests.component.browser import Browser
from tests.component.city_hall import API, PASSWORD, CityHall

ATTACK = '"><script>alert(1)</script>'
SITE = "http://poststelle"


@pytest.fixture
def desk(hall: CityHall) -> Browser:
    """The browser of an administrator called amsel."""
    return hall.clerk("amsel", rights=("search", "decide", "administer"), all_offices=True)


def shown_once(page: str) -> str:
    """The secret that a page shows."""
    found = re.search(r"<code tabindex=\"0\">([^<]+)</code>", page)
    assert found, page
    return unescape(found[1])


def account_of(hall: CityHall, name: str) -> str:
    """The page of an account."""
    return f"/konten/{next(a.id for a in hall.access.everybody.accounts if a.name == name)}"


def test_account_is_made_with_a_link_shown_once(hall: CityHall, desk: Browser) -> None:
    """The person appears with rights and offices, the link sets a password, and no later page shows it."""
    fields = {"name": "berg", "recht-search": "1", "recht-decide": "1", "amt-bauamt": "1"}
    made = desk.submit("/konten", **fields)
    link = shown_once(made.text)
    assert made.headers["cache-control"] == "no-store"
    page = desk.get("/konten").text
    assert "berg" in page
    assert "ohne Kennwort" in page
    assert "Bauamt" in page
    assert link not in page
    person = hall.stranger()
    assert person.submit(link.removeprefix(SITE), password=PASSWORD, again=PASSWORD).status_code == 303
    assert person.get("/posteingang").status_code == 200
    assert "aktiv" in desk.get("/konten").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "amsel", "recht-search": "1"}, "Diesen Namen gibt es schon."),
        ({"name": "", "recht-search": "1"}, "Bitte die Eingaben prüfen"),
        ({"name": "berg"}, "Bitte die Eingaben prüfen"),
        ({"name": "berg", "recht-fly": "1"}, "Bitte die Eingaben prüfen"),
        ({"name": "berg", "recht-search": "1", "amt-../x": "1"}, "Bitte die Eingaben prüfen"),
        ({"name": "berg", "recht-search": "1", "amt-bauamd": "1"}, "Dieses Amt gibt es nicht."),
        ({"name": "b" * 101, "recht-search": "1"}, "Bitte die Eingaben prüfen"),
    ],
)
def test_wrong_entries_are_told_and_make_nobody(
    hall: CityHall, desk: Browser, fields: dict[str, str], sentence: str
) -> None:
    """The page says what is wrong in German, keeps what was typed, and nobody is added."""
    answer = desk.submit("/konten", **fields)
    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert len(hall.access.everybody.accounts) == 1


def test_rights_and_offices_change_at_once(hall: CityHall, desk: Browser) -> None:
    """What is ticked afterwards is what the person may, without a new sign-in."""
    clerk = hall.clerk("berg", offices=("bauamt",))
    assert clerk.get("/status").status_code == 403
    page = account_of(hall, "berg")
    assert re.search(r'name="amt-bauamt" value="1" checked', desk.get(page).text)
    fields = {"recht-search": "1", "recht-administer": "1", "alle": "1"}
    answer = desk.submit(page, **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/konten")
    assert "Das Konto ist geändert." in desk.get("/konten").text
    assert clerk.get("/status").status_code == 200
    assert clerk.get("/posteingang").status_code == 403
    account = next(a for a in hall.access.everybody.accounts if a.name == "berg")
    assert (account.offices, account.all_offices) == ((), True)


def test_disabled_account_is_signed_out_and_stays_out(hall: CityHall, desk: Browser) -> None:
    """Its sessions end, its link and password do nothing; enabled again, the old session stays over."""
    clerk = hall.clerk("berg")
    page = account_of(hall, "berg")
    reset = shown_once(desk.submit(page, at=f"{page}/einmal-link").text)
    assert hall.stranger().submit(reset.removeprefix(SITE), password=PASSWORD, again=PASSWORD).status_code == 303
    clerk = hall.stranger()
    assert clerk.submit("/anmelden", name="berg", password=PASSWORD).status_code == 303
    link = hall.access.reset_account("berg")
    assert desk.submit(page, **{"recht-search": "1", "gesperrt": "1"}).status_code == 303
    assert clerk.get("/suche").status_code == 303
    assert hall.stranger().get(f"/einmal/{link}").status_code == 404
    assert hall.stranger().submit("/anmelden", name="berg", password=PASSWORD).status_code == 401
    assert "gesperrt" in desk.get("/konten").text
    assert desk.submit(page, **{"recht-search": "1"}).status_code == 303
    assert clerk.get("/suche").status_code == 303


def test_last_administrator_cannot_be_taken_away(hall: CityHall, desk: Browser) -> None:
    """Neither disabled nor without the right, until somebody else may administer."""
    page = account_of(hall, "amsel")
    for fields in ({"recht-search": "1"}, {"recht-administer": "1", "gesperrt": "1"}):
        answer = desk.submit(page, **fields)
        assert answer.status_code == 409
        assert "Das ist das letzte Konto, das verwalten darf." in answer.text
    hall.access.add_account("berg", rights=("administer",))
    assert desk.submit(page, **{"recht-search": "1"}).status_code == 303
    assert desk.get("/konten").status_code == 403


def test_key_is_shown_once_and_works_until_it_is_withdrawn(hall: CityHall, desk: Browser) -> None:
    """A scanner's key delivers; withdrawn after a look at what it is, it is refused at once."""
    made = desk.submit("/schluessel", **{"source": "scanner-1", "recht-search": "1", "alle": "1"})
    token = shown_once(made.text)
    assert token not in desk.get("/schluessel").text
    machine = Browser(hall.app, Authorization=f"Bearer {token}")
    assert machine.get(f"{API}/search").status_code == 200
    page = f"/schluessel/{token.split('_')[1]}"
    assert "scanner-1" in desk.get(page).text
    assert desk.submit(page).headers["location"] == "/schluessel"
    listed = desk.get("/schluessel").text
    assert "Der Schlüssel ist zurückgezogen." in listed
    assert machine.get(f"{API}/search").status_code == 401
    assert "Dieser Schlüssel ist zurückgezogen." in desk.get(page).text
    assert desk.submit("/schluessel", **{"source": "Mit Leerzeichen", "recht-search": "1"}).status_code == 422


def test_every_right_has_its_german_word(hall: CityHall, desk: Browser) -> None:
    """Also that of a procedure's key, which the pages show but do not make: it needs the procedure's name."""
    assert set(account_pages.RIGHTS) == set(get_args(Right))
    hall.key("administer").ask("PUT", f"{API}/procedures/bauverfahren", json={})
    key = hall.access.add_procedure_key("fachverfahren", "bauverfahren").split("_")[1]
    for path in ("/schluessel", f"/schluessel/{key}"):
        page = desk.get(path).text
        assert "für ein Fachverfahren sprechen" in page
        assert not re.search(r"\bprocedure\b", page)


def test_only_administrators_with_a_form_of_ours(hall: CityHall, desk: Browser) -> None:
    """A clerk is 403 on every page and act, a form without its word is 403, what does not exist 404."""
    clerk = hall.clerk("berg")
    page = account_of(hall, "amsel")
    for path in ("/konten", page, "/schluessel", "/schluessel/k-1"):
        assert clerk.get(path).status_code == 403
        assert clerk.post(path, data={}).status_code == 403
        assert desk.post(path, data={"name": "x", "recht-search": "1"}).status_code == 403
    assert clerk.post(f"{page}/einmal-link", data={}).status_code == 403
    for path in ("/konten/a-0", "/schluessel/k-0"):
        assert desk.get(path).status_code == 404
    assert len(hall.access.everybody.accounts) == 2


def test_names_are_shown_as_text(hall: CityHall, desk: Browser) -> None:
    """A name cannot become markup on any of the pages."""
    made = desk.submit("/konten", **{"name": f"berg {ATTACK}", "recht-search": "1"})
    pages = [made.text, desk.get("/konten").text, desk.get(account_of(hall, f"berg {ATTACK}")).text]
    assert all("<script" not in page for page in pages)
    assert all(ATTACK in unescape(page) for page in pages)


def test_the_same_act_over_http(hall: CityHall) -> None:
    """What is named changes, the rest stays; unknown names are 404, an empty list of rights is 400."""
    hall.clerk("berg", offices=("bauamt",))
    administrator = hall.key("administer")
    path = f"{API}/accounts/changes"
    told = administrator.post(path, json={"name": "berg", "disabled": True}).json()
    assert (told["disabled"], told["offices"], told["rights"]) == (True, ["bauamt"], ["search", "decide"])
    told = administrator.post(path, json={"name": "berg", "disabled": False, "offices": ["kasse"]}).json()
    assert (told["disabled"], told["offices"]) == (False, ["kasse"])
    assert administrator.post(path, json={"name": "wer"}).status_code == 404
    assert administrator.post(path, json={"name": "berg", "rights": []}).status_code == 400
    assert hall.key("search").post(path, json={"name": "berg"}).status_code == 403
