"""Nothing real reaches a story: its time and its chance are those of its seed, whichever library asks for them."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

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
        yield
