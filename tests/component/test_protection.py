"""Levels of protection at the doors: accounts, keys, lists, pages, downloads, and what `check` says of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

import msgspec
import pytest

from services.core.model import accounts
from services.core.model.accounts import Scope
from services.runtime.operations.protection_check import protection
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.protected import PLAIN, SECRET, file_of, filed, protected_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """With a protected position."""
    hall = protected_hall(tmp_path)
    yield hall
    hall.close()


def reader(hall: CityHall, **scope: Unpack[Scope]) -> Browser:
    """A key that reads and decides."""
    return hall.key("search", "decide", **scope)


def test_what_is_filed_at_a_protected_position_is_there_for_its_level_alone(hall: CityHall) -> None:
    """Whoever has the office and not the level finds, counts, opens and downloads nothing of it."""
    secret = filed(hall, SECRET, "51")
    scopes: tuple[tuple[Scope, bool], ...] = (
        ({"offices": ("jugendamt",), "protection": 3}, True),
        ({"offices": ("jugendamt",), "protection": 2}, False),
        ({"offices": ("jugendamt",)}, False),
        ({"all_offices": True}, True),
        ({"all_offices": True, "protection": 2}, False),
    )
    for scope, sees in scopes:
        key = reader(hall, **scope)
        found = key.get(f"{API}/search?q={SECRET}&facets=true").json()
        assert (found["total"], bool(found["facets"])) == (int(sees), sees)
        for below in ("", "/original", "/history", "/parts/0/text", "/transfer-notes"):
            assert key.get(f"{API}/documents/{secret}{below}").status_code == (200 if sees else 404), below
        text = key.get(f"{API}/files/{file_of(hall, secret)}").text
        assert (SECRET in text) is sees


def test_a_word_of_a_protected_letter_is_suggested_to_nobody_below(hall: CityHall) -> None:
    """A slip of the pen is answered with the right word only to whom a letter with it is shown."""
    filed(hall, SECRET, "51")
    slip = SECRET.replace("tt", "t")
    asked = f"{API}/search?q={slip}"
    assert SECRET.lower() in reader(hall, all_offices=True).get(asked).text.lower()
    assert SECRET.lower() not in reader(hall, all_offices=True, protection=2).get(asked).text.lower()


def test_a_letter_is_seen_until_it_is_filed_and_no_less_when_it_is_reopened(hall: CityHall) -> None:
    """Whoever clears the post sees what is not filed; taken up again it stays as protected as it was."""
    document = str(hall.deliver(a_mail(f"Meldung {SECRET}", "Text"))["document"])
    clerk, chief = reader(hall, all_offices=True, protection=2), reader(hall, all_offices=True)
    assert clerk.get(f"{API}/documents/{document}").status_code == 200
    decide(clerk, document, action="file", position="51")
    hall.work()
    assert clerk.get(f"{API}/documents/{document}").status_code == 404
    decide(chief, document, action="reopen")
    hall.work()
    assert clerk.get(f"{API}/documents/{document}").status_code == 404
    assert clerk.get(f"{API}/search?q={SECRET}").json()["total"] == 0
    decide(chief, document, action="assign", office="kasse")
    hall.work()
    assert clerk.get(f"{API}/documents/{document}").status_code == 200
    assert clerk.get(f"{API}/search?q={SECRET}").json()["total"] == 1


def decide(browser: Browser, document: str, **wish: str) -> None:
    """A decision on the document as it is."""
    tag = browser.get(f"{API}/documents/{document}").headers["ETag"]
    answer = browser.post(f"{API}/documents/{document}/decisions", json=wish, headers={"If-Match": tag})
    assert answer.status_code == 202, answer.text


def test_a_new_account_sees_the_usual_level_and_one_for_all_offices_each(hall: CityHall) -> None:
    """Nobody is given level 3 by the way, but somebody sees whatever nobody else may."""
    hall.access.add_account("berg", rights=("search",), offices=("jugendamt",))
    hall.access.add_account("post", rights=("search",), all_offices=True)
    hall.access.add_account("feld", rights=("search",), all_offices=True, protection=1)
    levels = {one.name: one.protection for one in hall.access.everybody.accounts}
    assert levels == {"berg": 2, "post": 3, "feld": 1}


def test_an_account_from_before_there_were_levels_sees_what_it_saw_and_is_named(hall: CityHall) -> None:
    """An upgrade locks nobody out and opens nothing; the check says whose level is to be stated, and how."""
    secret = filed(hall, SECRET, "51")
    hall.clerk("post", all_offices=True)
    clerk = hall.clerk("berg", offices=("jugendamt",))
    assert clerk.get(f"/dokumente/{secret}").status_code == 404
    assert protection(hall.contexts["filing"])[0]
    forget_level(hall, "berg")
    assert clerk.get(f"/dokumente/{secret}").status_code == 200
    good, text, todo = protection(hall.contexts["filing"])
    assert (good, text) == (False, "account berg see every level, as before there were levels")
    assert "poststelle account change" in todo
    administrator = hall.key("administer")
    changed = administrator.post(f"{API}/accounts/changes", json={"name": "berg", "protection": 2})
    assert changed.json()["protection"] == 2
    assert clerk.get(f"/dokumente/{secret}").status_code == 404
    assert protection(hall.contexts["filing"])[0]


def forget_level(hall: CityHall, name: str) -> None:
    """The account as an older version wrote it."""
    everybody = hall.access.everybody
    old = next(one for one in everybody.accounts if one.name == name)
    content = accounts.encode(accounts.with_account(everybody, msgspec.structs.replace(old, protection=None)))
    assert b'"protection":null' not in content
    assert hall.configuration.store("accounts", content, base=hall.configuration.version("accounts"))


def test_a_check_names_protected_positions_that_nobody_sees(hall: CityHall) -> None:
    """Letters would be filed there and be seen by nobody any more."""
    hall.clerk("berg", offices=("jugendamt",))
    told = protection(hall.contexts["filing"])
    assert (told[0], told[1]) == (False, "no account sees level 3 of jugendamt")


def test_the_pages_offer_the_level_and_show_it(hall: CityHall) -> None:
    """A level is chosen for an account and a key; what is not chosen is the usual one."""
    desk = hall.clerk("amsel", rights=("search", "decide", "administer"), all_offices=True)
    desk.submit("/konten", name="berg", **{"recht-search": "1", "amt-jugendamt": "1", "stufe": "3"})
    desk.submit("/konten", name="feld", **{"recht-search": "1", "amt-jugendamt": "1", "stufe": ""})
    levels = {one.name: one.protection for one in hall.access.everybody.accounts}
    assert (levels["berg"], levels["feld"]) == (3, 2)
    berg = next(one.id for one in hall.access.everybody.accounts if one.name == "berg")
    page = desk.get(f"/konten/{berg}").text
    assert '<option value="3" selected>' in page
    desk.submit(f"/konten/{berg}", **{"recht-search": "1", "amt-jugendamt": "1", "stufe": "1"})
    assert next(one.protection for one in hall.access.everybody.accounts if one.name == "berg") == 1


def test_the_level_of_a_key_is_changed(hall: CityHall) -> None:
    """At once, without another secret."""
    secret, key = filed(hall, SECRET, "51"), reader(hall, offices=("jugendamt",), protection=3)
    assert key.get(f"{API}/documents/{secret}").status_code == 200
    name = next(one.id for one in hall.access.everybody.keys if one.offices)
    answer = hall.key("administer").post(f"{API}/keys/changes", json={"id": name, "protection": 2})
    assert answer.json()["protection"] == 2
    assert key.get(f"{API}/documents/{secret}").status_code == 404


def test_a_list_that_changes_by_itself_keeps_to_the_level(hall: CityHall) -> None:
    """A protected letter that was taken up again stands in the list of those alone who have its level."""
    document = filed(hall, SECRET, "51")
    filed(hall, PLAIN, "20.1")
    decide(reader(hall, all_offices=True), document, action="reopen")
    hall.work()
    for level, sees in ((3, True), (2, False)):
        clerk = hall.clerk(f"berg{level}", offices=("jugendamt", "kasse", "poststelle"), protection=level)
        for page in ("/posteingang", "/posteingang/neues", f"/posteingang/neues?offen={document}&stand=1"):
            assert (SECRET in clerk.get(page).text) is sees, page


def test_a_procedure_is_given_what_its_level_allows(hall: CityHall) -> None:
    """One that names the protected position gets and reads what is filed there; one of the office does not."""
    administrator = hall.key("administer")
    for name, wanted, level in (
        ("hilfen", {"positions": ["51"]}, 3),
        ("statistik", {"offices": ["jugendamt"]}, 2),
        ("planung", {"positions": ["51"], "protection": 1}, 1),
    ):
        answer = administrator.ask("PUT", f"{API}/procedures/{name}", json=wanted)
        assert (answer.status_code, answer.json()["protection"]) == (201, level)
    document = filed(hall, SECRET, "51")
    for name, gets in (("hilfen", True), ("statistik", False), ("planung", False)):
        token = hall.access.add_procedure_key(name, name)
        key = Browser(hall.app, Authorization=f"Bearer {token}")
        inbox = key.get(f"{API}/procedures/{name}/inbox").json()["items"]
        assert [one["data"]["document"] for one in inbox] == [document] * gets
        assert key.get(f"{API}/documents/{document}/original").status_code == (200 if gets else 404)
    assert administrator.ask("PUT", f"{API}/procedures/hilfen", json={"positions": ["51"], "protection": 2}).is_success
    assert key_reads(hall, "hilfen", document) == 404


def key_reads(hall: CityHall, name: str, document: str) -> int:
    """What a procedure is told that asks for a document which was delivered to it."""
    token = hall.access.add_procedure_key(name, name)
    return Browser(hall.app, Authorization=f"Bearer {token}").get(f"{API}/documents/{document}/original").status_code
