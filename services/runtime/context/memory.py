"""Keeps a process with many threads small."""

import ctypes

_M_ARENA_MAX = -8
"""See mallopt(3)."""
ARENAS = 2


def few_arenas() -> None:
    """Have all threads share a few arenas of the C library: else each has its own, and each keeps its highest water.

    A C library without arenas has none to limit.
    """
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(_M_ARENA_MAX, ARENAS)
