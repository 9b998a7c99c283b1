"""What a decided letter says beside the words of a new one."""

import numpy as np
import pytest

from services.classification.fusion import MATTERING, STARTER, Found, Offices, fuse
from services.core.vocabulary import MAIN_OFFICE

CODES = tuple(f"position-{number}" for number in range(300))
BY_WORDS, BY_CLERK = CODES[7], CODES[11]


def first(vote: float) -> str:
    """The most probable position of a letter whose words lead to one, and a decided letter like it to another."""
    like = np.full(len(CODES), 0.002)
    like[CODES.index(BY_WORDS)] = 0.055
    found = Found(codes=CODES, like=like, known_words=300, neighbours={BY_CLERK: vote})
    probabilities, _ = fuse(found, STARTER)
    return max(probabilities, key=lambda code: probabilities[code])


@pytest.mark.parametrize(("vote", "expected"), [(0.1, BY_WORDS), (0.4, BY_WORDS), (0.8, BY_CLERK), (1.0, BY_CLERK)])
def test_nearly_the_same_letter_outweighs_words(vote: float, expected: str) -> None:
    """What a clerk decided about it counts more than what words are usual elsewhere; mere resemblance does not."""
    assert first(vote) == expected


def test_an_office_is_as_likely_as_its_positions_together() -> None:
    """Every position counts for its office, one without an office for the mail room."""
    office_of = {code: f"office-{number % 7}" for number, code in enumerate(CODES) if number % 11}
    said = {code: 1 / (3 + number) for number, code in enumerate(CODES)}
    expected: dict[str, float] = {}
    for code, share in said.items():
        office = office_of.get(code, MAIN_OFFICE)
        expected[office] = expected.get(office, 0.0) + share
    assert Offices(CODES, office_of).sums(said) == expected


def test_of_equal_positions_the_first_are_looked_at() -> None:
    """Where more are alike than are told, those that stand first in the plan are, as in a list that is sorted whole."""
    codes = tuple(f"{number:03}" for number in range(200))
    like = np.round(np.random.default_rng(7).random(200), 1)
    _, shares = fuse(Found(codes=codes, like=like, known_words=300), STARTER)
    whole = [codes[place] for place in np.argsort(-like, kind="stable")[:MATTERING]]
    assert list(shares) == whole
