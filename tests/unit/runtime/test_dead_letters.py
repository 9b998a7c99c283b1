"""Dead letters: what is dead is listed until a replay of it was worked off, and nothing that dies twice is hidden."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.topics import replay_topic
from services.core.model.record_files import DeadLetter
from services.runtime.worker import dead_letters
from services.runtime.worker.dead_letters import LetterFilter
from services.runtime.worker.loop import Broken
from tests.unit.runtime.loop import NOW, SERVICE, Loop, document, event, record_of


def listed(loop: Loop, **narrow: object) -> list[DeadLetter]:
    """What is dead now."""
    return list(dead_letters.letters(loop.blobs, "main", msgspec.convert(narrow, LetterFilter)))


def replay(loop: Loop) -> int:
    """Put everything before the service again; how many it were."""
    tally = dead_letters.replay(listed(loop), loop.log, dry_run=False)
    return tally.groups.total() - tally.unreadable


def dying(*pairs: tuple[int, int], **worker: Any) -> Loop:
    """A loop in which these have died."""
    loop = Loop(**worker).warm()
    for pair in pairs:
        loop.failing[pair] = KeyError()
    loop.tell(*pairs)
    loop.turn()
    return loop


def test_a_letter_tells_who_gave_up_what_when_and_why() -> None:
    """All that a person needs is in the store, whatever became of the log."""
    loop = dying((1, 1))
    (letter,) = listed(loop)
    assert (letter.id, letter.event_id, letter.document) == (event(1, 1).id, event(1, 1).id, document(1))
    assert (letter.service, letter.error_code, letter.died_at) == (SERVICE, "bug", NOW)
    assert dead_letters.original_message(letter) == record_of(1, 1)


def test_a_replay_is_handled_although_the_worker_knows_the_event() -> None:
    """It reaches the handler as the same event, on the topic of this service alone, and the letter is dead no more."""
    loop = dying((1, 1), (2, 1))
    loop.failing.clear()
    assert replay(loop) == 2
    assert len(listed(loop)) == 2
    assert sorted(loop.turn()) == [(1, 1), (2, 1)]
    assert listed(loop) == []
    assert len(loop.log.topics[replay_topic(SERVICE)]) == 2
    assert loop.codes() == ["bug", "bug"]


def test_a_replay_that_dies_again_is_a_letter_of_its_own() -> None:
    """Each attempt has its id: the first letter leaves the list, the second stands there, and can be replayed too."""
    loop = dying((1, 1))
    ids = {listed(loop)[0].id}
    for _ in range(3):
        replay(loop)
        loop.turn()
        (letter,) = listed(loop)
        assert letter.event_id == event(1, 1).id
        assert letter.topic == replay_topic(SERVICE)
        ids.add(letter.id)
    assert len(ids) == 4
    assert [facts.event_id for facts in loop.dead()][-1] in ids
    loop.failing.clear()
    replay(loop)
    assert loop.turn() == [(1, 1)]
    assert listed(loop) == []


def test_asked_twice_it_is_handled_once() -> None:
    """Whoever was interrupted, or presses the button again, repeats the same replay, which a worker knows."""
    loop = dying((1, 1), batch=1)
    loop.failing.clear()
    replay(loop)
    replay(loop)
    assert loop.turn(2) == [(1, 1)]
    assert listed(loop) == []


def test_killed_before_it_settles_the_replay_comes_again() -> None:
    """The mark is made before the delivery is done: what was worked off is not dead, and the repeat changes nothing."""
    loop = dying((1, 1))
    loop.failing.clear()
    replay(loop)
    mark = loop.log.groups[SERVICE].done
    before = set(mark)
    loop.turn()
    mark.intersection_update(before)
    loop.log.groups[SERVICE].low.clear()
    loop.start()
    assert loop.turn() == [(1, 1)]
    assert listed(loop) == []


def test_with_the_store_away_the_replay_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its mark a letter would stay in the list for ever: the delivery is deferred instead."""
    loop = dying((1, 1))
    loop.failing.clear()
    replay(loop)

    def away(*_: object) -> bool:
        raise TryLater

    with monkeypatch.context() as patched:
        patched.setattr(loop.blobs, "create", away)
        loop.turn()
    assert len(listed(loop)) == 1
    assert loop.later(60) == [(1, 1)]
    assert listed(loop) == []


def test_what_nobody_can_read_stays_and_says_so() -> None:
    """A stranger's record is counted as unreadable, published to nobody, and stays in the list."""
    loop = Loop().warm()
    loop.put(record_of(1, 1), value=b"no json")
    loop.turn()
    tally = dead_letters.replay(listed(loop), loop.log, dry_run=False)
    assert (tally.groups, tally.unreadable) == ({(SERVICE, "schema"): 1}, 1)
    assert not loop.log.topics.get(replay_topic(SERVICE))
    assert len(listed(loop)) == 1


def test_a_broken_sealed_copy_is_listed_and_hides_nobody() -> None:
    """The list names it, and goes on with the others."""
    loop = dying((1, 1))
    key = keys.sealed("main", "filing", event(2, 1).id)
    loop.blobs.create(Bucket.RECORDS, key, b"{")
    assert [(letter.service, letter.error_code) for letter in listed(loop)] == [
        ("filing", "record_broken"),
        (SERVICE, "bug"),
    ]


def test_a_dry_run_publishes_nothing() -> None:
    """It counts by service and code."""
    loop = dying((1, 1), (2, 1))
    tally = dead_letters.replay(listed(loop), loop.log, dry_run=True)
    assert tally.groups == {(SERVICE, "bug"): 2}
    assert not loop.log.topics.get(replay_topic(SERVICE))


def test_lists_are_narrowed() -> None:
    """By every field that a letter has."""
    loop = dying((1, 1), (2, 1), (3, 1))
    everything = listed(loop)
    one = everything[1]
    assert listed(loop, id=one.id) == listed(loop, document=one.document) == [one]
    assert listed(loop, service=SERVICE, error_code="bug", topic="documents.indexed") == everything
    assert listed(loop, service="filing") == listed(loop, error_code="schema") == []
    assert listed(loop, died_from=NOW) == everything
    assert listed(loop, died_before=NOW) == listed(loop, died_from=NOW + timedelta(seconds=1)) == []


def test_pages_are_newest_first_and_go_on_where_they_ended() -> None:
    """Across services, with one that cannot be read at the end; what dies or is worked off meanwhile moves nobody."""
    loop = dying((1, 1), (2, 1), (3, 1), (4, 1))
    loop.blobs.create(Bucket.RECORDS, keys.sealed("main", "filing", event(5, 1).id), b"{")
    (broken, *read) = listed(loop)
    died = [structs.replace(one, died_at=NOW + timedelta(hours=n)) for n, one in enumerate(read)]
    newest = [*reversed(died), broken]
    first, after = dead_letters.page([broken, *died], limit=2)
    assert first == newest[:2]
    late = structs.replace(read[0], id=event(9, 1).id, died_at=NOW + timedelta(days=1))
    second, after = dead_letters.page([late, broken, *died[:-1]], limit=2, after=after)
    assert second == newest[2:4]
    assert dead_letters.page([broken, *died], limit=2, after=after) == (newest[4:], "")
    assert dead_letters.page(read, limit=4)[0] == sorted(read, key=dead_letters.place_of, reverse=True)


def test_replays_that_die_in_a_row_stop_the_service() -> None:
    """The bug was not removed after all: the breaker counts them like all others, and none is lost."""
    loop = dying((1, 1), (2, 1), breaker=3)
    replay(loop)
    with pytest.raises(Broken):
        loop.turn()
    assert len(listed(loop)) == 2
