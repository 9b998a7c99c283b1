"""Turns at servers: one at a time each, nobody waits for the dead while others live."""

import math
import threading
import time

import pytest

from services.adapters.text_extractor.tika.turns import Turns
from services.core.errors import TryLater


def _never(_: str) -> float:
    return math.inf


def test_a_place_that_does_not_answer_is_passed_over() -> None:
    """The living one is taken at once."""
    turns = Turns(["dead", "alive"], lambda place: place == "alive", _never, busy=5.0, away=5.0)
    for _ in range(3):
        with turns.taken() as place:
            assert place == "alive"


def test_places_take_turns() -> None:
    """The one that was idle longest is next."""
    turns = Turns("ab", lambda _: True, _never, busy=5.0, away=5.0)
    taken = []
    for _ in range(4):
        with turns.taken() as place:
            taken.append(place)
    assert "".join(taken) == "abab"


def test_nobody_shares_a_place() -> None:
    """While all are at work the next one waits, and gets what becomes free."""
    turns = Turns("a", lambda _: True, _never, busy=60.0, away=0.0)
    got: list[str] = []

    def next_one() -> None:
        with turns.taken() as place:
            got.append(place)

    with turns.taken():
        waiting = threading.Thread(target=next_one)
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        assert got == []
    waiting.join(60)
    assert got == ["a"]


def test_all_at_work_for_too_long_is_told() -> None:
    """Who waited longer than is meet asks again later."""
    turns = Turns("a", lambda _: True, _never, busy=0.1, away=5.0)
    with turns.taken(), pytest.raises(TryLater, match="tika_busy"), turns.taken():
        pass


def test_all_away_for_too_long_is_told() -> None:
    """The same when none answers."""
    since = time.monotonic()
    turns = Turns("ab", lambda _: False, lambda _: since, busy=5.0, away=0.1)
    with pytest.raises(TryLater, match="tika_away"), turns.taken():
        pass


def test_one_absence_is_waited_for_once() -> None:
    """Who comes when patience is over asks once more and does not wait; while one place was not missed it does."""
    missed = {"a": time.monotonic() - 60, "b": time.monotonic() - 60}
    turns = Turns("ab", lambda _: False, missed.__getitem__, busy=5.0, away=30.0)
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(TryLater, match="tika_away"), turns.taken():
            pass
    assert time.monotonic() - began < 30  # what a single wait would take
    missed["b"] = math.inf
    waits = Turns("ab", lambda _: False, missed.__getitem__, busy=0.3, away=0.1)
    with pytest.raises(TryLater, match="tika_busy"), waits.taken():
        pass
