"""Who may see a document by the level of its places, through filing, reopening, handing on and new plans."""

from datetime import UTC, datetime

import msgspec
import pytest

from services.core.model.record import Record
from services.core.model.record_files import Decision, Filing
from services.core.plan.file_plan import EMPTY, FilePlan, PlanPosition
from services.core.plan.plan_changes import elsewhere
from services.core.ports.entries import Viewer
from services.core.protocol.audience import audience_of, is_visible
from services.core.vocabulary import Action, Protection
from tests.unit.contexts import receipt
from tests.unit.runtime.loop import document

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
PLAN = FilePlan(
    name="Stadt",
    version="1",
    offices={"bauamt": "Bauamt", "jugendamt": "Jugendamt"},
    positions=(
        PlanPosition(code="51", title="Kindeswohl", office="jugendamt", protection=3),
        PlanPosition(code="52", title="Bauanträge", office="bauamt"),
    ),
)


def filing(position: str, number: int = 1) -> Filing:
    """A letter was entered at a position."""
    return Filing(
        cause=f"e{number}",
        made_at=NOW,
        decision=f"c{number}",
        by="clerk",
        outcome="filed",
        file=f"{position}/{number}-2026",
        entry=1,
        position=position,
        office="jugendamt",
    )


def decision(action: Action, number: int, *keeps: str, position: str | None = None) -> Decision:
    """What a clerk decided."""
    return Decision(
        decision=f"c{number}",
        decided_at=NOW,
        base_revision=1,
        action=action,
        position=position,
        retained_filings=keeps,
        actor="a-berg",
    )


def a_record(*decisions: Decision, filings: tuple[Filing, ...] = ()) -> Record:
    """A letter with its decisions and filings."""
    return Record(tenant="main", document=document(1), receipts=(receipt(1),), decisions=decisions, filings=filings)


def level(found: Record, plan: FilePlan = PLAN) -> int:
    """The level that somebody needs."""
    return audience_of(found, plan).protection


def test_a_letter_has_the_highest_level_of_its_places() -> None:
    """In one file that of its position, in two the higher one; unfiled it has the lowest."""
    in_both = a_record(decision("file", 1), decision("file", 2, "c1"), filings=(filing("51"), filing("52", 2)))
    assert level(in_both) == 3
    assert level(a_record(decision("file", 2), filings=(filing("52", 2),))) == 1
    assert level(a_record()) == 1


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (decision("reopen", 2), 3),
        (decision("no_record", 2), 3),
        (decision("move", 2, position="52"), 3),
        (decision("assign", 2), 1),
    ],
)
def test_a_level_stays_until_a_letter_has_another_place_or_is_handed_on(last: Decision, expected: int) -> None:
    """Reopened, set aside or on its way to another file it is as protected as it was; assigned it is not."""
    assert level(a_record(decision("file", 1), last, filings=(filing("51"),))) == expected


def test_a_place_that_the_plan_dropped_has_the_highest_level() -> None:
    """Nobody can tell any more how protected it was; renumbered it has the level of its successor."""
    found = a_record(decision("file", 1), filings=(filing("52"),))
    assert level(found, EMPTY) == 3
    renumbered = msgspec.structs.replace(
        PLAN, positions=(PlanPosition(code="60", title="Bauen", office="bauamt", protection=2, replaces=("52",)),)
    )
    assert level(found, renumbered) == 2
    shared = (
        PlanPosition(code="61", title="Bauen", replaces=("52",)),
        PlanPosition(code="62", title="Gutachten", protection=3, replaces=("52",)),
    )
    assert level(found, msgspec.structs.replace(PLAN, positions=shared)) == 3


def test_the_index_follows_a_level_of_a_new_plan() -> None:
    """A position whose level changed counts among those whose files other people see."""
    raised = tuple(msgspec.structs.replace(one, protection=3) for one in PLAN.positions)
    assert elsewhere(PLAN, PLAN) == []
    assert elsewhere(PLAN, msgspec.structs.replace(PLAN, positions=raised)) == ["52"]


def test_office_and_level_are_needed_both() -> None:
    """A member without the level, and somebody with the level of another office, see nothing."""
    found = a_record(decision("file", 1), filings=(filing("51"),))
    cases: tuple[tuple[str, Protection, bool], ...] = (
        ("jugendamt", 3, True),
        ("jugendamt", 2, False),
        ("bauamt", 3, False),
    )
    for office, protection, expected in cases:
        viewer = Viewer(account="a-x", tenant="main", offices=frozenset({office}), protection=protection)
        assert is_visible(found, viewer, PLAN) is expected
    everybody = Viewer(account="a-x", tenant="main", all_offices=True, protection=2)
    assert not is_visible(found, everybody, PLAN)
