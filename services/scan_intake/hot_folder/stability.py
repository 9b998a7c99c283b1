"""How long a file has not changed, by our own watching: the clocks of shares and scanners are not asked."""

from collections.abc import Callable, Mapping

EntryPath = tuple[str, ...]
"""Where a file was seen, below the hot folder."""

Stamp = tuple[int, int]
"""Bytes and time of the last change in nanoseconds; only ever compared with another of the same file."""


class StabilityWatch:
    """What was seen when; belongs to one thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._seen: dict[EntryPath, tuple[Stamp, float]] = {}

    def look(self, found: Mapping[EntryPath, Stamp]) -> None:
        """Note what is there now; whatever is gone or has changed begins anew when it is seen again."""
        now = self._monotonic()
        before = self._seen
        self._seen = {
            place: before[place] if place in before and before[place][0] == stamp else (stamp, now)
            for place, stamp in found.items()
        }

    def seconds(self, place: EntryPath) -> float:
        """How long it has been seen unchanged."""
        return self._monotonic() - self._seen[place][1] if place in self._seen else 0.0

    def stamp(self, place: EntryPath) -> Stamp | None:
        """As it was seen last."""
        return self._seen[place][0] if place in self._seen else None
