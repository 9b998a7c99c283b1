"""With which signatures the scanner unseals by itself: newer ones alone, for one that lost its own finds nothing."""

from datetime import timedelta

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.ledger import rescanning
from tests.component.city_hall import API, CityHall
from tests.component.clamd_stand_in import StandIn
from tests.component.damage import walk
from tests.component.test_batches import erase
from tests.component.test_rescanning import OTHER, go_round, hall, is_sealed, loaded, sealed

__all__ = ["hall"]  # a fixture


def outcome(hall: CityHall, document: str) -> str:
    """What the scanner said at its last look."""
    look = loaded(hall, document).rescan
    assert look
    return look.outcome


@pytest.mark.parametrize("numbers", [(101, 101), (101, 100), (101, 90, 91), (101, 0), (0, 0), (0, 101)], ids=str)
def test_who_lost_his_signatures_sets_nothing_free(hall: CityHall, daemon: StandIn, numbers: tuple[int, ...]) -> None:
    """An empty or older database finds nothing in what is to be feared: only one newer than all before unseals."""
    daemon.number = numbers[0]
    (document,) = sealed(hall, "Virus")
    go_round(hall)
    daemon.signature = OTHER
    for number in numbers[1:]:
        daemon.number = number
        go_round(hall)
        assert is_sealed(hall, document)
    daemon.number = 102
    go_round(hall)
    assert is_sealed(hall, document) == (max(numbers) == 0)


def test_a_first_look_that_finds_nothing_is_not_enough(hall: CityHall, daemon: StandIn) -> None:
    """Nobody knows with which signatures it was sealed: two databases in turn have to find nothing."""
    (document,) = sealed(hall, "Bauantrag")
    daemon.signature = OTHER
    go_round(hall)
    assert outcome(hall, document) == "clean"
    daemon.number += 1
    go_round(hall)
    assert not is_sealed(hall, document)


def test_it_is_looked_at_once_a_day_with_the_same_signatures(
    hall: CityHall, daemon: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signatures of one's own, and exceptions from them, change nothing of what the scanner says of its database.

    What it finds nothing in any more is then told to administrators, who unseal.
    """
    (document,) = sealed(hall, "Bauantrag")
    go_round(hall)
    daemon.signature = OTHER
    scans = len(daemon.scanned)
    go_round(hall)
    assert len(daemon.scanned) == scans
    monkeypatch.setattr(rescanning, "ANEW", timedelta(0))
    go_round(hall)
    assert outcome(hall, document) == "clean"
    assert "Der Virenscanner findet nichts mehr" in hall.clerk("chef", rights=("administer",)).get("/versiegelt").text
    assert hall.key("administer").post(f"{API}/documents/{document}/unsealing", json={}).is_success
    hall.work()
    assert not is_sealed(hall, document)


@pytest.mark.parametrize("stage", ["unsealing", "rescan"])
def test_nothing_of_a_look_stays_beside_a_tombstone(hall: CityHall, stage: str) -> None:
    """Who looked may have died before seeing that the document was erased: the walk of the scrub clears up."""
    (document,) = sealed(hall, "Virus")
    erase(hall, document)
    left = keys.stage("main", document, stage, 1)
    hall.ports.blobs.create(Bucket.RECORDS, left, b"the reason of an administrator")
    walk(hall)
    assert hall.ports.blobs.size(Bucket.RECORDS, left) is None
