"""How long a file has been still."""

from services.scan_intake.hot_folder.stability import EntryPath, StabilityWatch, Stamp

A, B = ("inbox", "s", "a"), ("inbox", "s", "b")


class Clock:
    """Seconds that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_only_our_own_watching_counts() -> None:
    """A file is still from when we first saw it so, whatever its own time of change says."""
    clock = Clock()
    watch = StabilityWatch(clock)
    assert watch.seconds(A) == 0
    watch.look({A: (5, -1), B: (5, 10**30)})
    clock.now += 7
    watch.look({A: (5, -1), B: (6, 10**30)})
    assert (watch.seconds(A), watch.seconds(B)) == (7, 0)


def test_what_was_gone_begins_anew() -> None:
    """Nothing is remembered of a file that was away for one look."""
    clock = Clock()
    watch = StabilityWatch(clock)
    looks: list[dict[EntryPath, Stamp]] = [{A: (5, 1)}, {}, {A: (5, 1)}]
    for found in looks:
        clock.now += 7
        watch.look(found)
    assert watch.seconds(A) == 0
    assert watch.stamp(B) is None
