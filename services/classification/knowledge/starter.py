"""What a mail room knows on its first day: letters of our own, and which of them positions of another plan take over.

A title that is the same needs no other word. A service key (LeiKa) names a matter everywhere in the country, a product
number (KGSt) a field of some positions, of which the likest by its texts is taken. Without any, the likest of all is
taken where nothing comes near it: what is taken over wrongly teaches wrongly, so doubt takes nothing.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec import Struct

from services.classification.knowledge.likeness import VERSION, Likeness
from services.classification.knowledge.likeness_cache import kept
from services.classification.knowledge.words import features
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan, PlanPosition, folded

_INSTALLED = Path(__file__).parents[2] / "file-plans"
_CHECKOUT = Path(__file__).parents[3] / "deploy" / "file-plans"
_PLAN, _EXAMPLES = "musterstadt.json", "examples"
By = Literal["title", "service", "product", "likeness"]
LIKE, APART = 0.1, 1.4
"""How like a position has to be to letters of ours, and how many times as like as to those of any other: of our own
positions, asked without their titles, see decision 0079."""
_MATTER = 8
"""Digits of a service key that name the matter; what follows says what is done about it."""
_NO_DIGIT = re.compile(r"[^0-9]")
_FIELD = 3
"""Digits of a product number that name its field."""


class Source(Struct, frozen=True):
    """Where the letters of a position come from."""

    code: str
    """The position of ours."""
    by: By


class Sources:
    """The positions of our plan, as others may ask for them."""

    def __init__(self, ours: FilePlan, known: Iterable[str], likeness: Callable[[], Likeness]) -> None:
        """`known` are those with letters; `likeness` of these letters is made where somebody asks for it."""
        self._ours, self._known = ours, frozenset(known)
        self._make = likeness
        self._titles: dict[str, list[str]] = defaultdict(list)
        for position in ours.positions:
            self._titles[folded(position.title)].append(position.code)

    @cached_property
    def _likeness(self) -> Likeness:
        return self._make()

    @cached_property
    def _by_service(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for code in sorted(self._known):
            for key in inherited(code, self._ours, lambda one: one.leika):
                found[key[:_MATTER]].append(code)
        return found

    @cached_property
    def _products(self) -> Mapping[str, Sequence[str]]:
        return {code: _numbers(code, self._ours) for code in sorted(self._known)}

    def of(self, position: PlanPosition, plan: FilePlan) -> Source | None:
        """The source for a position of `plan`; None where none is sure enough."""
        same = self._titles.get(folded(position.title), [])
        if same:
            title = position.code if position.code in same else same[0] if len(same) == 1 else ""
            return Source(title, "title") if title in self._known else None
        keys = inherited(position.code, plan, lambda one: one.leika)
        services = {code for key in keys for code in self._by_service.get(key[:_MATTER], ())}
        numbers = _numbers(position.code, plan)
        products = {code for code, mine in self._products.items() if _share_field(mine, numbers)}
        signs: tuple[tuple[By, set[str]], ...] = (("service", services), ("product", products))
        for by, among in signs:
            if among:
                likest = self._likest(position, among)
                return Source(likest, by) if likest else None
        return self._outstanding(position)

    def _likest(self, position: PlanPosition, among: set[str]) -> str:
        """Of several the likest; of one alone that one, whatever its texts."""
        if len(among) == 1:
            return next(iter(among))
        said = self._likenesses(position)
        likest = max(sorted(among), key=lambda code: said.get(code, 0.0))
        return likest if said.get(likest, 0.0) >= LIKE / 2 else ""

    def _outstanding(self, position: PlanPosition) -> Source | None:
        said = self._likenesses(position)
        if len(said) <= 1:
            return None
        second, first = np.sort(np.array([*said.values()]))[-2:].tolist()
        if first < LIKE or first < APART * second:
            return None
        return Source(max(said, key=lambda code: said[code]), "likeness")

    def _likenesses(self, position: PlanPosition) -> Mapping[str, float]:
        likeness = self._likeness
        text = " ".join((position.title, position.description, *position.keywords))
        said = likeness.likenesses(likeness.weigh(features(text)))
        return {} if said is None else dict(zip(likeness.codes, said, strict=True))


def inherited(code: str, plan: FilePlan, told: Callable[[PlanPosition], tuple[str, ...]]) -> tuple[str, ...]:
    """What a position tells, or else the nearest above it."""
    seen: set[str] = set()
    here = plan.by_code.get(code)
    while here and here.code not in seen:
        if said := told(here):
            return said
        seen.add(here.code)
        here = plan.by_code.get(here.parent or "")
    return ()


def _numbers(code: str, plan: FilePlan) -> list[str]:
    """Digits alone: `541-10` and `54.1.10` number the same product."""
    return [_NO_DIGIT.sub("", number) for number in inherited(code, plan, lambda one: one.kgst)]


def _share_field(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether one product is the other or a part of it."""
    pairs = ((min(a, b, key=len), max(a, b, key=len)) for a in ours for b in theirs)
    return any(len(short) >= _FIELD and long.startswith(short) for short, long in pairs)


def examples_for(plan: FilePlan, cache: Path) -> dict[str, list[str]]:
    """Letters by the code of the position in this plan; empty for a plan that has nothing of ours."""
    letters = _letters()
    return {code: letters[source.code] for code, source in sources_of(plan, cache).items()}


def sources_of(plan: FilePlan, cache: Path) -> dict[str, Source]:
    """Where each position of a plan takes its letters from. `cache` is the folder of what can be counted again."""

    def likeness() -> Likeness:
        return kept(cache, f"letters/{VERSION}/{_digest()}", lambda: Likeness(_letters()))

    sources = Sources(_ours(), _letters(), likeness)
    found = ((position.code, sources.of(position, plan)) for position in plan.open_leaves)
    return {code: source for code, source in found if source}


def fingerprint(plan: FilePlan) -> str:
    """Names the plan and the letters that are shipped with it: `2026.2-5b1c9f20`."""
    return f"{plan.version[:24]}-{_digest()}"


@lru_cache(maxsize=1)
def _digest() -> str:
    content = b"".join(file.read_bytes() for file in _files())
    return hashlib.sha256(content).hexdigest()[:8]


def texts() -> list[str]:
    """Every letter, as `examples_for` gives them."""
    return [text for mine in _letters().values() for text in mine]


def letters_of(code: str) -> int:
    """How many letters there are of a position of ours."""
    return len(_letters().get(code, ()))


def _files() -> list[Path]:
    return sorted(folder().glob("*.jsonl"))


@lru_cache(maxsize=1)
def _letters() -> dict[str, list[str]]:
    """Subject and text of each letter, by the code that it was written for."""
    found: dict[str, list[str]] = {}
    for file in _files():
        for line in file.read_text(encoding="utf-8").splitlines():
            letter = json.loads(line)
            found.setdefault(letter["position"], []).append(f"{letter['subject']}\n{letter['text']}")
    return found


@lru_cache(maxsize=1)
def _ours() -> FilePlan:
    return file_plan.decode((_plans() / _PLAN).read_bytes())


def folder() -> Path:
    """Where the letters lie."""
    return _plans() / _EXAMPLES


def _plans() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
