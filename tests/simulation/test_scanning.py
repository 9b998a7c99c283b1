"""Batches of scans and clerks who arrange them, under the seeded scheduler: no page is lost, doubled or unaccounted."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from services.core.messages.envelope import Event
from services.extraction import handler
from services.extraction.batches import rearranging
from services.extraction.reading import revisions
from services.filing import handler as filing_handler
from services.runtime.context.service import Context
from tests.simulation.city import City
from tests.simulation.scanning import Scanning
from tests.simulation.story import Ending, tell

SEEDS = 400
CHUNKS = 20
MOST_SEEDS_TO_FIND = 300


def told(seed: int) -> tuple[Ending, Scanning]:
    """The story of a seed with a scanner and clerks who arrange."""
    joined: list[Scanning] = []

    def join(city: City) -> None:
        joined.append(Scanning(city))
        joined[0].join()

    ending = tell(seed, change=join)
    return ending, joined[0]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_page_of_every_scan_is_accounted_for(chunk: int) -> None:
    """Every promise of the mail room holds for each document of a batch, and each sheet account balances."""
    seeds = int(os.environ.get("SIMULATION_SEEDS", SEEDS))
    first = int(os.environ.get("SIMULATION_FIRST", "0"))
    arranged = taken_back = 0
    for seed in range(first + chunk, first + seeds, CHUNKS):
        ending, clerks = told(seed)
        found = [*ending.violations, *clerks.violations()]
        assert not found, f"seed {seed}: {found}\n" + "\n".join(ending.trace)
        arranged += len(clerks.made)
        taken_back += clerks.taken_back
    assert arranged
    assert taken_back


@contextmanager
def separated_once() -> Iterator[None]:
    """Whoever repeats the reading of a batch believes that its documents are there."""
    first = handler._first

    def hasty(event: Event, facts: Any, known: Any, *, context: Context) -> list[Event]:
        if known:
            return revisions.events_of(context, event, revision=1, extraction=known)
        return first(event, facts, known, context=context)

    with patch.object(handler, "_first", hasty):
        yield


@contextmanager
def arranged_once() -> Iterator[None]:
    """Whoever repeats an arrangement believes that its documents are there."""
    decide = rearranging._decide

    def hasty(context: Context, event: Event, facts: Any, found: Any) -> Any:
        told_before: Sequence[Event] = revisions.told_before(context, event, found.revisions.get("extraction", 0))
        return told_before or decide(context, event, facts, found)

    with patch.object(rearranging, "_decide", hasty):
        yield


@contextmanager
def parts_not_told() -> Iterator[None]:
    """A document whose pages are in others now is not told so."""
    with patch.object(filing_handler, "told_to_parts", lambda *_: ()):
        yield


@pytest.mark.parametrize("plant", [separated_once, arranged_once, parts_not_told], ids=lambda plant: plant.__name__)
def test_planted_bugs_are_found(plant: Callable[[], Any]) -> None:
    """Each loses or doubles pages within a few hundred seeds."""

    def is_broken(seed: int) -> bool:
        ending, clerks = told(seed)
        return bool(ending.violations or clerks.violations())

    with plant():
        assert any(is_broken(seed) for seed in range(MOST_SEEDS_TO_FIND))
