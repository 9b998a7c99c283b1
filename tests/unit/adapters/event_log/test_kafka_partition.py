"""What a member holds of its partitions: leases in order, places done ahead, and never more than there is space for."""

import random

import pytest

from services.adapters.event_log.kafka.group import assignment
from services.adapters.event_log.kafka.group.assignment import Assignment
from services.adapters.event_log.kafka.group.partition import Partition
from services.adapters.event_log.watermark import LIMIT, Watermark
from services.core.messages.envelope import Message
from services.core.ports.event_log import Delivery

PLACE = ("documents.indexed", 3)


def message(key: str, size: int = 10) -> Message:
    """A record of that key."""
    return Message(topic=PLACE[0], key=key, headers=(), value=bytes(size))


def filled(count: int, keys: int) -> Partition:
    """A partition with messages of so many keys in turn."""
    partition = Partition(*PLACE)
    for offset in range(count):
        partition.arrive(offset, message(f"k{offset % keys}"))
    return partition


def test_leases_come_oldest_first() -> None:
    """Messages are leased in the order they have in the log."""
    assert [offset for offset, _ in filled(50, 7).lease(50, 0.0)] == list(range(50))


def test_a_key_that_was_put_back_waits_and_others_go_on() -> None:
    """What was deferred holds later ones of its key until it is due, then comes first."""
    partition = filled(6, 2)
    offset, first = partition.lease(1, 0.0)[0]
    partition.retry_later(offset, first, 10.0)
    assert [offset for offset, _ in partition.lease(9, 9.9)] == [1, 3, 5]
    assert partition.due == 10.0
    assert [offset for offset, _ in partition.lease(9, 10.0)] == [0, 2, 4]


def test_a_successor_gets_exactly_what_is_not_done() -> None:
    """State handed over in the log's words brings back all that was not finished and nothing else."""
    chance = random.Random(7)
    partition = filled(400, 90)
    leased = partition.lease(300, 0.0)
    done = {offset for offset, _ in chance.sample(leased, 150)}
    for offset, record in leased:
        if offset in done:
            partition.finish(offset, record)
    heir = Partition(*PLACE, Watermark.decode(*partition.state))
    for offset in range(partition.state[0], 400):
        heir.arrive(offset, message(f"k{offset % 90}"))
    assert [offset for offset, _ in heir.lease(999, 0.0)] == sorted(set(range(400)) - done)


@pytest.mark.parametrize("batch", [7, 37, 500])
def test_what_is_done_ahead_never_outgrows_its_space(batch: int) -> None:
    """However messages are acked and deferred, all that was acked fits into the note; then only the low one goes.

    When the low ones are done at last, everything flows again.
    """
    chance = random.Random(batch)
    partition = filled(4000, 4000)
    done: set[int] = set()
    while leased := partition.lease(batch, 0.0):
        for offset, record in leased:
            if offset and chance.random() < 0.5:
                partition.finish(offset, record)
                done.add(offset)
            else:
                partition.retry_later(offset, record, 10.0)
        assert len(partition.state[1]) <= LIMIT
        assert not done or Watermark.decode(*partition.state).is_done(max(done))
    assert 500 < len(done) < 3900
    while leased := partition.lease(batch, 10.0):
        for offset, record in leased:
            partition.finish(offset, record)
    assert partition.state == (4000, "")
    assert partition.load == 0


def test_skipped_places_hold_nothing_up() -> None:
    """Offsets that the log skips (retention, control records) count as done."""
    partition = Partition(*PLACE, Watermark(5))
    for offset in (9, 12):
        partition.arrive(offset, message("k"))
    for offset, record in partition.lease(2, 0.0):
        partition.finish(offset, record)
    assert partition.state == (13, "")


def test_a_settle_that_comes_too_late_changes_nothing() -> None:
    """Leases of a partition that was taken away, and leases given back, can be neither settled nor deferred."""
    ours = Assignment()
    ours.give(PLACE, -1, "")
    for offset in range(2):
        ours.arrive(PLACE[1], offset, message(f"k{offset}"))
    stale = ours.lease(2, 0.0)
    (partition,) = ours.take([PLACE])
    ours.give(PLACE, 0, "")
    assert ours.finish(stale) == [partition]
    ours.retry_later(stale[0], 99.0)
    assert (partition.owned, partition.state) == (False, (0, ""))


def test_a_log_that_was_made_anew_is_read_from_its_beginning() -> None:
    """Where the log counts from a lower place than before, nothing of it is taken for done."""
    ours = Assignment()
    ours.give(PLACE, 100, "")
    ours.arrive(PLACE[1], 100, message("k"))
    ours.arrive(PLACE[1], 0, message("new"))
    assert [delivery.message.key for delivery in ours.lease(9, 0.0)] == ["new"]


def test_a_foreign_note_repeats_and_loses_nothing() -> None:
    """A note that is none of ours is no reason to skip anything."""
    ours = Assignment()
    ours.give(PLACE, 7, "somebody else was here")
    ours.arrive(PLACE[1], 7, message("k"))
    assert len(ours.lease(9, 0.0)) == 1


def test_a_full_partition_is_paused_and_resumed_when_half_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fetched ahead is bounded by count, by size, and by all partitions together."""
    monkeypatch.setattr(assignment, "WINDOW", 40)
    ours = Assignment()
    ours.give(PLACE, -1, "")
    for offset in range(10):
        ours.arrive(PLACE[1], offset, message("k", size=3 * 4096))
    paused, resumed = ours.throttle()
    assert ([partition.number for partition in paused], resumed) == ([3], [])
    leased = ours.lease(9, 0.0)
    ours.finish(leased[:4])
    assert ours.throttle() == ([], [])
    ours.finish(leased[:5])
    assert [partition.number for partition in ours.throttle()[1]] == [3]


def test_partitions_take_turns() -> None:
    """A partition with much to do does not starve the others."""
    ours = Assignment()
    for number in range(3):
        ours.give((PLACE[0], number), -1, "")
        for offset in range(30):
            ours.arrive(number, offset, message(f"k{number}"))
    assert {delivery.message.key for _ in range(3) for delivery in ours.lease(5, 0.0)} == {"k0", "k1", "k2"}


def test_a_delivery_of_another_log_is_refused() -> None:
    """A token that is not ours is a bug of the caller."""
    with pytest.raises(TypeError):
        Assignment().finish([Delivery(message("k"), object())])
