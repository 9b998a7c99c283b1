"""What a document's passages mean, as the index keeps it, and how near a question lies to them.

A passage is a point of 512 numbers, kept with eight bits each. Beside its points an entry has the landmarks that they
lie near to: by these the index finds documents without looking at every point, as by words (an inverted file).
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from services.runtime.meaning import encoder
from services.runtime.meaning.encoder import SIZE, Points, of_length_one

MODEL = f"{encoder.VERSION}-2"
"""The encoder, how texts are cut, and the landmarks: points of another one are not compared, and made anew."""
LANDMARKS = "landmarks.npy"
PASSAGES = 6
"""Of a document, from its beginning."""
PASSAGE_WORDS, LONGEST_PASSAGE_WORDS, PASSAGE_CHARACTERS, TITLE_CHARACTERS = 30, 60, 600, 100
"""Short ones, each behind the title: a point of sixty words is too far from a question of six. A text that is longer
than six of them is cut into six longer ones, for of words without a point nothing is known."""
NEAREST, PROBED = 2, 8
"""Landmarks that a passage is found by, and that a question asks for."""
_STEPS = 127


def passages(title: str, text: str) -> list[str]:
    """The first passages of a document, its title before each."""
    words = text[: 2 * PASSAGES * PASSAGE_CHARACTERS].split()[: PASSAGES * LONGEST_PASSAGE_WORDS]
    size = max(PASSAGE_WORDS, math.ceil(len(words) / PASSAGES))
    head = f"{title[:TITLE_CHARACTERS]}. " if title else ""
    cut = (" ".join(words[at : at + size]) for at in range(0, max(len(words), 1), size))
    whole = (f"{head}{one}"[:PASSAGE_CHARACTERS] for one in cut)
    return [one for one in whole if any(map(str.isalpha, one))]


def packed(points: Points) -> bytes:
    """Points as an entry keeps them."""
    largest = np.abs(points).max(axis=1, keepdims=True)
    steps: NDArray[np.int8] = np.round(points / np.maximum(largest, np.float32(1e-12)) * _STEPS).astype(np.int8)
    return steps.tobytes()


def unpacked(kept: bytes) -> Points:
    """Points of an entry; none where the bytes are none of ours."""
    if len(kept) % SIZE or len(kept) > PASSAGES * SIZE:
        return np.zeros((0, SIZE), np.float32)
    return of_length_one(np.frombuffer(kept, np.int8).reshape(-1, SIZE).astype(np.float32))


def nearness(question: Points, kept: Sequence[bytes]) -> list[float | None]:
    """For each entry's points how near the nearest passage lies to a question: 1 the same, 0 nothing in common.

    None where there are no points.
    """
    return [_nearest(question, unpacked(one)) for one in kept]


def _nearest(question: Points, points: Points) -> float | None:
    return float((points @ question[0]).max()) if len(points) else None


def landmarks_of(points: Points, count: int = NEAREST) -> tuple[str, ...]:
    """The names of the landmarks that each point lies nearest to, so many of each."""
    likeness = points @ _landmarks().T
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    return tuple(dict.fromkeys(_names(nearest)))


def _names(nearest: np.ndarray) -> Iterator[str]:
    for row in nearest.tolist():
        yield from (f"{MODEL}:{number}" for number in row)


@lru_cache(maxsize=1)
def _landmarks() -> Points:
    with as_file(files(__package__).joinpath(LANDMARKS)) as file:
        return of_length_one(np.load(file, allow_pickle=False).astype(np.float32))
