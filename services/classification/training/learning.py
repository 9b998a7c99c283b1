"""Trains a model: one pass over the texts of each position, then the words that say most."""

import numpy as np
from numpy.typing import NDArray

from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Stored
from services.classification.knowledge.word_table import Place, Weight
from services.classification.training.text_table import Chosen, Summed, TextTable

SMOOTHING = 0.1
MOST_WORDS = 200_000
"""Words that a model knows, those that weigh most."""
MOST_WEIGHTS = 8_000_000
"""Weights that a model has, six bytes each: of a large city's words those that weigh most have so many."""


def trained(table: TextTable, chosen: Chosen, likeness: Likeness, *, trust: float = 1.0, scale: float = 1.0) -> Stored:
    """A model of the chosen texts of the table, their words weighed as the likeness does."""
    rarities = table.rarities(likeness)
    said = {code: table.summed(code, chosen, rarities) for code in sorted(table.codes)}
    said = {code: summed for code, summed in said.items() if len(summed.words)}
    codes, sums = tuple(said), list(said.values())
    totals, spread = np.zeros(len(rarities)), np.zeros(len(rarities), np.intp)
    for mine in sums:
        totals[mine.words] += mine.weights
        spread[mine.words] += 1
    kept = _kept(totals, spread, np.array(table.names, dtype=object))
    row = np.full(len(totals), -1, np.intp)
    row[kept] = np.arange(len(kept))
    own = np.array([mine.weights[row[mine.words] >= 0].sum() for mine in sums])
    everywhere = totals[kept].sum() + SMOOTHING * len(kept)
    bias: list[float] = np.log(np.maximum(everywhere - own, SMOOTHING)).tolist()
    places, weights = _by_word(sums, row, totals)
    names = table.names
    words = [names[number] for number in kept.tolist()]
    return Stored(codes, words, spread[kept].astype(Place).tobytes(), places, weights, tuple(bias), trust, scale)


def _kept(totals: NDArray[np.float64], spread: NDArray[np.intp], names: NDArray[np.object_]) -> NDArray[np.intp]:
    """The words that weigh most, the heaviest first; of equal ones by their letters, not by who was met first."""
    known = np.flatnonzero(spread)
    if len(known) > MOST_WORDS:
        least = np.partition(totals[known], -MOST_WORDS)[-MOST_WORDS]
        known = known[totals[known] >= least]
    by_name = known[np.argsort(names[known], kind="stable")]
    order = by_name[np.argsort(-totals[by_name], kind="stable")][:MOST_WORDS]
    fits = int(np.searchsorted(np.cumsum(spread[order]), MOST_WEIGHTS, "right"))
    return order[:fits]


def _by_word(sums: list[Summed], row: NDArray[np.intp], totals: NDArray[np.float64]) -> tuple[bytes, bytes]:
    """Places and weights of all kept words, word by word in their order, the places of a word rising."""
    rows, places, weights = [], [], []
    for place, mine in enumerate(sums):
        here = row[mine.words] >= 0
        words, all_of_it = mine.words[here], totals[mine.words[here]] + SMOOTHING
        rows.append(row[words].astype(np.uint32))
        places.append(np.full(len(words), place, Place))
        said = -np.log(np.maximum(all_of_it - mine.weights[here], SMOOTHING) / all_of_it)
        weights.append(said.astype(Weight))
    if not rows:
        return b"", b""
    order = np.argsort(np.concatenate(rows), kind="stable")
    return np.concatenate(places)[order].tobytes(), np.concatenate(weights)[order].tobytes()
