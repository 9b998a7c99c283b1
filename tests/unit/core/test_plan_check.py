"""What `plan check` finds in a file plan, and on which line."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.plan import file_plan
from services.core.plan.plan_check import MAX_BYTES, MAX_FAULTS, faults_of, read


def plan_text(*positions: dict[str, Any], **frame: Any) -> str:
    """A plan whose n-th position stands on line n + 1."""
    head = json.dumps({"name": "Plan", "version": "1", "offices": {"bauamt": "Bauamt"}} | frame)[:-1]
    rows = [json.dumps(position, ensure_ascii=False) for position in positions]
    return head + ', "positions": [\n' + ",\n".join(rows) + "\n]}"


def found(text: str) -> list[tuple[int, str]]:
    """Lines and codes of the faults."""
    return [(fault.line, fault.code) for fault in faults_of(text)]


def position(code: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """A sound position, but for what a test changes."""
    return {"code": code, "title": f"Stelle {code}"} | ({"parent": parent} if parent else {}) | more


@pytest.fixture
def ours(project: Path) -> str:
    """The plan that the first start puts in force."""
    return (project / "deploy/file-plans/musterstadt.json").read_text(encoding="utf-8")


def test_our_plan_is_sound_and_has_three_levels(ours: str) -> None:
    """The shipped plan has no fault, opens files on the third level only, and names an office at every position."""
    assert faults_of(ours) == []
    plan = file_plan.decode(ours.encode())
    assert len(plan.open_leaves) >= 60
    assert {leaf.code.count(".") for leaf in plan.open_leaves} == {2}
    assert set(plan.office_of.values()) <= set(plan.offices)
    assert any(p.closed for p in plan.positions)


def test_stored_plan_keeps_everything(ours: str) -> None:
    """A plan survives being decoded and encoded: nothing of the file is left out."""
    plan = file_plan.decode(ours.encode())
    assert file_plan.decode(msgspec.json.encode(plan)) == plan


TREES = [
    ("doubled_code", 3, [position("1"), position("1")]),
    ("doubled_code", 3, [position("a1"), position("A1")]),
    ("missing_parent", 2, [position("1.1", "1")]),
    ("missing_parent", 3, [position("a"), position("a.1", "A")]),
    ("cycle", 2, [position("1", "1")]),
    ("cycle", 2, [position("1", replaces=["2"]), position("2", replaces=["1"])]),
    ("cycle", 3, [position("1", replaces=["2", "9"]), position("2", replaces=["3"]), position("3", replaces=["2"])]),
    ("names_itself", 2, [position("1", replaces=["1"])]),
    ("names_itself", 2, [position("1", see_also=["1"])]),
    ("reversed_validity", 2, [position("1", valid_from="2027-01-01", valid_until="2026-12-31")]),
    ("wrong_type", 2, [position("1", valid_from="01.01.2027")]),
    ("too_deep", 5, [position("1"), position("2", "1"), position("3", "2"), position("4", "3")]),
    ("unknown_office", 2, [position("1", office="keins")]),
    ("missing_title", 2, [position("1", title="  ")]),
    ("rule_above_files", 2, [position("1", rules=[{"words": ["Bau"]}]), position("2", "1")]),
    ("open_below_closed", 3, [position("1", closed=True), position("2", "1")]),
    ("empty_rule", 2, [position("1", rules=[{"confidence": 0.5}])]),
    ("empty_rule", 2, [position("1", rules=[{"words": ["--"]}])]),
    ("wrong_type", 2, [position("1", closed="ja")]),
    ("wrong_type", 2, [position("1", disposal="burn")]),
    ("wrong_type", 2, [position("../1")]),
    ("wrong_type", 2, [position("1", cases="perhaps")]),
    ("cases_in_collective", 2, [position("1", filing="collective", cases="optional")]),
    ("unknown_field", 2, [position("1", colour="red")]),
    ("missing_field", 2, [{"code": "1"}]),
]


@pytest.mark.parametrize(("code", "line", "positions"), TREES, ids=lambda value: str(value)[:40])
def test_fault_is_found_on_its_line(code: str, line: int, positions: list[dict[str, Any]]) -> None:
    """Each kind of fault is reported once, with the line it stands on."""
    assert found(plan_text(*positions)) == [(line, code)]


def test_every_position_of_a_circle_is_told(ours: str) -> None:
    """Positions that lie below each other in a circle are each reported; what hangs below them is not."""
    circle = plan_text(position("1", "3"), position("2", "1"), position("3", "2"), position("4", "3"))
    assert found(circle) == [(2, "cycle"), (3, "cycle"), (4, "cycle")]


def test_all_faults_come_at_once() -> None:
    """Several faults of one position and of others are told together, in the order of their lines."""
    text = plan_text({"title": 3, "x": 1}, position("2", "9", office="keins"), 7)  # type: ignore[arg-type]  # on purpose
    assert sorted(found(text)) == [
        (2, "missing_field"), (2, "unknown_field"), (2, "wrong_type"),
        (3, "missing_parent"), (3, "unknown_office"), (4, "wrong_type"),
    ]  # fmt: skip


def test_line_of_a_rule_inside_a_position(ours: str) -> None:
    """A fault deep inside a position is shown on its own line, not on the position's."""
    line = next(n for n, row in enumerate(ours.splitlines(), 1) if '"Bauvoranfrage"' in row)
    broken = ours.replace('"words": ["Bauvoranfrage"]', '"words": [7]')
    assert found(broken) == [(line, "wrong_type")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, "not_json")),
        ('{"name":\n\n"a",}', (3, "not_json")),
        ("[" * 200_000, (1, "not_json")),
        ('{"version": ' + "9" * 10_000 + "}", (1, "not_json")),
        ('{"version": NaN}', (1, "not_json")),
        ("[]", (1, "wrong_type")),
        ('{"name": "a", "version": "1",\n"positions": {}}', (2, "wrong_type")),
        ('{"name": "a",\n"version": "1",\n"name": "b"}', (3, "doubled_field")),
        ('{"version": "1",\n"name": "\\ud800"}', (2, "broken_text")),
        (" " * 5_000_001, (1, "too_large")),
    ],
    ids=range(10),
)
def test_what_is_no_plan_at_all(text: str, fault: tuple[int, str]) -> None:
    """Broken, hostile and oversized texts are faults with a line, never an exception."""
    assert found(text) == [fault]


@pytest.mark.parametrize(
    ("frame", "faults"),
    [
        ({"invoices": "1.1", "leitweg_ids": {"14713000-0815-65": "bauamt"}}, []),
        ({"invoices": "1"}, [(1, "no_place_for_invoices")]),
        ({"invoices": "7"}, [(1, "no_place_for_invoices")]),
        ({"leitweg_ids": {"14713000-0815-66": "bauamt"}}, [(1, "wrong_leitweg_id")]),
        ({"leitweg_ids": {"15-1001": "bauamt"}}, [(1, "wrong_type")]),
        ({"leitweg_ids": {"14713000-0815-65": "zoo"}}, [(1, "unknown_office")]),
    ],
)
def test_where_invoices_go(frame: dict[str, Any], faults: list[tuple[int, str]]) -> None:
    """Their place is one for files, our Leitweg-IDs have right check digits, their offices exist."""
    assert found(plan_text(position("1"), position("1.1", "1"), **frame)) == faults


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["code", "title", "parent", "rules", "words", "x"]) | st.text(max_size=3), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(positions=st.lists(JSON, max_size=4), frame=st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_sound_or_faulty_but_never_an_exception(positions: list[Any], frame: dict[str, Any]) -> None:
    """Whatever JSON is given: either there are faults, or the plan can be put in force."""
    text = json.dumps({"name": "Plan", "version": "1"} | frame | {"positions": positions}, indent=1)
    faults = faults_of(text)
    assert all(1 <= fault.line <= text.count("\n") + 1 for fault in faults)
    if not faults:
        file_plan.decode(text.encode())


def test_schema_agrees_with_the_shipped_plan(ours: str, project: Path) -> None:
    """The exported schema accepts our plan and refuses a position with an unknown field."""
    schema = json.loads((project / "schemas/file-plan.v1.json").read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(schema)
    plan = json.loads(ours)
    assert not list(check.iter_errors(plan))
    plan["positions"][0]["colour"] = "red"
    assert list(check.iter_errors(plan))


def test_of_very_many_faults_the_first_are_told() -> None:
    """A file of nothing but faults costs no more than its reading, and its list stays readable."""
    strange: dict[str, Any] = {f"x{n}": 1 for n in range(5_000)}
    for text in (plan_text(position("1", **strange)), plan_text(*[position("1")] * 5_000)):
        assert len(faults_of(text)) == MAX_FAULTS


def test_file_that_is_no_text_has_a_line() -> None:
    """Bytes that are no UTF-8 are a fault on their line; a file beyond all measure is one too."""
    assert [(f.line, f.code) for f in read(b'{"name":\n"\xff"}')[1]] == [(2, "not_utf8")]
    assert [f.code for f in read(b" " * (MAX_BYTES + 1))[1]] == ["too_large"]
    sound = plan_text(position("1"))
    assert read(sound.encode()) == (sound, [])
