"""A trained model: what each word of a letter says for each position, learned from all texts at one time.

Complement naive Bayes (Rennie and others 2003): a word speaks for a position as far as the texts of all others lack it.
It is trained in one pass, forgets whoever is left out of the next, and stands word by word like the likeness does.
"""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.classification.calibration import VERSION, Calibration
from services.classification.knowledge.word_table import Asked, Place, WordTable

FORMAT = b"poststelle-model-1\n"
LARGEST = 64 * 1024 * 1024
"""Bytes of a model that are read."""
KNOWN_AT_LEAST = 4
"""Known features below which a model says nothing: a word of six letters."""


class Stored(Struct, frozen=True, array_like=True):
    """A model as it lies in the store."""

    codes: tuple[str, ...]
    words: list[str]
    lengths: bytes
    places: bytes
    weights: bytes
    bias: tuple[float, ...]
    trust: float
    scale: float
    by_words: tuple[float, ...] = ()
    """How sure words and model are together; empty where nobody measured it, as in models of before."""
    by_meaning: tuple[float, ...] = ()
    """The same of letters that are compared by meaning, too."""
    signs: int = 1
    """The version of the signs that both weigh."""


class Model:
    """What was trained, for the positions of `codes`."""

    def __init__(self, stored: Stored) -> None:
        """ValueError for parts that do not fit together."""
        self.codes, self.trust, self.scale = stored.codes, stored.trust, stored.scale
        by_words, by_meaning = _calibration(stored.by_words), _calibration(stored.by_meaning)
        known = stored.signs == VERSION  # else probabilities stay as they are until the next training
        self.by_words, self.by_meaning = (by_words, by_meaning) if known else (None, None)
        self.table = WordTable(stored.words, np.frombuffer(stored.lengths, Place), stored.places, stored.weights)
        self._bias = np.array(stored.bias)
        if len(self._bias) != len(self.codes) or self.table.highest >= len(self.codes):
            raise ValueError
        self._asked_for: tuple[Sequence[str], NDArray[np.intp]] = ((), np.zeros(0, np.intp))

    def ask(self, weighed: Mapping[str, float]) -> Asked | None:
        """What the words of a letter say, for the places of the model's codes; None where it knows no word."""
        asked = self.table.ask(weighed)
        return asked if asked.known >= KNOWN_AT_LEAST else None

    def says(
        self, weighed: Mapping[str, float], codes: Sequence[str], asked: Asked | None = None
    ) -> NDArray[np.float64]:
        """For each of these positions, against the mean of all: nothing where the model does not know it.

        `asked` is what the same words were answered before, where that is at hand.
        """
        asked = asked or self.table.ask(weighed)
        said = asked.sums(len(self.codes)) + asked.weight * self._bias
        centred = np.append(said - (said.mean() if len(said) else 0.0), 0.0)
        return np.float64(self.trust) * centred[self._places(codes)]

    def _places(self, codes: Sequence[str]) -> NDArray[np.intp]:
        known, places = self._asked_for
        if known is not codes:
            mine = {code: place for place, code in enumerate(self.codes)}
            places = np.array([mine.get(code, -1) for code in codes], np.intp)
            self._asked_for = (codes, places)
        return places


def _calibration(weights: tuple[float, ...]) -> Calibration | None:
    return Calibration(weights) if weights else None


def encode(stored: Stored) -> bytes:
    """The bytes of a model; their hash is its name."""
    return FORMAT + msgspec.msgpack.encode(stored)


def decode(content: bytes, name: str) -> Model:
    """The model of this name. ValueError for one that is broken, too large or of another version."""
    if len(content) > LARGEST or name != name_of(content) or not content.startswith(FORMAT):
        raise ValueError
    try:
        return Model(msgspec.msgpack.decode(content[len(FORMAT) :], type=Stored))
    except msgspec.MsgspecError as error:
        raise ValueError from error


def name_of(content: bytes) -> str:
    """The hash by which a model is named."""
    return hashlib.sha256(content).hexdigest()
