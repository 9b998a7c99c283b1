"""A model changes answers for what it is worth, not for the luck of the letters that were held back."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.classification.training.comparing import Difference, is_taken, noise

LETTERS = 200


def drawn(seed: int, *, gain: float, spread: float = 0.4, letters: int = LETTERS) -> Difference:
    """Letters of senders of their own, each told better by so much, more or less; as many right as before."""
    losses = np.random.default_rng(seed).normal(-gain, spread, letters)
    return of(losses, [str(at) for at in range(letters)])


def of(losses: NDArray[np.float64], senders: list[str]) -> Difference:
    """Their difference, where the same first positions are right."""
    return Difference.of(losses, np.zeros(len(losses)), senders)


PLAIN, EQUAL, WORSE = drawn(1, gain=0.5), of(np.zeros(LETTERS), [""] * LETTERS), drawn(1, gain=-0.5)
HAIR = of(np.full(LETTERS, -0.0001), [str(at) for at in range(LETTERS)])


@pytest.mark.parametrize(
    ("in_force", "asked_for", "taken"),
    [
        (PLAIN, False, True),
        (PLAIN, True, True),
        (HAIR, False, False),
        (HAIR, True, True),
        (EQUAL, False, False),
        (EQUAL, True, True),
        (WORSE, False, False),
        (WORSE, True, False),
    ],
)
def test_nights_take_what_is_better_and_commands_what_is_not_worse(
    in_force: Difference, *, asked_for: bool, taken: bool
) -> None:
    """A ten-thousandth, the same on every letter, is none; what is as good comes where somebody asks for it."""
    assert is_taken(PLAIN, in_force, asked_for=asked_for) is taken
    assert is_taken(WORSE, in_force, asked_for=asked_for) is False


@pytest.mark.parametrize("asked_for", [True, False])
def test_the_first_model_has_to_be_better_than_none(*, asked_for: bool) -> None:
    """Who has none is as well off without one that is as good."""
    gains = (PLAIN, HAIR, EQUAL, WORSE)
    assert [is_taken(gain, None, asked_for=asked_for) for gain in gains] == [True, False, False, False]


@pytest.mark.parametrize("letters", [20, LETTERS, 2_000])
def test_luck_swaps_no_model(letters: int) -> None:
    """Of many pairs of models that are equally good hardly any night swaps, however many letters are held back."""
    swapped = [is_taken(PLAIN, drawn(seed, gain=0.0, letters=letters), asked_for=False) for seed in range(300)]
    assert sum(swapped) <= 15


def test_a_small_gain_is_found_once_there_are_letters_enough() -> None:
    """What was decided since counts together, night after night, until a gain stands out."""
    few, many = drawn(3, gain=0.05, letters=50), drawn(3, gain=0.05, letters=2_000)
    assert not is_taken(PLAIN, few, asked_for=False)
    assert is_taken(PLAIN, many, asked_for=False)


def test_many_letters_of_one_sender_are_one_piece_of_luck() -> None:
    """A hundred letters of a portal that fare better say nothing of those of all others."""
    losses = np.concatenate([np.full(100, -1.0), np.random.default_rng(5).normal(0.0, 0.2, 100)])
    portal = ["portal"] * 100 + [str(at) for at in range(100)]
    assert is_taken(PLAIN, of(losses, [str(at) for at in range(200)]), asked_for=False)
    assert not is_taken(PLAIN, of(losses, portal), asked_for=False)


def test_fewer_right_first_positions_are_worse() -> None:
    """Nearer probabilities do not make up for places that are plainly wrong; one letter more or less does not count."""
    better = np.random.default_rng(6).normal(-0.5, 0.2, LETTERS)
    senders = [str(at) for at in range(LETTERS)]
    for missed, taken in ((1, True), (40, False)):
        firsts = np.zeros(LETTERS)
        firsts[:missed] = -1.0
        assert is_taken(PLAIN, Difference.of(better, firsts, senders), asked_for=True) is taken


def test_of_hardly_any_letter_nothing_can_be_said() -> None:
    """None or one: no difference stands out."""
    for count in (0, 1):
        assert noise(np.zeros(count), [""] * count) == float("inf")
        told = of(np.full(count, -5.0), [""] * count)
        assert not told.is_better
        assert not told.is_worse
