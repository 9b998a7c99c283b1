"""Filing over a store: files and registers, clerk against automation, decisions in any order."""

from datetime import timedelta
from itertools import permutations

import msgspec
import pytest

from services.core.keys import Bucket
from services.core.messages.events import DocumentFiled, DocumentHeld
from services.core.model.record_files import Part
from tests.component.registry_office import RegistryOffice, view
from tests.fakes.gate import After


@pytest.fixture
def office() -> RegistryOffice:
    """An empty registry."""
    return RegistryOffice()


def test_certain_number_is_filed(office: RegistryOffice) -> None:
    """A proposed file gets the next entry of its register, and the event tells file, entry and position."""
    file = office.open_file()
    event = office.read(f"Ihr Zeichen: {file}")
    told = office.work(event)[-1].facts
    assert isinstance(told, DocumentFiled)
    assert (told.file, told.entry, told.position) == (file, 2, "52.10.02")
    assert (office.standing(event.document).state, office.standing(event.document).office) == ("filed", "bauamt")
    assert [e.document for e in office.registers()[file]][1] == event.document


def test_doubt_is_held(office: RegistryOffice) -> None:
    """What was not proposed waits for a clerk of the office, with its reason."""
    event = office.read("Hiermit stelle ich einen Bauantrag.")
    told = office.work(event)[-1].facts
    assert isinstance(told, DocumentHeld)
    assert (told.reason_code, told.office) == ("unsure", "bauamt")
    assert office.standing(event.document).state == "held"


def test_numbers_of_new_files_are_gapless_by_position_and_year(office: RegistryOffice) -> None:
    """Each position counts its files by itself, from 1, every year anew."""
    assert [office.open_file(p) for p in ("52.10.02", "52.10.02", "31.10.01", "52.10.02")] == [
        "52.10.02/1-2026", "52.10.02/2-2026", "31.10.01/1-2026", "52.10.02/3-2026",
    ]  # fmt: skip
    office.clock.advance(timedelta(days=60))
    assert office.open_file() == "52.10.02/1-2027"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_clerk_outranks_automation_in_any_order(office: RegistryOffice, order: tuple[int, ...]) -> None:
    """Whether the judgement, its request or the clerk's decision is handled first: the clerk's place holds alone."""
    file, other = office.open_file(), office.open_file("31.10.01")
    read = office.read(f"Ihr Zeichen: {file}")
    (classified,) = office.handle(read)
    (requested,) = office.handle(classified)
    decided = office.decide(read.document, "move", file=other)
    events = [classified, requested, decided]
    for place in order:
        office.work(events[place])
    assert office.files(read.document) == [other]
    assert len(office.registers()[file]) == 1


def test_filed_by_automation_then_moved_by_a_clerk(office: RegistryOffice) -> None:
    """The entry of before stays in its register; the document stands only where the clerk put it."""
    file, other = office.open_file(), office.open_file("31.10.01")
    read = office.read(f"Ihr Zeichen: {file}")
    office.work(read)
    office.work(office.decide(read.document, "move", file=other))
    assert office.files(read.document) == [other]
    assert len(office.registers()[file]) == 2
    office.work(office.decide(read.document, "move", file=file))
    assert office.files(read.document) == [file]
    assert len(office.registers()[file]) == 2  # its own entry of before


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_second_filing_keeps_the_first_also_while_it_is_pending(office: RegistryOffice, order: tuple[int, ...]) -> None:
    """Filed in one file and at once in another: both hold, in whichever order they are carried out."""
    file, other, document = office.open_file(), office.open_file("31.10.01"), office.held()
    events = [office.decide(document, "file", file=file), office.decide(document, "file", file=other)]
    for place in order:
        office.work(events[place])
    assert sorted(office.files(document)) == [other, file]
    office.work(office.decide(document, "file", file=file))
    assert sorted(office.files(document)) == [other, file]
    office.registers()


def test_superseded_decision_does_nothing(office: RegistryOffice) -> None:
    """A move that another decision overtook makes no entry, no file number and no event."""
    document, file = office.held(), office.open_file()
    overtaken = office.decide(document, "move", position="31.10.01")
    last = office.decide(document, "move", file=file)
    assert office.work(overtaken) == []
    office.work(last)
    assert office.files(document) == [file]
    assert list(office.registers()) == [file]


@pytest.mark.parametrize(("action", "state"), [("no_record", "no_record"), ("assign", "held"), ("reopen", "held")])
def test_decisions_that_lead_to_no_file(office: RegistryOffice, action: str, state: str) -> None:
    """Set aside, handed to an office, deferred: one filing tells of it, and automation stays silent from then on."""
    file = office.open_file()
    read = office.read(f"Ihr Zeichen: {file}")
    (classified,) = office.handle(read)
    decided = office.decide(read.document, action, office="umweltamt")
    first, again = office.handle(decided), office.handle(decided)
    assert [e.id for e in first] == [e.id for e in again]
    office.work(classified)
    now = office.standing(read.document)
    assert (now.state, now.office, now.filings) == (state, "umweltamt", ())


def test_assigned_document_keeps_its_filings(office: RegistryOffice) -> None:
    """Who is asked to look at a filed document finds it still in its file."""
    file = office.open_file()
    document = office.registers()[file][0].document
    office.work(office.decide(document, "assign", office="umweltamt"))
    assert (office.standing(document).state, office.files(document)) == ("held", [file])


def test_older_judgement_does_not_overtake_a_newer(office: RegistryOffice) -> None:
    """A request of an earlier judgement that comes late finds a newer one and does nothing."""
    file, other = office.open_file(), office.open_file("31.10.01")
    read = office.read(f"Ihr Zeichen: {file}")
    (late,) = office.handle(office.handle(read)[0])
    extraction = office.record(read.document).extraction
    assert extraction
    parts = (Part(part="0", text=f"Ihr Zeichen: {other}"),)
    newer = msgspec.structs.replace(extraction, parts=parts)
    office.work(office.extracted(read.document, newer))
    assert office.work(late) == []
    assert office.files(read.document) == [other]


def test_erased_document_gets_no_filing_and_its_writing_is_taken_back(office: RegistryOffice) -> None:
    """A tombstone set between look and write leaves no filing; the entry stays, since registers have no gaps."""
    document, file = office.held(), office.open_file()
    (requested,) = office.handle(office.decide(document, "file", file=file))
    before = office.record(document).revisions["filing"]

    def erase_behind_the_entry(call: str) -> None:
        if call == "blobs.create" and len(office.registers()[file]) == 2:
            office.erase(document)

    assert office.handle(requested, office.context("filing", view(office, After(erase_behind_the_entry)))) == []
    assert office.record(document).erased
    names = list(office.blobs.keys(Bucket.RECORDS, f"main/documents/{document}/filing/"))
    assert len(names) == before + 1  # the claim of before the tombstone, no filing after it
    assert len(office.registers()[file]) == 2
