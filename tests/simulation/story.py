"""One story: who comes, what goes wrong, and what must hold at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from services.core.errors import TryLater
from services.core.messages import topics
from tests.simulation import actors, archivist
from tests.simulation.bookkeeping import Bookkeeping
from tests.simulation.city import City
from tests.simulation.decay import decay, read
from tests.simulation.importing import Importing
from tests.simulation.invariants import violations
from tests.simulation.seeded import seeded
from tests.simulation.trainer import train
from tests.simulation.world import Faults, World

STORMY_STEPS = 20_000
MOST_STEPS = 100_000
GRACE_SECONDS = 5000
"""Longer than any grace of a round, so that the last rounds see everything."""

TRAINED = 0.3
"""Share of the stories in which models and plans change meanwhile."""
COMPARED, IMPORTED = 0.25, 0.25
"""Shares of the stories with books that are compared and closed, and with an archive that is brought in."""
WALKS = 2
"""One of the scrub may be under way, and be past what came to harm meanwhile."""

Change = Callable[[City], None]


@dataclass
class Ending:
    """What came of a seed."""

    seed: int
    violations: list[str]
    steps: int
    receipts: int
    trace: list[str] = field(repr=False, default_factory=list)


def tell(seed: int, *, faults: Faults | None = None, change: Change | None = None) -> Ending:
    """Run the story of a seed; `change` plants a bug before it begins."""
    world = World(seed, faults or Faults())
    with seeded(world):  # so that a seed replays exactly
        return _tell(seed, world, change)


def _tell(seed: int, world: World, change: Change | None) -> Ending:
    city = City(world)
    if change:
        change(city)
    books, archive = _invite(city)
    try:
        world.run(lambda: _everybody_was_here(city), STORMY_STEPS)
        world.calm = True
        finished = world.run(city.is_quiet, MOST_STEPS)
        for _ in range(WALKS):
            world.time += GRACE_SECONDS
            _last_rounds(city)
        finished = world.run(city.is_quiet, MOST_STEPS) and finished
        found = [] if finished else ["the story did not end: something waits for ever"]
        found += books.night() if books and finished else ()
        found += [*violations(city), *(archive.violations() if archive else ())]
    finally:
        world.close()
        city.ledger.close()
        city.at_end.close()
    return Ending(seed, found, world.steps, len(city.acknowledged), world.trace)


def _invite(city: City) -> tuple[Bookkeeping | None, Importing | None]:
    chance = city.world.chance
    for number, content in enumerate(actors.letters(city)):
        city.add(f"sender-{number}", lambda content=content: actors.send(city, content, city.receive))  # type: ignore[misc]
    for clerk in ("a-1", "a-2"):
        city.add(clerk, lambda clerk=clerk: actors.decide(city, clerk, turns=chance.randint(2, 6)))  # type: ignore[misc]
    if chance.random() < 0.4:
        city.add("archivist", lambda: archivist.erase(city))
        city.employ(archivist.service(city), (topics.RECEIVED,))
    elif chance.random() < 0.5:  # who erases reads originals, and is no service of ours yet that could be refused one
        city.add("decay", lambda: decay(city))
        city.add("reader", lambda: read(city))
    if chance.random() < 0.4:
        city.add("rebuilder", lambda: actors.rebuild_index(city))
    if Random(city.world.seed).random() < TRAINED:  # of its own chance: the other stories stay what they were
        city.add("trainer", lambda: train(city))
    return _invite_books(city)


def _invite_books(city: City) -> tuple[Bookkeeping | None, Importing | None]:
    chance = Random(f"{city.world.seed}/books")  # of its own, too
    books = Bookkeeping(city) if chance.random() < COMPARED else None
    archive = Importing(city) if chance.random() < IMPORTED else None
    if books:
        books.join()
    if archive:
        archive.join()
    return books, archive


def _everybody_was_here(city: City) -> bool:
    return all(process.over for process in city.world.processes if process.once)


def _last_rounds(city: City) -> None:
    for service in city.services:
        for round_ in service.rounds:
            try:
                round_.act(city.contexts[service.name])
            except TryLater as error:  # outside every process no fault strikes: this would be a bug of the story
                raise AssertionError(service.name) from error
