"""A table says of a letter what its words say one by one, whether they stand as lists or as lines."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classification.knowledge import word_table
from services.classification.knowledge.word_table import WordTable

PLACES = 30
MOST = 3
words = st.text("abc", min_size=1, max_size=2)
said = st.lists(st.integers(1, 12), max_size=PLACES).map(
    lambda found: [(place, weight / 4) for place, weight in enumerate(found)]
)
tables = st.dictionaries(words, said, max_size=8)
letters = st.dictionaries(words, st.integers(1, 8).map(lambda weight: weight / 4), max_size=8)


def _naive(found: dict[str, list[tuple[int, float]]], letter: dict[str, float]) -> dict[int, dict[str, float]]:
    told: dict[int, dict[str, float]] = defaultdict(dict)
    for word, weight in letter.items():
        for place, own in found.get(word, ()):
            told[place][word] = own * weight
    return told


@pytest.mark.parametrize("most_of_lines", [0, 2 * 4 * PLACES, word_table._MOST_OF_LINES])
@given(found=tables, letter=letters)
def test_lists_and_lines_say_what_words_say_one_by_one(
    most_of_lines: int, found: dict[str, list[tuple[int, float]]], letter: dict[str, float]
) -> None:
    """Of rare and of common words, with room for no line, for two and for all: sums, and the words that say most."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(word_table, "_MOST_OF_LINES", most_of_lines)
        asked = WordTable.of(found).ask(letter)
    told = _naive(found, letter)
    assert asked.known == sum(bool(found.get(word)) for word in letter)
    assert asked.weight == sum(weight for word, weight in letter.items() if word in found)
    assert asked.sums(PLACES).tolist() == [sum(told[place].values()) for place in range(PLACES)]
    heaviest = [
        [word for _, word in sorted((-share, word) for word, share in told[place].items())[:MOST]]
        for place in range(PLACES)
    ]
    assert asked.telling(range(PLACES), MOST) == heaviest


def test_common_words_are_lines_and_rare_ones_lists() -> None:
    """Both stand in the table that the other test looks at."""
    table = WordTable.of({"rare": [(7, 1.0)], "common": [(place, 1.0) for place in range(20)], "unsaid": []})
    asked = table.ask({"rare": 1.0, "common": 1.0, "unsaid": 1.0})
    assert [table.names[row] for row in asked.lists.rows] == ["rare", "unsaid"]
    assert [table.names[row] for row in asked.lines.rows] == ["common"]
    assert np.array_equal(asked.lines.at(7), [1.0])
