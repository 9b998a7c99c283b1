"""Version 2 of a plan, with a position split, one closed, one moved, one renumbered: what follows, and what is lost."""

import json
from typing import Any

import pytest

from services.core.model import record
from services.indexing.rebuilding import rebuild
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail

OFFICES = PLAN["offices"]
FORMULA = b"Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung\n1;=A1\n"
FIRST: tuple[dict[str, Any], ...] = (
    {"code": "52", "title": "Bauen", "office": "bauamt"},
    {"code": "52.1", "title": "Genehmigungen", "parent": "52", "office": "bauamt", "rules": [{"words": ["Carport"]}]},
    {"code": "52.2", "title": "Denkmäler", "parent": "52", "office": "bauamt"},
    {"code": "52.3", "title": "Altes Archiv", "parent": "52", "office": "bauamt"},
    {"code": "20", "title": "Geld", "office": "kasse"},
    {"code": "20.1", "title": "Gebühren", "parent": "20", "office": "kasse"},
    {"code": "20.2", "title": "Steuern", "parent": "20", "office": "kasse"},
)
SECOND: tuple[dict[str, Any], ...] = (
    {"code": "52", "title": "Bauen", "office": "bauamt"},
    {"code": "52.1", "title": "Genehmigungen", "parent": "52", "office": "bauamt", "closed": True},
    {"code": "52.11", "title": "Neubau", "parent": "52", "office": "bauamt", "replaces": ["52.1"]},
    {"code": "52.12", "title": "Anbau", "parent": "52", "office": "bauamt", "replaces": ["52.1"]},
    {"code": "52.2", "title": "Denkmäler", "parent": "20", "office": "bauamt"},
    {"code": "52.3", "title": "Altes Archiv", "parent": "52", "office": "bauamt", "closed": True},
    {"code": "20", "title": "Geld", "office": "kasse"},
    {"code": "20.1", "title": "Gebühren", "parent": "20", "office": "kasse", "closed": True},
    {"code": "52.9", "title": "Baugebühren", "parent": "52", "office": "bauamt", "replaces": ["20.1"]},
    {"code": "20.2", "title": "Steuern", "parent": "20", "office": "kasse"},
)


def plan(version: str, positions: tuple[dict[str, Any], ...]) -> bytes:
    """A plan of these positions."""
    return json.dumps({"name": "Stadt", "version": version, "offices": OFFICES, "positions": positions}).encode()


@pytest.fixture
def administrator(hall: CityHall) -> Browser:
    """Puts plans in force and reads no letter."""
    return hall.key("administer", "search")


@pytest.fixture
def letters(hall: CityHall, administrator: Browser) -> dict[str, str]:
    """A letter filed at each position of version 1 and one that waits with a proposal: documents by place."""
    assert administrator.ask("PUT", f"{API}/plan", content=plan("1", FIRST)).status_code == 200
    clerk = hall.key("decide", "search", all_offices=True)
    found = {}
    for position in ("52.1", "52.2", "52.3", "20.1", "20.2"):
        found[position] = str(hall.deliver(a_mail(f"Schreiben zu {position}"))["document"])
        path = f"{API}/documents/{found[position]}"
        wish = {"action": "file", "position": position}
        answer = clerk.post(f"{path}/decisions", json=wish, headers={"If-Match": clerk.get(path).headers["etag"]})
        assert answer.status_code == 202
    found["waiting"] = str(hall.deliver(a_mail("Carport", "Wir bauen einen Carport."))["document"])
    return found


def told(answer: Any) -> dict[str, tuple[str, list[str], str, str]]:
    """By document: what becomes of it, where, and from which office to which."""
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] == ""
    return {m["document"]: (m["outcome"], m["places"], m["office"], m["new_office"]) for m in answer.json()["items"]}


def asked(administrator: Browser, content: bytes, limit: int = 200) -> dict[str, tuple[str, list[str], str, str]]:
    """All pages of the dry run together."""
    found: dict[str, tuple[str, list[str], str, str]] = {}
    cursor, first = "", True
    while cursor or first:
        path = f"{API}/plan/moves"
        answer = administrator.ask("POST", path, content=content, params={"cursor": cursor, "limit": limit}).json()
        for m in answer["items"]:
            assert m["document"] not in found
            found[m["document"]] = (m["outcome"], m["places"], m["office"], m["new_office"])
        cursor, first = answer["next"], False
    return found


@pytest.mark.parametrize("limit", [1, 200])
def test_list_of_differences_is_right(
    hall: CityHall, administrator: Browser, letters: dict[str, str], limit: int
) -> None:
    """Split: a clerk, among both parts; renumbered: moves, to the other office; moved below, closed, kept: nothing."""
    assert asked(administrator, plan("2", SECOND), limit) == {
        letters["52.1"]: ("clerk", ["52.11", "52.12"], "bauamt", "bauamt"),
        letters["20.1"]: ("moves", ["52.9"], "kasse", "bauamt"),
        letters["waiting"]: ("clerk", ["52.11", "52.12"], "bauamt", "bauamt"),
    }
    assert hall.configuration.version("plan") == 2
    assert asked(administrator, plan("1", FIRST)) == {}


def test_waiting_letter_whose_position_closes_needs_a_clerk(administrator: Browser, letters: dict[str, str]) -> None:
    """Nothing follows its proposal, so nobody can say where it goes; what is filed there stays."""
    closed = tuple(p | {"closed": True, "rules": []} if p["code"] == "52.1" else p for p in FIRST)
    assert asked(administrator, plan("2", closed)) == {letters["waiting"]: ("clerk", [], "bauamt", "bauamt")}


def test_nothing_is_lost(hall: CityHall, administrator: Browser, letters: dict[str, str]) -> None:
    """After version 2 every letter is found, read and registered under its number, by whose it is now; none changed."""
    tenant = hall.settings.tenant
    before = {d: record.load(hall.ports.blobs, tenant, d) for d in letters.values()}
    assert administrator.ask("PUT", f"{API}/plan", content=plan("2", SECOND)).status_code == 200
    rebuild(hall.contexts["indexing"])
    assert {d: record.load(hall.ports.blobs, tenant, d) for d in letters.values()} == before
    everybody = hall.key("search", all_offices=True)
    assert everybody.get(f"{API}/search").json()["total"] == len(letters)
    offices = {"52.1": "bauamt", "52.2": "bauamt", "52.3": "bauamt", "20.1": "bauamt", "20.2": "kasse"}
    for position, office in offices.items():
        key = hall.key("search", offices=(office,))
        found = key.get(f"{API}/documents/{letters[position]}").json()
        assert (found["state"], found["office"]) == ("filed", office)
        file = found["filings"][0]["file"]
        assert file.startswith(f"{position}/")
        assert key.get(f"{API}/files/{file}").json()["items"][0]["document"] == letters[position]


def test_clerks_find_what_they_have_to_decide(hall: CityHall, administrator: Browser, letters: dict[str, str]) -> None:
    """After the split the office sees its letters, on the desk too, and no other office does; decided, it is gone."""
    assert administrator.ask("PUT", f"{API}/plan", content=plan("2", SECOND)).status_code == 200
    key = hall.key("decide", "search", offices=("bauamt",))
    mine = told(key.get(f"{API}/plan/moves"))
    assert mine == {letters["52.1"]: ("clerk", ["52.11", "52.12"], "bauamt", "bauamt")}
    assert told(hall.key("decide", "search", offices=("kasse",)).get(f"{API}/plan/moves")) == {}
    page = hall.clerk("berg", offices=("bauamt",)).get("/aktenplan/umstellung").text
    assert f"/posteingang/{letters['52.1']}" in page
    assert "52.11 Neubau" in page
    path = f"{API}/documents/{letters['52.1']}"
    wish = {"action": "move", "position": "52.12"}
    done = key.post(f"{path}/decisions", json=wish, headers={"If-Match": key.get(path).headers["etag"]})
    assert done.status_code == 202
    assert told(key.get(f"{API}/plan/moves")) == {}


def test_letter_filed_where_something_was_split_off_was_meant_so(hall: CityHall, administrator: Browser) -> None:
    """Only those of before the split are asked for, where the position stays open beside its new part."""
    assert administrator.ask("PUT", f"{API}/plan", content=plan("1", FIRST)).status_code == 200
    key = hall.key("decide", "search", all_offices=True)
    found = []
    for version in ("1", "2"):
        path = f"{API}/documents/{hall.deliver(a_mail(f'Steuer {version}'))['document']}"
        wish = {"action": "file", "position": "20.2"}
        done = key.post(f"{path}/decisions", json=wish, headers={"If-Match": key.get(path).headers["etag"]})
        assert done.status_code == 202
        found.append(path.rpartition("/")[2])
        split_off = {"code": "20.3", "title": "Abgaben", "parent": "20", "office": "kasse", "replaces": ["20.2"]}
        assert administrator.ask("PUT", f"{API}/plan", content=plan("2", (*FIRST, split_off))).status_code == 200
    assert told(key.get(f"{API}/plan/moves")) == {found[0]: ("clerk", ["20.2", "20.3"], "kasse", "kasse")}


def test_only_administrators_ask_before(hall: CityHall, administrator: Browser, letters: dict[str, str]) -> None:
    """Others are 403; an administrator who may read no letter is told no title, a faulty plan is told as such."""
    assert hall.key("decide", "search").ask("POST", f"{API}/plan/moves", content=b"{").status_code == 403
    faulty = administrator.ask(
        "POST", f"{API}/plan/moves", content=b"Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung\n1;=A1\n"
    )
    assert (faulty.status_code, faulty.json()["fault"]) == (422, "formula")
    items = administrator.ask("POST", f"{API}/plan/moves", content=plan("2", SECOND)).json()["items"]
    assert {item["title"] for item in items} == {""}
