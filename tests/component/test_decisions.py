"""The clerk's routes: decisions with their refusals, the repair of untold ones, registers and the plan."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.messages.events import FilingDecided
from services.filing.decisions import repair
from tests.component.clerks import Clerk
from tests.component.registry_office import PLAN


@pytest.fixture
def desk() -> Clerk:
    """A desk with an empty registry."""
    return Clerk()


@pytest.fixture(scope="module")
def quiet() -> Clerk:
    """One for all refusals: they leave nothing behind."""
    return Clerk()


def test_decision_is_stored_told_and_carried_out(desk: Clerk) -> None:
    """202 tells the decision and the version with it; the document then stands in its new file."""
    document = desk.office.held()
    before = desk.office.record(document).version
    answer = desk.decide(document, {"action": "file", "position": "52.10.02"})
    assert answer.status_code == 202
    assert answer.json()["version"] == before + 1 == desk.office.record(document).version
    assert answer.headers["etag"] == f'"{before + 1}"'
    told = desk.office.log.events[-1].facts
    assert isinstance(told, FilingDecided)
    assert (told.decision, told.base_revision) == (answer.json()["decision"], before)
    desk.run()
    assert desk.office.files(document) == ["52.10.02/1-2026"]


def test_mail_with_the_number_of_a_new_file_follows_by_itself(desk: Clerk) -> None:
    """After a clerk opened a file, the next letter that names it goes there without one."""
    desk.decide(desk.office.held(), {"action": "file", "position": "52.10.02"})
    desk.run()
    event = desk.office.read("Ihr Zeichen: 52.10.02/1-2026")
    desk.office.work(event)
    assert desk.office.files(event.document) == ["52.10.02/1-2026"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"action": "file", "position": "99"}, 422, "unknown_position"),
        ({"action": "file", "position": "52.10.04"}, 422, "closed_position"),
        ({"action": "file", "position": "52.10"}, 422, "no_files_here"),
        ({"action": "file", "file": "52.10.02/99-2026"}, 422, "unknown_file"),
        ({"action": "move", "file": "../../x"}, 422, "unknown_file"),
        ({"action": "assign", "office": "keins"}, 422, "unknown_office"),
        ({"action": "assign"}, 422, "unknown_office"),
        ({"action": "file", "position": "52.10.02", "part": "7"}, 422, "unknown_part"),
        ({"action": "file", "position": "52.10.02", "part": "x"}, 400, "bad_request"),
        ({"action": "file"}, 400, "bad_request"),
        ({"action": "file", "position": "52.10.02", "file": "52.10.02/1-2026"}, 400, "bad_request"),
        ({"action": "no_record", "position": "52.10.02"}, 400, "bad_request"),
        ({"action": "burn"}, 400, "bad_request"),
        ({"action": "no_record", "colour": "red"}, 400, "bad_request"),
        ({"action": "reopen"}, 409, "already_decided"),
        ({"action": "assign", "office": "poststelle"}, 409, "already_decided"),
    ],
)
def test_what_cannot_be_decided_is_refused(quiet: Clerk, body: dict[str, Any], status: int, code: str) -> None:
    """A decision that names nothing there is, or changes nothing, gets its code, and leaves nothing behind."""
    document = quiet.office.held()
    answer = quiet.decide(document, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert quiet.office.record(document).decisions == ()
    assert quiet.pointers() == []
    assert "kein Aktenzeichen" not in answer.text


def test_repeated_decision_is_refused(desk: Clerk) -> None:
    """What stands so already needs no second decision: 409."""
    document = desk.office.held()
    desk.decide(document, {"action": "file", "position": "52.10.02"})
    desk.run()
    again = {"action": "file", "file": "52.10.02 / 1 - 2026"}
    assert desk.decide(document, again).json()["code"] == "already_decided"
    assert desk.decide(document, again | {"action": "move"}).status_code == 409
    assert desk.decide(document, {"action": "no_record"}).status_code == 202
    assert desk.decide(document, {"action": "no_record"}).status_code == 409
    assert desk.decide(document, {"action": "reopen"}).status_code == 202


@pytest.mark.parametrize(
    ("seen", "status", "code"),
    [("", 428, "version_required"), ("*", 428, "version_required"), (1, 412, "stale"), (99, 412, "stale"),
     ('W/"3"', 412, "stale"), ("three", 412, "stale")],
)  # fmt: skip
def test_version_is_required_and_current(quiet: Clerk, seen: int | str, status: int, code: str) -> None:
    """Without If-Match 428; with a version that is not the record's, or none of ours, 412."""
    answer = quiet.decide(quiet.office.held(), {"action": "no_record"}, seen=seen)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_second_clerk_is_stale(desk: Clerk) -> None:
    """Two clerks decide on the same version: one decision is made, the other clerk has to look again."""
    document = desk.office.held()
    version = desk.office.record(document).version
    assert desk.decide(document, {"action": "no_record"}, seen=version).status_code == 202
    assert desk.decide(document, {"action": "file", "position": "52.10.02"}, seen=version).status_code == 412
    assert len(desk.office.record(document).decisions) == 1


def test_a_decision_whose_answer_was_lost_is_not_stale_when_it_is_asked_for_again(desk: Clerk) -> None:
    """The same clerk with the same wish on the same version is told of the decision that stands."""
    document = desk.office.held()
    seen = desk.office.record(document).version
    first = desk.decide(document, {"action": "no_record"}, seen=seen)
    again = desk.decide(document, {"action": "no_record"}, seen=seen)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert len(desk.office.record(document).decisions) == 1


def test_rights(desk: Clerk) -> None:
    """Strangers get 401, readers 403; what one may not see is not found, whether it exists or not."""
    document = desk.office.held()
    body = {"action": "no_record"}
    assert desk.ask("POST", f"/documents/{document}/decisions", json=body).status_code == 401
    assert desk.decide(document, body, by="reader").status_code == 403
    hidden = desk.decide(document, body, by="social")
    missing = desk.decide("d" + "0" * 26, body, seen=1, by="social")
    assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json()) == (404, hidden.json())
    assert desk.decide("d..", body, seen=1).status_code == 404
    assert desk.decide(document, {"action": "assign", "office": "sozialamt"}).status_code == 202
    assert desk.decide(document, body, by="social").status_code == 202


def test_erased_document_is_gone(desk: Clerk) -> None:
    """A decision about an erased document is answered 410 to those who may know of it."""
    document = desk.office.held()
    desk.office.erase(document)
    assert desk.decide(document, {"action": "no_record"}).status_code == 410
    assert desk.decide(document, {"action": "no_record"}, by="social").status_code == 404


def test_decision_counts_while_the_log_is_away(desk: Clerk) -> None:
    """With the log away the decision is stored and answered; the round tells of it once the log is back."""
    document = desk.office.held()
    desk.office.log.away = True
    assert desk.decide(document, {"action": "file", "position": "52.10.02"}).status_code == 202
    assert desk.office.standing(document).state == "filing"
    desk.office.log.away = False
    desk.repair()
    desk.run()
    assert desk.office.files(document) == ["52.10.02/1-2026"]
    desk.repair()
    assert desk.pointers() == []


def test_round_tells_the_same_event_and_only_of_what_lacks_effect(desk: Clerk) -> None:
    """Told twice, a decision has one id and one effect; carried out or superseded, it is told no more."""
    document = desk.office.held()
    desk.decide(document, {"action": "file", "position": "52.10.02"})
    desk.repair()
    assert len({event.id for event in desk.office.log.events}) == 1
    assert len(desk.office.log.events) == 2
    desk.run()
    desk.decide(document, {"action": "no_record"})
    desk.decide(document, {"action": "reopen"}, by="chief")
    desk.run()
    desk.repair()
    assert desk.office.log.events == []
    assert desk.pointers() == []


def test_round_leaves_young_decisions_and_forgets_dead_requests(desk: Clerk) -> None:
    """A pointer without its decision is left for an hour, in which its request may still be under way."""
    document = desk.office.held()
    desk.decide(document, {"action": "no_record"})
    repair(desk.office.contexts["filing"])
    assert len(desk.office.log.events) == 1
    desk.office.blobs.delete(Bucket.RECORDS, keys.stage("main", document, "decision", 1))
    desk.repair()
    assert len(desk.pointers()) == 1
    desk.repair(timedelta(hours=1))
    assert desk.pointers() == []
    assert len(desk.office.log.events) == 1


def test_register_tells_entries_and_where_they_went(desk: Clerk) -> None:
    """The register pages through its entries; one that was moved names the file it went to."""
    office = desk.office
    file, other = office.open_file("31.10.01"), office.open_file("52.10.02")
    events = [office.read(f"Az. {file}") for _ in range(3)]
    office.work(*events)
    office.work(office.decide(events[0].document, "move", file=other))
    first = desk.get("/files/31.10.01/1-2026?limit=2").json()
    assert (first["file"], first["title"], first["office"], first["next"]) == (file, "Wohngeld", "sozialamt", "2")
    second = desk.get("/files/31.10.01/1-2026?limit=2&cursor=2").json()
    items = [*first["items"], *second["items"]]
    assert [item["label"] for item in items] == [f"{file}-00{n}" for n in range(1, 5)]
    assert [item["state"] for item in items] == ["filed", "moved", "filed", "filed"]
    assert items[1]["moved_to"] == [other]
    assert second["next"] == ""


def test_a_repeat_after_a_change_of_plans_says_what_was_said(desk: Clerk) -> None:
    """A decision that is told again asks the registrar under the same id, and by the plan that the clerk had."""
    document = desk.office.held()
    desk.decide(document, {"action": "file", "position": "52.10.02"})
    (told,) = [event for event in desk.office.log.events if event.topic == "filings.decided"]
    (first,) = desk.office.handle(told)
    plan = json.loads(PLAN.read_bytes()) | {"version": "2026.2"}
    assert desk.office.configuration.store("plan", json.dumps(plan).encode(), base=1)
    assert desk.office.contexts["filing"].plan.version == "2026.2"
    (again,) = desk.office.handle(told)
    assert (again.id, again.facts) == (first.id, first.facts)


def test_register_hides_documents_of_others(desk: Clerk) -> None:
    """Who may not see a document reads its number and date; who may see nothing of a file does not find it."""
    office = desk.office
    file = office.open_file("31.10.01")
    mine = desk.get(f"/files/{file}", by="social").json()["items"]
    assert mine[0]["document"]
    other = office.open_file("52.10.02")
    assert desk.get(f"/files/{other}", by="social").status_code == 404
    event = office.read(f"Az. {other}", office="sozialamt")
    office.work(event)
    seen = desk.get(f"/files/{other}", by="social").json()["items"]
    assert [item["document"] for item in seen] == ["", event.document]
    assert set(seen[0]["moved_to"]) == set()
    assert seen[0]["entered_at"]


@pytest.mark.parametrize(
    "path", ["/files/52.10.02/1-2026", "/files/x", "/files/..%2F..%2Fx", "/files/52.10.02/1-2026?cursor=a"]
)
def test_what_is_no_file_is_not_found(quiet: Clerk, path: str) -> None:
    """Missing, malformed and hostile numbers are answered 404, a malformed cursor 400; never a fault."""
    assert quiet.get(path).status_code == (400 if "cursor=a" in path else 404)


def test_plan_is_read_once_and_then_not_modified(desk: Clerk) -> None:
    """The plan comes with a tag, and not again to who has it."""
    first = desk.get("/plan")
    assert first.json()["version"] == "2026.1"
    assert desk.get("/plan", **{"If-None-Match": first.headers["etag"]}).status_code == 304
