"""How long an adapter waits before it asks a server again: one rule for all that ask again by themselves."""

import random


def pause_s(attempt: int, *, first_s: float, longest_s: float) -> float:
    """Seconds before the next attempt, after so many (from 1): doubled each time, up to the longest.

    Between half and all of it by chance: clients that failed together must not come again together.
    """
    longest: float = min(first_s * 2 ** (attempt - 1), longest_s)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
