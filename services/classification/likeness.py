"""Which positions a letter is like, by its words: those of the plan and of the letters that are known of each position.

A position is the sum of the words of its texts, weighed by how few positions share them (Rocchio's method with inverse
document frequencies). Weights stand word by word, so a letter asks only for its own words, and a plan of a thousand
positions costs hardly more than one of a hundred.
"""

import math
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

import snowballstemmer

from services.classification.starter import examples_for
from services.core.messages.events import Candidate
from services.core.plan.file_plan import FilePlan

CHARACTERS = 8_000
"""Of a letter: its first pages tell what it is about, the rest quotes and encloses."""
WORDS_AT_LEAST = 6
"""Known words below which nobody can say what a letter is like."""
PROPOSED = 5
SURE_AT_MOST = 0.5
"""Likeness was never measured against what clerks decide here, so it ranks proposals and files nothing: the first one
is told as half sure, the others in proportion."""

_MOST_FEATURES = 1_500
"""Heaviest words kept of each position: the rest is names and chance."""
_DAMPING = 0.7
"""Exponent for how often a position says a word: the tenth time tells less than the first."""
_LONG_WORD, _HEAD, _TAIL = 7, 6, 5
"""Compounds are known by their beginning and their end: Elternbeitrag and Elternbeiträge, Hundesteuer and Steuer."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_FOLDING = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
_STEMMER = snowballstemmer.stemmer("german")
_STEMMING = threading.Lock()


class Likeness:
    """The words of every position of one plan."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        """`texts` are those known of each position, by its code."""
        said: dict[str, dict[str, float]] = {code: defaultdict(float) for code in texts}
        spread: Counter[str] = Counter()
        count = 0
        for code, known in texts.items():
            for text in known:
                features = _features(text)
                for feature, times in features.items():
                    said[code][feature] += 1 + math.log(times)
                spread.update(features.keys())
                count += 1
        self._rarity = {feature: math.log(count / (1 + times)) + 1 for feature, times in spread.items()}
        self._weights: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for code, weighed in said.items():
            for feature, weight in self._heaviest(weighed):
                self._weights[feature].append((code, weight))

    def nearest(self, text: str) -> Iterator[tuple[str, float]]:
        """Codes of positions and how like they are, the most like first; nothing where the words say nothing."""
        features = {
            feature: times for feature, times in _features(text[:CHARACTERS]).items() if feature in self._weights
        }
        if len(features) < WORDS_AT_LEAST:
            return
        like: dict[str, float] = defaultdict(float)
        for feature, times in features.items():
            own = (1 + math.log(times)) * self._rarity[feature]
            for code, weight in self._weights[feature]:
                like[code] += own * weight
        yield from sorted(like.items(), key=lambda one: (-one[1], one[0]))

    def _heaviest(self, features: Mapping[str, float]) -> list[tuple[str, float]]:
        """The weights of a position, of length one together, so that positions of many letters outweigh nobody."""
        weights = {feature: times**_DAMPING * self._rarity[feature] for feature, times in features.items()}
        kept = sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:_MOST_FEATURES]
        length = math.sqrt(sum(weight * weight for _, weight in kept)) or 1.0
        return [(feature, weight / length) for feature, weight in kept]


def by_likeness(plan: FilePlan, title: str, texts: Iterable[str]) -> list[Candidate]:
    """The positions that a letter is most like, the first told as half sure; none where none is known."""
    known = _of(plan)
    if known is None:
        return []
    text = "\n".join((title, title, *texts))
    usable = ((code, like) for code, like in known.nearest(text) if code in plan.open_codes)
    best = list(islice(usable, PROPOSED))
    return [
        Candidate(position=code, confidence=round(SURE_AT_MOST * like / best[0][1], 3), evidence="learned")
        for code, like in best
    ]


_KNOWN: dict[str, Likeness | None] = {}
_LEARNING = threading.Lock()


def _of(plan: FilePlan) -> Likeness | None:
    """Made at the first letter that needs it, in a second or two, and kept while the plan is in force."""
    with _LEARNING:
        if plan.version not in _KNOWN:
            _KNOWN.clear()
            _KNOWN[plan.version] = _learned(plan)
        return _KNOWN[plan.version]


def _learned(plan: FilePlan) -> Likeness | None:
    examples = examples_for(plan)
    if not examples:
        return None
    texts = {position.code: list(examples.get(position.code, ())) for position in plan.positions}
    for position in plan.positions:
        words = [word for rule in position.rules for word in rule.words]
        texts[position.code].append(" ".join((position.title, position.description, *position.keywords, *words)))
    return Likeness({code: known for code, known in texts.items() if code in plan.open_codes})


def _features(text: str) -> Counter[str]:
    """Stems, and of long words their beginnings and ends."""
    found: Counter[str] = Counter()
    for word in _WORD.findall(text.lower().translate(_FOLDING)):
        stem = _stem(word)
        found[stem] += 1
        if len(word) > _LONG_WORD:
            found[f"^{word[:_HEAD]}"] += 1
            found[f"${stem[-_TAIL:]}"] += 1
    return found


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    with _STEMMING:  # the stemmer keeps the word it works on in itself
        return str(_STEMMER.stemWord(word))
