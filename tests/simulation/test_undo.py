"""Taking back on the desk under the seeded scheduler: no number is burnt, no letter lost, whoever dies in between."""

import os
from unittest.mock import patch

import pytest

from services.filing import postponing
from tests.simulation.city import City
from tests.simulation.story import Ending, tell
from tests.simulation.undoing import Undoing

SEEDS = 1000
CHUNKS = 20
MOST_SEEDS_TO_FIND = 100


def told(seed: int) -> tuple[Ending, Undoing]:
    """The story of a seed with clerks who take back."""
    clerks: list[Undoing] = []

    def join(city: City) -> None:
        clerks.append(Undoing(city))
        clerks[0].join()

    ending = tell(seed, change=join)
    return ending, clerks[0]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_taking_back_burns_no_number_and_loses_no_letter(chunk: int) -> None:
    """Every promise of the mail room holds, and a decision is carried out once or taken back, never both."""
    seeds = int(os.environ.get("SIMULATION_SEEDS", SEEDS))
    first = int(os.environ.get("SIMULATION_FIRST", "0"))
    carried_out = taken_back = 0
    for seed in range(first + chunk, first + seeds, CHUNKS):
        ending, clerks = told(seed)
        found = [*ending.violations, *clerks.violations()]
        assert not found, f"seed {seed}: {found}\n" + "\n".join(ending.trace)
        taken_back += len(clerks.taken_back)
        carried_out += sum(clerks.outcome(made) == "applied" for made in clerks.made.values())
    assert carried_out
    assert taken_back


def test_a_round_that_does_not_ask_who_was_first_is_found() -> None:
    """The planted bug: what is due is carried out without its second file."""
    with patch.object(postponing, "_end", lambda _one, outcome, _context: outcome):
        assert any(told(seed)[1].violations() for seed in range(MOST_SEEDS_TO_FIND))
