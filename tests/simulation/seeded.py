"""Nothing real reaches a story: its time and its chance are those of its seed, whichever library asks for them."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

import msgspec

from services.classification.knowledge.known import plan_texts
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.likeness_cache import kept
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from tests.simulation.world import World

KNOWN_AS = {
    "time.monotonic": "monotonic",
    "time.perf_counter": "monotonic",
    "time.thread_time": "monotonic",
    "time.time": "timestamp",
    "time.sleep": "sleep",
}
"""Every clock of the operating system that Python code can ask, and what the world answers in its stead."""


@contextmanager
def seeded(world: World) -> Iterator[None]:
    """Clocks tell the story's time, sleeping lets others go first, and the system's entropy comes from the seed.

    Both are replaced at their source: `uuid` and `secrets` draw from there, and whatever will draw from there some day.
    Entropy has a stream of its own, so that a further id does not make every seed another story; receipts are drawn
    from the chance of the world, as they always were.
    """
    entropy = random.Random(f"{world.seed}/entropy").randbytes
    with ExitStack() as replaced:
        for name, own in KNOWN_AS.items():
            replaced.enter_context(patch(name, getattr(world, own)))
        for name in ("os.urandom", "random._urandom"):
            replaced.enter_context(patch(name, entropy))
        replaced.enter_context(patch("services.core.model.receipts.secrets.randbits", world.chance.getrandbits))
        replaced.enter_context(patch("services.classification.knowledge.known.plan_texts", _plan_texts))
        replaced.enter_context(patch("services.classification.training.runs.plan_texts", _plan_texts))
        replaced.enter_context(patch("services.classification.knowledge.known.kept", _kept))
        yield


_counted: dict[str, Likeness] = {}
"""What the words of a plan say, for all stories: a third of each went into reading it from disk again. It is never
changed, and no port is called for it."""
_MOST_COUNTED = 50


def _kept(folder: Path, name: str, count: Callable[[], Likeness]) -> Likeness:
    if name not in _counted:
        if len(_counted) >= _MOST_COUNTED:
            _counted.clear()
        _counted[name] = kept(folder, name, count)
    return _counted[name]


def _plan_texts(plan: FilePlan, cache: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    return _texts_of(msgspec.json.encode(plan), cache)


@lru_cache(maxsize=_MOST_COUNTED)
def _texts_of(plan: bytes, cache: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    return plan_texts(file_plan.decode(plan), cache)
