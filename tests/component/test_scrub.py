"""The walk through all originals: what it finds, how long it takes, what it costs, and what does not stop it."""

import dataclasses
from datetime import timedelta

import pytest

from services.core.errors import TryLater
from services.core.model.record import Record
from services.core.ports.blob_store import BlobStore
from services.core.ports.ledger_store import Scrub
from services.core.protocol import custody
from services.core.vocabulary import Custody
from services.ledger import scrub as scrubbing
from services.ledger.rebuilding import rebuild_checked
from services.ledger.scrub import condition, scrub
from services.ledger.service import SERVICE as LEDGER
from services.settings import load
from tests.component.city_hall import CityHall, a_mail
from tests.component.damage import (
    HARMS,
    Harm,
    file_of,
    found,
    problems,
    walk,
    walk_on,
)


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_scrub_check_and_rebuild_notice(hall: CityHall, harm: Harm) -> None:
    """Whoever of the three comes first finds the one among ten, and names no other."""
    sent = [hall.deliver(a_mail(f"Brief {number}"))["document"] for number in range(10)]
    ledger = hall.contexts["ledger"]
    assert condition(ledger)[0]
    counted: list[tuple[int, int]] = []

    def tell(done: int, damaged: int = 0) -> None:
        counted.append((done, damaged))

    rebuild_checked(ledger, tell)
    assert counted[-1] == (10, 0)
    harm(file_of(hall, sent[3]))
    rebuild_checked(ledger, tell)
    assert counted[-1] == (10, 1)
    good, text, _ = condition(ledger)
    assert not good
    assert "9 of 10 originals" in text
    walk(hall)
    assert [problems(hall, document) for document in sent] == [("damaged",) if n == 3 else () for n in range(10)]
    assert found(hall) == 1
    assert condition(ledger)[1].endswith("1 are known to be damaged")


def test_the_scrub_reads_all_within_its_time_and_each_once(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk of thirty rounds looks at every document once, at about as many in each round, and then begins anew."""
    sent = {hall.deliver(a_mail(f"Brief {number}"))["document"] for number in range(60)}
    ledger = hall.contexts["ledger"]
    looked: list[list[str]] = []

    def look(document: str, *_: object) -> bool:
        looked[-1].append(document)
        return True

    monkeypatch.setattr(scrubbing, "inspect", look)
    clock = ledger.ports.clock
    now = moment = clock.now()
    for number in range(31):
        looked.append([])
        moment = now + ledger.settings.ledger.scrub_within * number / 30
        monkeypatch.setattr(type(clock), "now", lambda _, moment=moment: moment)
        scrub(ledger)
    assert sorted(document for round_ in looked for document in round_) == sorted(sent)
    assert max(len(round_) for round_ in looked) < 12
    place = ledger.ports.ledger.scrub("main")
    assert place is not None
    assert (place.began, place.after) == (moment.replace(microsecond=moment.microsecond // 1000 * 1000), "")


def test_the_scrub_stays_below_its_rate(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sleeps as long as what it read would have taken at the rate that is granted."""
    slept: list[float] = []
    for number in range(3):
        hall.scan(b"x" * 200_000 + str(number).encode(), f"{number}.txt")
    time = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time[0] += seconds

    monkeypatch.setattr("services.ledger.scrub.time.monotonic", lambda: time[0])
    monkeypatch.setattr("services.ledger.scrub.time.sleep", sleep)
    settings = hall.settings.model_copy(
        update={"ledger": hall.settings.ledger.model_copy(update={"scrub_rate": 100_000})}
    )
    ledger = dataclasses.replace(hall.contexts["ledger"], settings=settings)
    ledger.ports.ledger.note_scrub("main", Scrub(began=ledger.ports.clock.now() - settings.ledger.scrub_within * 2))
    scrub(ledger)
    assert 5.5 < sum(slept) < 6.5


def test_an_original_that_the_disk_cannot_read_does_not_stop_the_walk(
    hall: CityHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some rounds in which the store is well it counts as missing, and the walk goes on behind it."""
    sent = sorted(hall.deliver(a_mail(f"Brief {number}"))["document"] for number in range(3))
    look = custody.look

    def failing(blobs: BlobStore, found: Record, passed: custody.Pass) -> Custody:
        if found.document == sent[1]:
            raise TryLater
        return look(blobs, found, passed)

    monkeypatch.setattr(custody, "look", failing)
    for _ in range(scrubbing.TRIES - 1):
        with pytest.raises(TryLater):
            walk_on(hall)
    assert problems(hall, sent[1]) == ()
    walk_on(hall)
    assert [problems(hall, document) for document in sent] == [(), ("damaged",), ()]


def test_the_ledger_goes_its_rounds() -> None:
    """The walk and its standing belong to the service: at least twenty rounds, one every five minutes or sooner."""
    (round_,) = (one for one in LEDGER.rounds if one.name == "scrub")
    assert (round_.act, LEDGER.condition) == (scrub, condition)
    assert round_.every(load()) == timedelta(minutes=5)
    assert round_.every(load(ledger={"scrub_within": "PT20M"})) == timedelta(minutes=1)
