"""Vorgänge: numbered by the register of their file, named where the plan asks for them, left by a move."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from services.core.errors import Rejected
from services.core.messages.events import DocumentFiled
from services.core.model.record_files import MailHead
from services.core.plan import file_plan
from tests.component.clerks import Clerk
from tests.component.registry_office import PLAN, RegistryOffice

FILE = "52.10.02/1-2026"


def clerk(cases: str = "optional", *, position: str = "52.10.02") -> Clerk:
    """A desk under a plan that divides the files of a position."""
    made = Clerk()
    divide(made.office, cases, position)
    return made


def divide(office: RegistryOffice, cases: str, position: str = "52.10.02") -> None:
    """Put a plan in force that says so."""
    plan = json.loads(PLAN.read_bytes())
    (place,) = (one for one in plan["positions"] if one["code"] == position)
    place["cases"] = cases
    plan["version"] = f"2026.1-{cases}"
    office.configuration.force("plan", file_plan.decode(json.dumps(plan).encode()))


def filed(desk: Clerk, document: str) -> list[tuple[str | None, int | None, int | None]]:
    """Where it stands: file, Vorgang, entry."""
    return [(one.file, one.case, one.entry) for one in desk.office.standing(document).filings]


def put(desk: Clerk, *, document: str = "", action: str = "file", **place: Any) -> str:
    """A document that a clerk decided about, and the registrar entered."""
    document = document or desk.office.held()
    answer = desk.decide(document, {"action": action, **place})
    assert answer.status_code == 202, answer.text
    desk.run()
    return document


def test_numbers_of_a_file_come_of_its_entries() -> None:
    """The first of a new file, the next ones, entries without and in one that exists; the event tells the number."""
    desk = clerk()
    first = put(desk, position="52.10.02", case="new")
    put(desk, file=FILE)
    third = put(desk, file=FILE, case="new")
    fourth = put(desk, file=f"{FILE}#1")
    assert filed(desk, first) == [(FILE, 1, 1)]
    assert filed(desk, third) == [(FILE, 2, 3)]
    assert filed(desk, fourth) == [(FILE, 1, 4)]
    assert [(e.case, e.cases) for e in desk.office.registers()[FILE]] == [(1, 1), (None, 1), (2, 2), (1, 2)]
    told = desk.office.work(desk.office.decide(desk.office.held(), "file", file=FILE, case="new"))
    assert [one.facts.case for one in told if isinstance(one.facts, DocumentFiled)] == [3]
    lines = desk.get(f"/files/{FILE}").json()["items"]
    assert [line["case"] for line in lines] == [1, None, 2, 1, 3]


@pytest.mark.parametrize(
    ("cases", "body", "code"),
    [
        ("none", {"file": FILE, "case": "new"}, "no_cases_here"),
        ("none", {"position": "52.10.02", "case": "new"}, "no_cases_here"),
        ("optional", {"file": FILE, "case": 2}, "unknown_case"),
        ("optional", {"file": f"{FILE}#2"}, "unknown_case"),
        ("optional", {"position": "52.10.02", "case": 1}, "unknown_case"),
        ("optional", {"file": f"{FILE}#1", "case": "new"}, "bad_request"),
        ("optional", {"file": f"{FILE}#1", "case": 2}, "bad_request"),
        ("required", {"file": FILE}, "case_required"),
        ("required", {"position": "52.10.02"}, "case_required"),
        ("optional", {"file": FILE, "case": 0}, "bad_request"),
        ("optional", {"file": FILE, "case": "neu"}, "bad_request"),
        ("optional", {"file": FILE, "case": True}, "bad_request"),
        ("optional", {"file": FILE, "case": 10**30}, "bad_request"),
    ],
)
def test_what_cannot_be_had_is_refused(cases: str, body: dict[str, Any], code: str) -> None:
    """Nothing is stored, and the reason is typed."""
    desk = clerk()
    put(desk, position="52.10.02", case="new")
    divide(desk.office, cases)
    document = desk.office.held()
    assert desk.decide(document, {"action": "file", **body}).json()["code"] == code
    assert desk.office.record(document).decisions == ()


def test_one_that_exists_stays_fillable_when_the_plan_asks_for_none() -> None:
    """The plan says what may be opened; what is there is there."""
    desk = clerk()
    put(desk, position="52.10.02", case="new")
    divide(desk.office, "none")
    assert filed(desk, put(desk, file=FILE, case=1)) == [(FILE, 1, 2)]


def test_move_to_another_one_of_the_same_file_makes_an_entry_anew() -> None:
    """At most one entry stands; who comes back takes up the entry of before, and what is so already is refused."""
    desk = clerk()
    document = put(desk, position="52.10.02", case="new")
    put(desk, document=document, action="move", file=FILE, case="new")
    assert filed(desk, document) == [(FILE, 2, 2)]
    assert desk.decide(document, {"action": "move", "file": f"{FILE}#2"}).json()["code"] == "already_decided"
    assert desk.decide(document, {"action": "file", "file": FILE, "case": 2}).json()["code"] == "already_decided"
    put(desk, document=document, action="file", file=FILE, case=1)
    assert filed(desk, document) == [(FILE, 1, 1)]
    put(desk, document=document, action="move", file=FILE)
    assert filed(desk, document) == [(FILE, None, 3)]
    assert [(e.case, e.cases) for e in desk.office.registers()[FILE]] == [(1, 1), (2, 2), (None, 2)]


def test_a_lost_answer_is_repeated() -> None:
    """The same wish on the same version is answered with the decision that stands."""
    desk = clerk()
    document = desk.office.held()
    seen = desk.office.record(document).version
    body = {"action": "file", "position": "52.10.02", "case": "new"}
    first, second = (desk.decide(document, body, seen=seen).json() for _ in range(2))
    assert first == second
    assert desk.decide(document, body | {"case": None}, seen=seen).status_code == 202
    desk.run()
    assert filed(desk, document) == [(FILE, 1, 1)]


@pytest.mark.parametrize(
    ("cases", "text", "ending"),
    [
        ("optional", f"Ihr Zeichen: {FILE}#2", ("filed", 2)),
        ("optional", f"Ihr Zeichen: {FILE} # 2, nicht {FILE}", ("filed", 2)),
        ("optional", f"Ihr Zeichen: {FILE}", ("filed", None)),
        ("optional", f"Ihr Zeichen: {FILE}#3", ("held", "no_case")),
        ("optional", f"Ihr Zeichen: {FILE}#1 und {FILE}#2", ("held", "no_case")),
        ("required", f"Ihr Zeichen: {FILE}", ("held", "no_case")),
        ("required", f"Ihr Zeichen: {FILE}#1", ("filed", 1)),
        ("none", f"Ihr Zeichen: {FILE}#1", ("filed", 1)),
        ("none", f"Ihr Zeichen: {FILE}", ("filed", None)),
    ],
)
def test_letter_that_quotes_the_sign_goes_there(cases: str, text: str, ending: tuple[str, Any]) -> None:
    """Into the one that it names and that exists; where that is not certain, before a clerk with the reason."""
    desk = clerk()
    put(desk, position="52.10.02", case="new")
    put(desk, file=FILE, case="new")
    divide(desk.office, cases)
    event = desk.office.read(text)
    desk.office.work(event)
    now = desk.office.standing(event.document)
    assert (now.state, now.filings[0].case if now.filings else now.reason) == ending
    judged = desk.office.record(event.document).classification
    assert judged is not None
    assert judged.file == FILE  # what is held for its Vorgang is offered with its file


def test_sign_behind_the_number_of_a_file_without_any_means_something_else() -> None:
    """Where nobody knows Vorgänge, the letter goes where it went before there were any."""
    desk = clerk("none")
    put(desk, position="52.10.02")
    event = desk.office.read(f"Ihr Zeichen: {FILE}#7")
    desk.office.work(event)
    assert filed(desk, event.document) == [(FILE, None, 2)]


def test_reply_goes_where_the_mail_lies_that_it_answers() -> None:
    """Into the Vorgang of the thread."""
    desk = clerk("required")
    asked = desk.office.read("Eine Frage.", mail=MailHead(subject="Frage", message_id="<frage@example.org>"))
    desk.office.work(asked)
    put(desk, document=asked.document, position="52.10.02", case="new")
    head = MailHead(subject="AW: Frage", message_id="<antwort@example.org>", in_reply_to=("<frage@example.org>",))
    answer = desk.office.read("Eine Antwort.", mail=head)
    desk.office.work(answer)
    assert filed(desk, answer.document) == [(FILE, 1, 2)]


def test_files_of_a_collecting_position_have_none() -> None:
    """Whatever else its plan says."""
    desk = clerk("required", position="52.10.02")
    plan = desk.office.contexts["filing"].plan
    places = (replace(one, filing="collective") if one.cases != "none" else one for one in plan.positions)
    desk.office.configuration.force("plan", replace(plan, version="2", positions=tuple(places)))
    assert filed(desk, put(desk, position="52.10.02")) == [(FILE, None, 1)]
    new = {"action": "file", "file": FILE, "case": "new"}
    assert desk.decide(desk.office.held(), new).json()["code"] == "no_cases_here"


def test_registrar_asks_the_plan_too() -> None:
    """What was decided under the plan in force and lacks its Vorgang is not entered; under an older plan it is."""
    desk = clerk("required")
    for version, place in (("2026.1-required", {"position": "52.10.02"}), ("2026.0", {"position": "52.10.02"})):
        decided = desk.office.decide(desk.office.held(), "file", plan_version=version, **place)
        (requested,) = desk.office.handle(decided)
        if version == "2026.0":
            desk.office.handle(requested)
            continue
        with pytest.raises(Rejected, match="case_required"):
            desk.office.handle(requested)
        assert desk.office.registers() == {}
    assert [len(entries) for entries in desk.office.registers().values()] == [1]
