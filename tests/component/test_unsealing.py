"""False alarms: unsealed by a second look of the scanner or for a reason, by administrators alone, and read then."""

from dataclasses import replace

import pytest

from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.model import record
from services.core.model.record import Record
from services.extraction.service import SERVICE as EXTRACTION
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.clamd_stand_in import MARK, StandIn
from tests.component.piles import parts_of, scanned
from tests.component.test_batches import TWO, Mortal, arrival

LETTER = a_mail("Bauantrag") + b"Geheimwort " + MARK


@pytest.fixture
def hall(scanned: CityHall) -> CityHall:
    """A hall whose documents are scanned."""
    return scanned


def sealed(hall: CityHall) -> str:
    """A letter in which the scanner finds something."""
    document: str = hall.deliver(LETTER)["document"]
    hall.work()
    assert loaded(hall, document).extraction.problem == "infected"  # type: ignore[union-attr]  # it was read
    return document


def loaded(hall: CityHall, document: str) -> Record:
    """As it stands now."""
    return record.load(hall.ports.blobs, "main", document)


def is_read(hall: CityHall, document: str) -> bool:
    """Whether it is post like all other: read, found by its words, given out, and off the list."""
    extraction = loaded(hall, document).extraction
    reader = hall.key("search", all_offices=True)
    found = reader.get(f"{API}/search?q=Geheimwort").json()["items"]
    given = reader.get(f"{API}/documents/{document}/original").content
    listed = hall.key("administer").get(f"{API}/sealed").json()["items"]
    facts = [extraction and extraction.title == "Bauantrag", [hit["document"] for hit in found] == [document]]
    facts += [given == LETTER, listed == []]
    assert len(set(map(bool, facts))) == 1, facts
    return bool(facts[0])


def test_a_reason_unseals_whatever_the_scanner_says(hall: CityHall) -> None:
    """Who, when and why stands in the record; no event has the reason; the second time changes nothing."""
    document = sealed(hall)
    administrator = hall.key("administer")
    assert [one["document"] for one in administrator.get(f"{API}/sealed").json()["items"]] == [document]
    told = [administrator.post(f"{API}/documents/{document}/unsealing", json={"reason": "Muster"}) for _ in range(2)]
    hall.work()
    told.append(administrator.post(f"{API}/documents/{document}/unsealing", json={"reason": "noch einmal"}))
    assert {answer.status_code for answer in told} == {200}
    assert len({answer.text for answer in told}) == 1
    hall.work()
    assert is_read(hall, document)
    found = loaded(hall, document)
    assert found.unsealed
    assert (found.unsealed.ground, found.unsealed.reason, found.revisions["unsealing"]) == ("reason", "Muster", 1)
    assert found.revisions["extraction"] == 2
    line = hall.ports.ledger.lines_of("main", document)[0]
    assert (line.problem, line.indexed_version) == ("", found.version)


def test_a_second_look_unseals_where_nothing_is_found(hall: CityHall, daemon: StandIn) -> None:
    """With the signatures of yesterday it stays sealed; with those of today it is read."""
    document = sealed(hall)
    administrator = hall.key("administer")
    answer = administrator.post(f"{API}/documents/{document}/unsealing", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "still_infected")
    hall.work()
    assert not is_read(hall, document)
    daemon.signature = b"something else"
    assert administrator.post(f"{API}/documents/{document}/unsealing", json={}).status_code == 200
    hall.work()
    assert is_read(hall, document)
    assert loaded(hall, document).unsealed.reason == ""  # type: ignore[union-attr]  # it was


def test_a_scanner_that_changes_its_mind_keeps_it_sealed(hall: CityHall, daemon: StandIn) -> None:
    """It found nothing when the administrator asked, and something when the letter was to be read."""
    document = sealed(hall)
    hall.log.prompt = False
    daemon.signature = b"something else"
    assert hall.key("administer").post(f"{API}/documents/{document}/unsealing", json={}).status_code == 200
    daemon.signature = MARK
    hall.work()
    assert not is_read(hall, document)
    assert loaded(hall, document).revisions["extraction"] == 1


@pytest.mark.parametrize("rights", [("search", "decide"), ("audit",), ("deliver",)])
def test_only_administrators_unseal(hall: CityHall, rights: tuple[str, ...]) -> None:
    """Nobody else sees the list, or may say anything to it."""
    document = sealed(hall)
    other = hall.key(*rights)  # type: ignore[arg-type]  # they are rights
    assert other.get(f"{API}/sealed").status_code == 403
    assert other.post(f"{API}/documents/{document}/unsealing", json={"reason": "x"}).status_code == 403
    assert loaded(hall, document).unsealed is None


def test_what_is_not_sealed_is_refused(hall: CityHall, daemon: StandIn) -> None:
    """Also what never came; and while the scanner is away nobody can be asked."""
    clean = hall.deliver(a_mail("Bauantrag"))["document"]
    hall.work()
    administrator = hall.key("administer")
    for document, code in ((clean, "not_sealed"), ("d" + "0" * 26, "not_found")):
        assert administrator.post(f"{API}/documents/{document}/unsealing", json={}).json()["code"] == code
    document = sealed(hall)
    daemon.mood = "dies"
    assert administrator.post(f"{API}/documents/{document}/unsealing", json={}).json()["code"] == "scanner_away"
    assert administrator.post(f"{API}/documents/{document}/unsealing", json={"reason": "x" * 501}).status_code == 400


def test_the_page_and_its_forms(hall: CityHall) -> None:
    """The list names the receipt and no word of the letter; the form releases it."""
    document = sealed(hall)
    chief = hall.clerk("chef", rights=("administer",))
    page = chief.get("/versiegelt").text
    assert loaded(hall, document).receipts[0].receipt in page
    assert "Geheimwort" not in page
    assert chief.submit("/versiegelt", f"/versiegelt/{document}").status_code == 409
    assert chief.submit("/versiegelt", f"/versiegelt/{document}", reason="Fehlalarm").status_code == 303
    hall.work()
    assert is_read(hall, document)
    assert "Kein Dokument ist versiegelt" in chief.get("/versiegelt").text


def test_an_event_that_was_lost_is_told_again(hall: CityHall) -> None:
    """The administrator who finds it still on the list says it again."""
    document = sealed(hall)
    administrator = hall.key("administer")
    hall.log.prompt = False
    administrator.post(f"{API}/documents/{document}/unsealing", json={"reason": "Muster"})
    assert [event.topic for event in hall.log.waiting] == [topics.CHECKED]
    assert "Muster" not in repr(hall.log.waiting[0])
    hall.log.waiting.clear()
    hall.log.prompt = True
    assert not is_read(hall, document)
    administrator.post(f"{API}/documents/{document}/unsealing", json={"reason": "Muster"})
    hall.work()
    assert is_read(hall, document)
    assert len(list(hall.ports.blobs.keys(Bucket.RECORDS, f"main/documents/{document}/unsealing/"))) == 1


def test_a_batch_with_malware_found_later_is_sealed_and_goes_on_unsealed(hall: CityHall, daemon: StandIn) -> None:
    """Newer signatures find it when some of its documents are still to be taken out: nobody tries that for ever."""
    hall.log.prompt = False
    batch = scanned(hall, TWO)
    hall.log.waiting.clear()
    event, context = arrival(hall, batch), hall.contexts["extraction"]
    assert EXTRACTION.handle
    with pytest.raises(TryLater):  # the plan of the batch stands, and none of its documents
        EXTRACTION.handle(event, replace(context, ports=replace(context.ports, blobs=Mortal(context.ports.blobs, 2))))
    daemon.signature = TWO[:20]
    told = [list(EXTRACTION.handle(event, context)) for _ in range(2)]
    assert [one.id for one in told[0]] == [one.id for one in told[1]]
    hall.log.waiting.extend(told[0])
    hall.work()
    assert record.standing(loaded(hall, batch)).problems == ("infected",)
    listed = hall.key("administer").get(f"{API}/sealed").json()["items"]
    assert [one["document"] for one in listed] == [batch]
    assert [len(part.receipts) for part in parts_of(hall, batch)] == [0, 0]
    daemon.signature = MARK
    assert hall.key("administer").ask("POST", f"{API}/documents/{batch}/unsealing", json={}).status_code == 200
    hall.work()
    assert [record.standing(part).state for part in parts_of(hall, batch)] == ["held", "held"]
    assert record.standing(loaded(hall, batch)).problems == ()
