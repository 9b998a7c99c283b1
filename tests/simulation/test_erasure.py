"""What dies beside a tombstone: the stories of seeds 83733 and 111104, told step by step."""

from collections.abc import Callable, Iterator

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages import envelope, topics
from services.core.model import record
from services.ledger.sweeper import sweep
from tests.fakes.readers import PICTURE
from tests.simulation import actors, archivist
from tests.simulation.city import City
from tests.simulation.invariants import erased_is_gone
from tests.simulation.story import GRACE_SECONDS
from tests.simulation.world import World

CONTENT = PICTURE + b"Seite 1"


@pytest.fixture
def city() -> Iterator[City]:
    """One letter was accepted and told of; nothing strikes but what a test lets strike."""
    city = City(World(1))
    actors.send(city, CONTENT)
    yield city
    city.world.close()
    city.ledger.close()


def before(city: City, call: str, word: str, act: Callable[[], None]) -> None:
    """Let something happen once, before that call on a key with this word in it."""
    real = getattr(city.blobs, call)

    def disturbed(bucket: Bucket, key: str, *rest: object) -> object:
        if word in f"{bucket}/{key}":
            setattr(city.blobs, call, real)
            act()
        return real(bucket, key, *rest)

    setattr(city.blobs, call, disturbed)


def away() -> None:
    """The store is away for a moment."""
    raise TryLater


def told_of(city: City) -> None:
    """The sweeper makes its round, and the archivist reads what was received."""
    city.world.time += GRACE_SECONDS
    sweep(city.contexts["ledger"])
    look_again = archivist.service(city).handle
    assert look_again
    for message in list(city.log.topics[topics.RECEIVED]):
        look_again(envelope.decode(message), city.contexts["ledger"])


def broken(city: City) -> list[str]:
    """What is left of the erased, and what is lacking of the accepted."""
    found = {d: record.load(city.blobs, "main", d) for d in {city.erasing, *city.acknowledged.values()}}
    lost = [r for r, d in city.acknowledged.items() if r not in city.covered | {x.receipt for x in found[d].receipts}]
    return [*erased_is_gone(city, found), *lost]


def test_an_intake_that_dies_before_its_look(city: City) -> None:
    """Its receipt stands where original and all else were deleted (seed 83733)."""

    def erased_meanwhile() -> None:
        archivist.erase(city)
        before(city, "size", "erased/", away)

    before(city, "create", "/receipts/", erased_meanwhile)
    actors.send(city, CONTENT)
    assert any("receipts/" in violation for violation in broken(city))
    told_of(city)
    assert broken(city) == []


def test_an_intake_that_dies_while_it_takes_back(city: City) -> None:
    """Receipt and original were written behind a finished erasure, and stay (seed 111104)."""
    before(city, "delete", "/receipts/", lambda: before(city, "delete", "/receipts/", away))
    before(city, "create", "originals/", lambda: archivist.erase(city))
    actors.send(city, CONTENT)
    assert any("original" in violation for violation in broken(city))
    told_of(city)
    assert broken(city) == []


def test_a_letter_accepted_before_the_tombstone_is_moved(city: City) -> None:
    """The disposal was not decided about it: it stands in the next incarnation, under the number it was given."""
    before(city, "create", "/erased/", lambda: actors.send(city, CONTENT))
    archivist.erase(city)
    told_of(city)
    assert broken(city) == []
    moved = next(d for d in city.acknowledged.values() if d != city.erasing)
    assert city.blobs.size(Bucket.ORIGINALS, keys.original("main", moved)) is not None
