"""What a procedure rejects or does not answer comes before a clerk, and stays in its file meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from services.core.messages import topics
from services.core.messages.events import ProcedureReminded
from services.core.messages.procedures import Procedure
from services.procedures.delivering.answering import look_after
from services.procedures.registering.registration import register
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.surroundings import Shifted
from tests.component.test_procedures import decide, filed, inbox, say, speaker

NAME, OTHER = "bauverfahren", "denkmalverfahren"
DAYS = 7


@pytest.fixture
def ours(hall: CityHall) -> Browser:
    """A procedure that is given what is filed below 52 and answers within a week."""
    register(Procedure(name=NAME, positions=("52",), answer_days=DAYS), hall.contexts["procedures"])
    return speaker(hall, NAME)


def standing(hall: CityHall, document: str) -> dict[str, Any]:
    """What the record says."""
    told: dict[str, Any] = hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()
    return told


def waiting(hall: CityHall) -> dict[str, str]:
    """The documents before the clerks of the building office, each with the reason."""
    items = hall.key("search", offices=("bauamt",)).get(f"{API}/clearing").json()["items"]
    return {item["document"]: item["reason"] for item in items}


def kinds(client: Browser) -> list[str]:
    """What its inbox tells, without the first and last word of each."""
    return [event["type"].removeprefix("poststelle.").removesuffix(".v1") for event in inbox(client)]


def delivery_of(client: Browser, document: str) -> str:
    """The first delivery of a document."""
    own = next(name for name in (NAME, OTHER) if client.ask("GET", f"{API}/procedures/{name}/inbox").status_code == 200)
    return next(str(e["data"]["delivery"]) for e in inbox(client, own) if e["data"].get("document") == document)


def test_a_rejection_comes_before_a_clerk_with_its_reason(hall: CityHall, ours: Browser) -> None:
    """It waits with the office of its place, says who rejected it and why, and its file still has it."""
    document = filed(hall, "52.10")
    file = standing(hall, document)["filings"][0]["file"]
    for _ in range(2):
        answer = say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="wrong_district")
        assert answer.status_code == 202
    assert waiting(hall) == {document: "rejected"}
    told = standing(hall, document)
    assert (told["state"], told["reason"]["code"], told["office"]) == ("held", "rejected", "bauamt")
    assert [filing["file"] for filing in told["filings"]] == [file]
    history = hall.key("search", all_offices=True).get(f"{API}/documents/{document}/history").json()["items"]
    (back,) = (stop for stop in history if stop["actor"] == NAME)
    assert (back["stage"], back["code"], back["reference"]) == ("decided", "reopen", "wrong_district")
    page = hall.clerk(offices=("bauamt",)).get(f"/posteingang/{document}").text
    assert "Das Fachverfahren hat es abgelehnt" in page


def test_a_second_procedure_that_rejects_it_is_heard_too(hall: CityHall, ours: Browser) -> None:
    """While it waits for a clerk: both reasons stand in the history and on the page, and it leaves the file once."""
    register(Procedure(name=OTHER, positions=("52.10",)), hall.contexts["procedures"])
    theirs = speaker(hall, OTHER)
    document = filed(hall, "52.10")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="wrong_district")
    for _ in range(2):
        delivery = delivery_of(theirs, document)
        answer = say(theirs, "procedure.rejected", OTHER, delivery=delivery, reason_code="not_ours")
        assert answer.status_code == 202
    assert waiting(hall) == {document: "rejected"}
    told = standing(hall, document)
    assert (told["state"], told["office"], len(told["filings"])) == ("held", "bauamt", 1)
    history = hall.key("search", all_offices=True).get(f"{API}/documents/{document}/history").json()["items"]
    said = [(stop["actor"], stop["reference"]) for stop in history if stop["code"] == "reopen"]
    assert said == [(NAME, "wrong_district"), (OTHER, "not_ours")]
    page = hall.clerk(offices=("bauamt",)).get(f"/posteingang/{document}").text
    for name, code in said:
        assert f"{name}: Das Fachverfahren hat es abgelehnt ({code})" in page
    decide(hall, document, action="file", position="20.1")
    assert places(hall, document) == ["20.1"]
    assert "abgelehnt (" not in hall.clerk("wald", all_offices=True).get(f"/posteingang/{document}").text


def test_a_second_rejection_leaves_it_with_whom_it_was_assigned_to(hall: CityHall, ours: Browser) -> None:
    """A person said so after the first one."""
    register(Procedure(name=OTHER, positions=("52.10",)), hall.contexts["procedures"])
    theirs = speaker(hall, OTHER)
    document = filed(hall, "52.10")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="wrong_district")
    decide(hall, document, action="assign", office="kasse")
    say(theirs, "procedure.rejected", OTHER, delivery=delivery_of(theirs, document), reason_code="not_ours")
    assert (standing(hall, document)["state"], standing(hall, document)["office"]) == ("held", "kasse")


def test_a_clerk_ends_it(hall: CityHall, ours: Browser) -> None:
    """Filed by a person it waits no more; the rejected delivery does not bring it back."""
    document = filed(hall, "52.10")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
    decide(hall, document, action="move", position="20.1")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
    told = standing(hall, document)
    assert (told["state"], [filing["position"] for filing in told["filings"]]) == ("filed", ["20.1"])


def places(hall: CityHall, document: str) -> list[str]:
    """The positions where it is filed now."""
    return [filing["position"] for filing in standing(hall, document)["filings"]]


def holds(hall: CityHall, file: str) -> list[str]:
    """The documents that the register of a file names as lying in it."""
    entries = hall.key("search", all_offices=True).get(f"{API}/files/{file}").json()["items"]
    return [entry["document"] for entry in entries if entry["state"] == "filed"]


def test_filed_elsewhere_it_leaves_the_file_that_rejected_it(hall: CityHall, ours: Browser) -> None:
    """To file is to add, but not beside what was given back: also where it went to another office before."""
    for number, assigned in enumerate((False, True)):
        document = filed(hall, "52.10", f"Antrag {number}")
        old = standing(hall, document)["filings"][0]["file"]
        say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
        if assigned:
            decide(hall, document, action="assign", office="kasse")
            assert places(hall, document) == ["52.10"]
        decide(hall, document, action="file", position="20.1")
        assert places(hall, document) == ["20.1"]
        assert document not in holds(hall, old)
        decide(hall, document, action="file", position="52.10")
        assert places(hall, document) == ["20.1", "52.10"]


def test_filed_elsewhere_at_the_desk_it_leaves_the_file_too(hall: CityHall, ours: Browser) -> None:
    """As a clerk does it, by the form of the page."""
    document = filed(hall, "52.10")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
    other = standing(hall, filed(hall, "20.1", "Gebühr"))["filings"][0]["file"]
    clerk, version = hall.clerk(all_offices=True), str(standing(hall, document)["version"])
    assert clerk.submit(f"/posteingang/{document}", action="file", file=other, version=version).status_code == 303
    assert places(hall, document) == ["20.1"]


def test_filed_there_again_it_stays(hall: CityHall, ours: Browser) -> None:
    """The clerk insists: the entry is the one that it had, and the procedure is given it once more."""
    document = filed(hall, "52.10")
    before = standing(hall, document)["filings"][0]
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
    decide(hall, document, action="file", file=before["file"])
    (after,) = standing(hall, document)["filings"]
    assert (after["file"], after["entry"]) == (before["file"], before["entry"])
    assert kinds(ours) == ["procedure.delivered", "procedure.delivered"]


def test_of_several_files_only_the_one_that_rejected_it_is_left(hall: CityHall, ours: Browser) -> None:
    """What nobody gave back stays where it is."""
    document = filed(hall, "52.10")
    old = standing(hall, document)["filings"][0]["file"]
    decide(hall, document, action="file", position="20.1")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
    assert places(hall, document) == ["52.10", "20.1"]
    decide(hall, document, action="file", position="52.10")
    assert places(hall, document) == ["20.1", "52.10"]
    assert len({filing["file"] for filing in standing(hall, document)["filings"]}) == 2
    assert document not in holds(hall, old)


def test_a_rejection_of_what_was_moved_on_changes_nothing(hall: CityHall, ours: Browser) -> None:
    """The clerk was faster."""
    document = filed(hall, "52.10")
    decide(hall, document, action="move", position="20.1")
    say(ours, "procedure.rejected", delivery=delivery_of(ours, document), reason_code="not_ours")
    assert standing(hall, document)["state"] == "filed"


def test_no_answer_is_reminded_of_and_then_a_clerk_has_it(hall: CityHall, ours: Browser, clock: Shifted) -> None:
    """After a week the reminder, once, on both ways; after another one the clerks' list, once."""
    context, document = hall.contexts["procedures"], filed(hall, "52.10")
    look_after(context)
    assert kinds(ours) == ["procedure.delivered"]
    clock.ahead += timedelta(days=DAYS, minutes=1)
    for _ in range(2):
        look_after(context)
    assert kinds(ours) == ["procedure.delivered", "procedure.reminded"]
    (reminder,) = (event for event in hall.log.published if isinstance(event.facts, ProcedureReminded))
    assert (reminder.topic, reminder.subject) == (topics.inbox_of(NAME), delivery_of(ours, document))
    assert inbox(ours)[1]["id"] == reminder.id
    assert waiting(hall) == {}
    clock.ahead += timedelta(days=DAYS, minutes=1)
    for _ in range(2):
        look_after(context)
    assert waiting(hall) == {document: "unanswered"}
    assert kinds(ours) == ["procedure.delivered", "procedure.reminded"]
    decide(hall, document, action="move", position="20.1")
    look_after(context)
    assert waiting(hall) == {}


def test_what_was_answered_or_moved_on_is_not_reminded_of(hall: CityHall, ours: Browser, clock: Shifted) -> None:
    """Nor is a procedure that need not answer, or one that is paused."""
    context = hall.contexts["procedures"]
    answered, moved, _ = (filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites", "Drittes"))
    assert say(ours, "procedure.acknowledged", delivery=delivery_of(ours, answered)).status_code == 202
    decide(hall, moved, action="move", position="20.1")
    clock.ahead += timedelta(days=2 * DAYS)
    admin = hall.key("administer")
    admin.ask("POST", f"{API}/procedures/{NAME}/pause")
    look_after(context)
    admin.ask("POST", f"{API}/procedures/{NAME}/resume")
    register(Procedure(name=NAME, positions=("52",)), context)
    look_after(context)
    assert "procedure.reminded" not in kinds(ours)
    register(Procedure(name=NAME, positions=("52",), answer_days=DAYS), context)
    look_after(context)
    assert kinds(ours).count("procedure.reminded") == 1
