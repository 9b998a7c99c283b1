"""The file plan in force: read, browsed, compared and replaced while the mail room works."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.adapters.event_log.sqlite import SqliteEventLog
from services.core.messages.topics import COMPACTED
from services.core.plan import plan_check
from services.indexing.rebuilding import rebuild
from services.runtime.context.configuration import Configuration, hear
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail
from tests.unit.runtime.loop import NO_TIME

SHIPPED = Path(__file__).parents[2] / "deploy/file-plans/musterstadt.json"
PATH = f"{API}/plan"


def with_positions(*positions: dict[str, Any], **frame: Any) -> bytes:
    """The hall's plan with other positions, written as people do."""
    return json.dumps(PLAN | {"positions": list(positions)} | frame, indent=1).encode()


def altered(code: str, /, **fields: Any) -> bytes:
    """The hall's plan with one position altered; without fields, left out."""
    given: Any = PLAN["positions"]
    kept = [one | fields if one["code"] == code else one for one in given if fields or one["code"] != code]
    return with_positions(*kept)


def kinds(answer: Any) -> list[tuple[str, str, str, str]]:
    """The changes as tuples."""
    return [(c["kind"], c["code"], c["old"], c["new"]) for c in answer.json()["changes"]]


@pytest.fixture
def administrator(hall: CityHall) -> Browser:
    """A machine that may administer and search."""
    return hall.key("administer", "search")


def with_a_file(hall: CityHall, position: str) -> str:
    """A document that a clerk filed in a new file at this position."""
    told = hall.deliver(a_mail())
    clerk = hall.clerk("berg", all_offices=True)
    version = clerk.get(f"{API}/documents/{told['document']}").json()["version"]
    path = f"{API}/documents/{told['document']}/decisions"
    wish = {"action": "file", "position": position}
    key = hall.key("decide", all_offices=True)
    assert key.post(path, json=wish, headers={"If-Match": f'"{version}"'}).status_code == 202
    return str(told["document"])


def test_plan_is_read_and_kept(hall: CityHall, administrator: Browser) -> None:
    """200 with a tag, 304 for whoever has it, 404 where no plan is in force."""
    found = administrator.get(PATH)
    assert (found.status_code, found.json()["name"]) == (200, "Musterstadt")
    assert administrator.get(PATH, headers={"If-None-Match": found.headers["etag"]}).status_code == 304
    for context in hall.contexts.values():
        object.__setattr__(context, "configuration", Configuration(hall.ports.blobs, tenant="elsewhere"))
    assert administrator.get(PATH).status_code == 404


def test_whole_plan_of_a_city_is_put_in_force(hall: CityHall, administrator: Browser) -> None:
    """More than 400 positions are taken as they are written, stored once as the next version, and read back."""
    answer = administrator.ask("PUT", PATH, content=SHIPPED.read_bytes())
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert len(administrator.get(PATH).json()["positions"]) > 400
    again = administrator.ask("PUT", PATH, content=SHIPPED.read_bytes()).json()
    assert (again["version"], again["changes"]) == (2, [])
    assert hall.configuration.version("plan") == 2


def test_only_administrators_put_a_plan_in_force(hall: CityHall) -> None:
    """Others are 403 before anything of the plan is looked at."""
    assert hall.key("search", "decide", "deliver").ask("PUT", PATH, content=b"{").status_code == 403
    assert hall.stranger().ask("PUT", PATH, content=b"{", headers={"Accept": "*/*"}).status_code == 401


def test_every_kind_of_change_is_told(administrator: Browser) -> None:
    """Offices, then what goes, then each position's changes in the order of the new plan; a dry run changes nothing."""
    bauamt: dict[str, Any] = {"code": "52", "title": "Bauen", "office": "bauamt", "description": "neu"}
    permits: dict[str, Any] = {"code": "52.10", "title": "Baugenehmigungen", "office": "kasse", "closed": True}
    permits |= {"retention": {"years": 30}, "disposal": "archive", "protection": 2}
    permits |= {"rules": [{"words": ["Bauantrag"]}, {"address": "bau@stadt.example", "confidence": 0.7}]}
    trees = {"code": "56", "title": "Bäume", "office": "gruen"}
    offices = {"bauamt": "Amt für Bauen", "kasse": "Stadtkasse", "gruen": "Grünflächenamt"}
    new = with_positions(bauamt, permits, trees, offices=offices)
    answer = administrator.ask("PUT", f"{PATH}?dry_run=true", content=new)
    assert kinds(answer) == [
        ("office_renamed", "bauamt", "Bauamt", "Amt für Bauen"),
        ("office_added", "gruen", "", "Grünflächenamt"),
        ("office_removed", "poststelle", "Poststelle", ""),
        ("removed", "20", "Finanzen", ""),
        ("removed", "20.1", "Gebühren", ""),
        ("described", "52", "", ""),
        ("renamed", "52", "Bauordnung", "Bauen"),
        ("closed", "52.10", "", ""),
        ("moved", "52.10", "52", "top"),
        ("office", "52.10", "bauamt", "kasse"),
        ("retention", "52.10", "for good", "30 years"),
        ("disposal", "52.10", "appraise", "archive"),
        ("protection", "52.10", "1", "2"),
        ("rules", "52.10", "", "Bauantrag (0.9); bau@stadt.example (0.7)"),
        ("added", "56", "", "Bäume"),
    ]
    assert administrator.get(PATH).json()["version"] == "1"


def test_position_with_files_can_be_closed_but_not_removed(hall: CityHall, administrator: Browser) -> None:
    """The comparison says so, putting it in force is 409 with the position; closed it goes, and the file stays."""
    document = with_a_file(hall, "52.10")
    compared = administrator.ask("PUT", f"{PATH}?dry_run=true", content=altered("52.10"))
    assert (compared.status_code, compared.json()["in_use"]) == (200, ["52.10"])
    refused = administrator.ask("PUT", PATH, content=altered("52.10"))
    assert (refused.status_code, refused.json()["code"], refused.json()["position"]) == (
        409,
        "position_in_use",
        "52.10",
    )
    assert "nur geschlossen" in refused.json()["detail"]
    assert hall.configuration.version("plan") == 1
    assert administrator.ask("PUT", PATH, content=altered("20.1")).status_code == 200
    assert administrator.ask("PUT", PATH, content=altered("52.10", closed=True)).status_code == 200
    clerk = hall.key("search", all_offices=True)
    assert clerk.get(f"{API}/documents/{document}").json()["filings"][0]["position"] == "52.10"


def test_changed_office_of_files_asks_for_a_rebuild(hall: CityHall, administrator: Browser) -> None:
    """The index shows files to the office in charge when it was written: the answer says that it must be rebuilt."""
    new = altered("52.10", office="kasse")
    assert not administrator.ask("PUT", f"{PATH}?dry_run=true", content=new).json()["rebuild"]
    with_a_file(hall, "52.10")
    assert administrator.ask("PUT", PATH, content=new).json()["rebuild"]


@pytest.fixture
def moved(hall: CityHall, administrator: Browser) -> dict[str, Any]:
    """A document that was filed with the building office, whose place went to the cashier's with another plan."""
    path = f"{API}/documents/{with_a_file(hall, '52.10')}"
    before = hall.key("search", offices=("bauamt",)).get(path)
    assert before.json()["office"] == "bauamt"
    assert administrator.ask("PUT", PATH, content=altered("52.10", office="kasse")).status_code == 200
    told: dict[str, Any] = before.json()
    return told


def offices_in_index(hall: CityHall, title: str) -> dict[str, list[list[str]]]:
    """For members of either office: the offices that the index names for what they find."""
    asked = {office: hall.key("search", offices=(office,)) for office in ("bauamt", "kasse")}
    found = {office: key.get(f"{API}/search", params={"q": title}).json() for office, key in asked.items()}
    return {office: [hit["offices"] for hit in answer["items"]] for office, answer in found.items()}


def test_document_and_file_follow_the_office_in_charge_at_once(hall: CityHall, moved: dict[str, Any]) -> None:
    """The office before gets 404 below every path, the new one 200 and its own name as the one in charge."""
    document, file = moved["document"], moved["filings"][0]["file"]
    paths = [f"{API}/documents/{document}{below}" for below in ("", "/history", "/original", "/parts/0/text")]
    paths += [f"{API}/files/{file}", f"/dokumente/{document}", f"/akten/{file}", f"/posteingang/{document}"]
    before, now = hall.clerk("baum", offices=("bauamt",)), hall.clerk("feld", offices=("kasse",))
    assert [before.get(path).status_code for path in paths] == [404] * len(paths)
    assert [now.get(path).status_code for path in paths] == [200] * len(paths)
    told = now.get(f"{API}/documents/{document}").json()
    assert (told["office"], told["filings"][0]["office"]) == ("kasse", "kasse")
    for page in (f"/dokumente/{document}", f"/akten/{file}"):
        assert "<dt>Zuständig</dt><dd>Stadtkasse</dd>" in now.get(page).text


def test_search_follows_the_office_in_charge_with_a_rebuild(hall: CityHall, moved: dict[str, Any]) -> None:
    """The entry names the new office and the one that received the letter, no longer the one before."""
    assert rebuild(hall.contexts["indexing"]) == 1
    assert offices_in_index(hall, moved["title"]) == {"bauamt": [], "kasse": [["kasse", "poststelle"]]}


def test_search_follows_the_office_in_charge_when_the_record_grows(hall: CityHall, moved: dict[str, Any]) -> None:
    """Whatever happens to a document next is reason enough to look whose it is: here the same letter came again."""
    hall.deliver(a_mail())
    assert offices_in_index(hall, moved["title"]) == {"bauamt": [], "kasse": [["kasse", "poststelle"]]}


FAULTS = [
    (altered("52.10", parent="99"), "missing_parent"),
    (altered("52.10", parent="52.10"), "cycle"),
    (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "dtd"),
    (b"Kennzeichen;Bezeichnung;Farbe", "unknown_column"),
    (altered("52.10", code="52", parent="20"), "doubled_code"),
    (altered("52.10", office="gartenamt"), "unknown_office"),
    (altered("52.10", protection="hoch"), "wrong_type"),
    (b"\xff\xfe", "not_utf8"),
    (b"[" * 100_000, "not_json"),
    (b"{}", "missing_field"),
    (b"", "not_json"),
    (b" " * 6_000_000, "too_large"),
]


@pytest.mark.parametrize(("content", "code"), FAULTS, ids=[code for _, code in FAULTS])
def test_faulty_plan_is_refused_with_code_and_line(administrator: Browser, content: bytes, code: str) -> None:
    """422 with the line of the first fault and how many there are; the plan in force stays."""
    answer = administrator.ask("PUT", PATH, content=content)
    told = answer.json()
    assert (answer.status_code, told["code"], told["fault"]) == (422, "plan_faulty", code)
    assert 1 <= told["line"] <= content.count(b"\n") + 1
    assert told["faults"] >= 1
    assert administrator.get(PATH).json()["version"] == "1"


def test_body_beyond_all_measure_is_not_read_to_its_end(administrator: Browser) -> None:
    """More bytes than any plan has are 413."""
    assert administrator.ask("PUT", PATH, content=b" " * (plan_check.MAX_BYTES + 1)).status_code == 413


def test_plan_that_came_between_is_not_overwritten(administrator: Browser) -> None:
    """Whoever compared with an older version is told 412, and nothing changes."""
    base = administrator.ask("PUT", f"{PATH}?dry_run=true", content=SHIPPED.read_bytes()).json()["version"]
    assert administrator.ask("PUT", PATH, content=altered("20.1")).json()["version"] == base + 1
    stale = administrator.ask("PUT", f"{PATH}?base={base}", content=SHIPPED.read_bytes())
    assert (stale.status_code, stale.json()["code"]) == (412, "plan_changed")
    assert administrator.ask("PUT", f"{PATH}?base={base + 1}", content=SHIPPED.read_bytes()).status_code == 200


def test_every_process_hears_of_the_plan(hall: CityHall, administrator: Browser, tmp_path: Path) -> None:
    """Another process over the same store and log works by the new plan as soon as it hears of it."""
    log = SqliteEventLog(tmp_path / "log.sqlite")
    hall.log.publish = log.publish  # type: ignore[method-assign]  # both stand at one log
    configuration, follower = Configuration(hall.ports.blobs, tenant="main"), log.follow(COMPACTED)
    configuration.refresh("plan")
    there = replace(hall.contexts["classification"], configuration=configuration)
    assert administrator.ask("PUT", PATH, content=SHIPPED.read_bytes()).status_code == 200
    assert "54.30.01" not in there.plan.by_code
    while hear(configuration, follower, NO_TIME):
        continue
    assert "54.30.01" in there.plan.by_code
    log.close()


def test_plan_put_in_force_while_the_log_is_away_is_in_force(hall: CityHall, administrator: Browser) -> None:
    """It is stored, and that counts: others find it when they look; the same plan again is the same version, told."""
    hall.log.away = True
    assert administrator.ask("PUT", PATH, content=altered("20.1")).json()["version"] == 2
    other = Configuration(hall.ports.blobs, tenant="main")
    other.look()
    assert other.version("plan") == 2
    hall.log.away, hall.log.prompt = False, False
    assert administrator.ask("PUT", PATH, content=altered("20.1")).json()["version"] == 2
    assert [event.facts.version for event in hall.log.waiting] == [2]  # type: ignore[attr-defined]  # news of the plan
