"""What a record amounts to where clerks and registrars have written in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Decision, Filing

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OFFICE_OF = {"31.10.01": "sozialamt", "52.10.02": "bauamt"}


def number(n: int) -> str:
    """An id for the n-th decision."""
    return f"00000000-0000-0000-0000-{n:012d}"


def filed(n: int, position: str, *, outcome: str = "filed") -> Filing:
    """What came of the n-th decision: a place in file 1 of a position."""
    return Filing(
        cause=number(n), made_at=NOW + timedelta(n), decision=number(n), by="clerk", outcome=outcome,
        file=f"{position}/1-2026", entry=1, position=position, office=OFFICE_OF[position],
    )  # fmt: skip


def decided(n: int, action: Any, **more: Any) -> Decision:
    """The n-th decision."""
    return Decision(decision=number(n), decided_at=NOW, base_revision=1, action=action, actor="a-clerk", **more)


def a_record(*decisions: Decision, filings: tuple[Filing, ...] = ()) -> Record:
    """A record with these, and nothing else."""
    revisions = {"decision": len(decisions), "filing": len(filings)}
    return Record(tenant="main", document="d", decisions=decisions, filings=filings, revisions=revisions)


def test_claims_do_not_count_as_a_version() -> None:
    """A claim changes nothing that anybody sees: index and clerk keep the version they know."""
    claimed = filed(1, "52.10.02", outcome="claimed")
    assert a_record(filings=(claimed,)).version == a_record().version
    assert a_record(filings=(claimed, filed(1, "52.10.02"))).version == 1


def test_office_that_held_a_document_loses_sight_of_it_when_it_is_filed_elsewhere() -> None:
    """Rights come from the place, not from who had to decide."""
    held = Filing(
        cause=number(1), made_at=NOW, decision=number(1), by="automation", outcome="held", office="bauamt",
        reason="unsure",
    )  # fmt: skip
    moved = a_record(decided(2, "file", position="31.10.01"), filings=(held, filed(2, "31.10.01")))
    assert record.offices_of(moved, OFFICE_OF) == {"sozialamt"}


@pytest.mark.parametrize("by", ["automation", "clerk"])
def test_office_of_a_filed_document_is_that_of_its_place_now(by: Any) -> None:
    """Where another plan gives the place to another office, the one before is out, whoever filed the document."""
    place = msgspec.structs.replace(filed(1, "52.10.02"), by=by)
    decisions = (decided(1, "file", position="52.10.02"),) if by == "clerk" else ()
    there = a_record(*decisions, filings=(place,))
    assert record.offices_of(there, {"52.10.02": "gruenamt"}) == {"gruenamt"}
    assert record.standing(there).in_charge({"52.10.02": "gruenamt"}) == "gruenamt"


def test_document_whose_place_the_plan_no_longer_knows_stays_with_the_office_of_then() -> None:
    """Nothing ever becomes invisible to everybody."""
    there = a_record(filings=(filed(1, "52.10.02"),))
    assert record.offices_of(there, {"31.10.01": "sozialamt"}) == {"bauamt"}
    assert record.standing(there).in_charge({}) == "bauamt"


def test_every_office_with_a_place_of_the_document_sees_it() -> None:
    """Each file counts by its own place; in charge is the office of the newest."""
    filings = (filed(1, "31.10.01"), filed(2, "52.10.02"))
    twice = a_record(decided(1, "file"), decided(2, "file", retained_filings=(number(1),)), filings=filings)
    office_of = {"31.10.01": "jugendamt", "52.10.02": "gruenamt"}
    assert record.offices_of(twice, office_of) == {"jugendamt", "gruenamt"}
    assert record.standing(twice).in_charge(office_of) == "gruenamt"
    assert record.offices_of(twice, {"31.10.01": "jugendamt"}) == {"jugendamt", "bauamt"}


def test_office_that_a_clerk_chose_keeps_the_document_under_every_plan() -> None:
    """An assignment was meant; beside it only the place that the document still has follows the plan."""
    assigned = a_record(
        decided(1, "file"),
        decided(2, "assign", office="bauamt", retained_filings=(number(1),)),
        filings=(filed(1, "31.10.01"),),
    )
    office_of = {"31.10.01": "jugendamt", "52.10.02": "gruenamt"}
    assert record.offices_of(assigned, office_of) == {"bauamt", "jugendamt"}
    assert record.standing(assigned).in_charge(office_of) == "bauamt"


def test_one_file_is_named_once_however_often_it_was_decided() -> None:
    """Two decisions for the same file are one filing."""
    twice = a_record(
        decided(1, "file"),
        decided(2, "file", retained_filings=(number(1),)),
        filings=(filed(1, "52.10.02"), filed(2, "52.10.02")),
    )
    assert [filing.file for filing in record.current_filings(twice)] == ["52.10.02/1-2026"]
    assert record.standing(twice).state == "filed"


def test_decisions_to_come_are_kept_too() -> None:
    """What a newer decision may keep: filings that hold, and those still on their way; nothing after a reopening."""
    pending = a_record(decided(1, "file"))
    assert record.holding_decisions(pending) == (number(1),)
    assert record.holding_decisions(a_record(decided(1, "file"), decided(2, "reopen"))) == ()
    assert record.holding_decisions(a_record(filings=(filed(1, "52.10.02"),))) == (number(1),)


def test_document_set_aside_stays_with_the_office_that_did_it() -> None:
    """Who set a document aside can still find it and bring it back."""
    aside = a_record(decided(1, "assign", office="bauamt"), decided(2, "no_record"))
    assert record.standing(aside).office == "bauamt"


def test_automation_lets_go_only_by_holding_again() -> None:
    """What it filed and holds since waits, and stands in no file; filed once more it is filed, and a clerk outranks."""
    by_itself = msgspec.structs.replace(filed(1, "52.10.02"), by="automation")
    held = Filing(
        cause=number(2), made_at=NOW, decision=number(2), by="automation", outcome="held", office="bauamt",
        reason="unsure",
    )  # fmt: skip
    again = msgspec.structs.replace(filed(3, "52.10.02"), by="automation")
    assert record.standing(a_record(filings=(held, by_itself))).state == "filed"
    let_go = record.standing(a_record(filings=(by_itself, held)))
    assert (let_go.state, let_go.filings, let_go.office) == ("held", (), "bauamt")
    assert record.standing(a_record(filings=(by_itself, held, again))).state == "filed"
    clerk = a_record(decided(4, "file", position="31.10.01"), filings=(by_itself, held, filed(4, "31.10.01")))
    assert record.standing(clerk).filings[-1].position == "31.10.01"
