"""Sealed documents are looked at again by themselves: with other signatures, bounded, behind new post, restart-safe."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.events import OriginalUnsealed
from services.core.model import record
from services.core.model.record import Record
from services.ledger import rescanning
from services.ledger.rescanning import Rescanning
from services.ledger.service import SERVICE as LEDGER
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.clamd_stand_in import MARK, StandIn
from tests.component.scanned_hall import a_hall
from tests.fakes.guarded_store import Refused

OTHER = b"something else"


@pytest.fixture
def hall(scanned: CityHall) -> CityHall:
    """A hall whose documents are scanned."""
    return scanned


def sealed(hall: CityHall, *subjects: str) -> list[str]:
    """Letters in which the scanner finds something."""
    documents = [str(hall.deliver(a_mail(subject) + b"Geheimwort " + MARK)["document"]) for subject in subjects]
    hall.work()
    return documents


def go_round(hall: CityHall, act: Rescanning | None = None) -> None:
    """One round of the ledger, as after a restart unless it is told which; and what follows of it."""
    (act or Rescanning())(hall.contexts["ledger"])
    hall.work()


def loaded(hall: CityHall, document: str) -> Record:
    """As it stands now."""
    return record.load(hall.ports.blobs, "main", document)


def is_sealed(hall: CityHall, document: str) -> bool:
    """Whether nothing of it was read."""
    extraction = loaded(hall, document).extraction
    return extraction is not None and extraction.problem == "infected"


def told(hall: CityHall) -> list[OriginalUnsealed]:
    """What was said to be a false alarm."""
    return [event.facts for event in hall.log.published if isinstance(event.facts, OriginalUnsealed)]


def test_the_round_is_the_ledgers() -> None:
    """It goes by itself, at the interval of the settings."""
    assert [round_.name for round_ in LEDGER.rounds if isinstance(round_.act, Rescanning)] == ["rescanning"]


def test_a_false_alarm_is_healed_by_newer_signatures(hall: CityHall, daemon: StandIn) -> None:
    """Read, found and given out like all other post; who, when and with which database stands in the record."""
    (document,) = sealed(hall, "Bauantrag")
    go_round(hall)
    assert is_sealed(hall, document)
    daemon.signature, daemon.number = OTHER, 102
    go_round(hall)
    found = loaded(hall, document)
    assert found.unsealed
    assert (found.unsealed.actor, found.unsealed.ground, found.unsealed.reason) == ("scanner", "rescan", "")
    assert found.unsealed.signatures == "ClamAV 1.4.6/102/Mon Nov 30 09:20:00 2026"
    assert found.extraction
    assert (found.extraction.title, found.extraction.problem) == ("Bauantrag", None)
    hits = hall.key("search", all_offices=True).get(f"{API}/search?q=Geheimwort").json()["items"]
    assert [hit["document"] for hit in hits] == [document]
    assert record.standing(found).state == "held"
    assert hall.ports.ledger.lines_of("main", document)[0].indexed_version == found.version
    for _ in range(3):
        go_round(hall)
    assert [facts.document for facts in told(hall)] == [document]
    assert loaded(hall, document).revisions == found.revisions


def test_a_verdict_that_stays_has_the_date_of_the_last_look(hall: CityHall, daemon: StandIn) -> None:
    """One look for each database, one note in the record, no new version of it; the administrator sees it."""
    (document,) = sealed(hall, "Virus")
    version, scans = loaded(hall, document).version, len(daemon.scanned)
    for number in (101, 101, 102, 102):
        daemon.number = number
        go_round(hall)
    assert len(daemon.scanned) == scans + 2
    found = loaded(hall, document)
    assert found.rescan
    assert (found.rescan.outcome, found.rescan.found, found.rescan.actor) == (
        "infected",
        "Eigene_Test.Signatur",
        "scanner",
    )
    assert (found.version, found.revisions["rescan"], is_sealed(hall, document)) == (version, 2, True)
    kept = hall.ports.blobs.keys(Bucket.RECORDS, f"{keys.record('main', document)}rescan/")
    assert [keys.number_in(key) for key in kept] == [2]
    (shown,) = hall.key("administer").get(f"{API}/sealed").json()["items"]
    assert (shown["outcome"], shown["found"]) == ("infected", "Eigene_Test.Signatur")
    assert (shown["signatures"], shown["released"]) == ("ClamAV 1.4.6/102/Mon Nov 30 09:20:00 2026", False)
    page = hall.clerk("chef", rights=("administer",)).get("/versiegelt").text
    assert "Zuletzt geprüft am" in page
    assert "ClamAV 1.4.6/102/" in page


def test_a_round_scans_so_many_and_the_next_goes_on(tmp_path: Path, daemon: StandIn) -> None:
    """Also where the process begins anew each time: nothing is forgotten, nothing looked at twice."""
    hall = a_hall(tmp_path, daemon, rescan_documents=2)
    documents = sealed(hall, *(f"Virus {number}" for number in range(5)))
    daemon.scanned.clear()
    for looked_at in (2, 4, 5, 5):
        go_round(hall)
        assert sum(loaded(hall, document).rescan is not None for document in documents) == looked_at
        assert len(daemon.scanned) == looked_at
    hall.close()


def test_new_post_comes_first(hall: CityHall, daemon: StandIn) -> None:
    """While some waits to be read a round looks at one sealed document alone."""
    documents = sealed(hall, "eins", "zwei", "drei")
    hall.log.prompt = False
    hall.deliver(a_mail("Neue Post"))
    assert LEDGER.handle
    assert LEDGER.commit
    LEDGER.handle(hall.log.waiting[0], hall.contexts["ledger"])
    LEDGER.commit(hall.contexts["ledger"])
    daemon.scanned.clear()
    Rescanning()(hall.contexts["ledger"])
    assert len(daemon.scanned) == 1
    go_round(hall)
    go_round(hall)
    assert all(loaded(hall, document).rescan for document in documents)


def test_who_dies_before_telling_tells_at_the_next_round(hall: CityHall, daemon: StandIn) -> None:
    """The record says that it is none, and no event did: the document is read all the same, once."""
    (document,) = sealed(hall, "Bauantrag")
    go_round(hall)
    daemon.signature, daemon.number = OTHER, 102
    hall.log.away = True
    with pytest.raises(TryLater):
        go_round(hall)
    assert loaded(hall, document).unsealed
    hall.log.away = False
    go_round(hall)
    assert not is_sealed(hall, document)
    assert loaded(hall, document).revisions["unsealing"] == 1


def test_one_that_silences_the_scanner_holds_up_no_other(hall: CityHall, daemon: StandIn) -> None:
    """Tried in two rounds, then noted and left alone until there are other signatures."""
    first, second = sealed(hall, "Todesbrief", "Bauantrag")
    go_round(hall)
    daemon.dreaded, daemon.signature, daemon.number = b"Todesbrief", OTHER, 102
    act = Rescanning()
    with pytest.raises(TryLater, match="scanner_away"):
        go_round(hall, act)
    go_round(hall, act)
    look = loaded(hall, first).rescan
    assert look
    assert (look.outcome, is_sealed(hall, first), is_sealed(hall, second)) == ("unanswered", True, False)
    daemon.dreaded, daemon.number = b"", 103
    go_round(hall, act)
    assert not is_sealed(hall, first)


def test_a_store_that_is_away_is_no_silence_of_the_scanner(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the first silence after it would already leave the document alone."""
    (document,) = sealed(hall, "Virus")
    faults = iter([TryLater("store_away"), TryLater("scanner_away")])

    def away(*_: object) -> None:
        raise next(faults)

    monkeypatch.setattr(rescanning, "unseal", away)
    act = Rescanning()
    for code in ("store_away", "scanner_away"):
        with pytest.raises(TryLater, match=code):
            go_round(hall, act)
    assert loaded(hall, document).rescan is None


@pytest.mark.parametrize("mood", ["hangs", "dies", "babbles"])
def test_while_the_scanner_is_away_nothing_changes(hall: CityHall, daemon: StandIn, mood: str) -> None:
    """The round comes again; nobody was asked, and nothing is noted."""
    (document,) = sealed(hall, "Virus")
    daemon.mood = mood
    if mood != "babbles":  # it still tells of its database then
        with pytest.raises(TryLater, match="scanner_away"):
            go_round(hall)
        assert loaded(hall, document).rescan is None
    assert is_sealed(hall, document)
    daemon.mood = "well"
    go_round(hall)
    assert loaded(hall, document).rescan


def test_a_damaged_original_is_noted_and_passed(hall: CityHall, daemon: StandIn) -> None:
    """Nobody compares it again at each round; the others have their turn."""
    first, second = sealed(hall, "eins", "zwei")
    go_round(hall)
    place = next(hall.settings.storage.folder.glob(f"blobs/**/originals/main/{first}*"))
    place.chmod(0o600)
    place.write_bytes(b"nothing like it")
    daemon.signature, daemon.number = OTHER, 102
    go_round(hall)
    look = loaded(hall, first).rescan
    assert look
    assert (look.outcome, is_sealed(hall, first), is_sealed(hall, second)) == ("damaged", True, False)


def test_an_administrator_who_asks_is_noted_too(hall: CityHall, daemon: StandIn) -> None:
    """The same look, on the record with the account; the round has nothing left to do."""
    (document,) = sealed(hall, "Virus")
    answer = hall.key("administer").post(f"{API}/documents/{document}/unsealing", json={})
    assert answer.json()["code"] == "still_infected"
    look = loaded(hall, document).rescan
    assert look
    assert look.actor != "scanner"
    scans = len(daemon.scanned)
    go_round(hall)
    assert len(daemon.scanned) == scans


def test_where_nobody_wants_it_nothing_is_looked_at(tmp_path: Path, daemon: StandIn) -> None:
    """`malware.rescan_every` of nothing: only where somebody asks for it."""
    hall = a_hall(tmp_path, daemon, rescan_every=timedelta(0))
    (document,) = sealed(hall, "Bauantrag")
    daemon.signature, daemon.number = OTHER, 102
    go_round(hall)
    assert is_sealed(hall, document)
    assert rescanning.every(hall.settings) > timedelta(0)
    hall.close()


def test_a_list_written_anew_is_walked_from_its_beginning(hall: CityHall, daemon: StandIn) -> None:
    """The index refuses a place that it never gave out: the next round begins anew."""
    (document,) = sealed(hall, "Bauantrag")
    go_round(hall)
    act = Rescanning()
    act._cursor = "of another index"
    daemon.signature, daemon.number = OTHER, 102
    go_round(hall, act)
    go_round(hall, act)
    assert not is_sealed(hall, document)


def test_the_search_may_not_unseal(hall: CityHall, daemon: StandIn) -> None:
    """Who unseals, in a city, are the service that reads and the ledger: other processes lack the key."""
    sealed(hall, "Bauantrag")
    daemon.signature, daemon.number = OTHER, 102
    other = replace(hall.contexts["ledger"], ports=hall.contexts["search"].ports, service="search")
    with pytest.raises(Refused):
        Rescanning()(other)
