"""What every event log promises to several members of one group."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from services.core.errors import TryLater
from services.core.messages.envelope import message_id
from services.core.ports.event_log import Delivery, Reader
from tests.ports.event_log.logs import Logs
from tests.ports.event_log.readers import (
    MOMENT,
    PATIENCE,
    TOPIC,
    a_group,
    a_key,
    an_event,
    events_of,
    eventually,
    gather,
    ids,
    own,
)


class Member(threading.Thread):
    """A worker that notes what it had in hand, and when."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.handled: list[tuple[str, str, float, float]] = []
        """Key, event id, from when to when it was in this member's hands."""
        self.stopping = False

    def run(self) -> None:
        """Read and settle in small batches."""
        while not self.stopping:
            batch = self.reader.read(3, MOMENT)
            since = time.monotonic()
            time.sleep(0.001)
            until = time.monotonic()
            self.reader.ack(batch)
            self.handled += [(got.message.key, message_id(got.message), since, until) for got in batch]


@pytest.fixture
def pair(logs: Logs) -> Iterator[tuple[Member, Member]]:
    """Two members of one group that have both been given work."""
    group = a_group()
    one, two = (Member(logs.open().reader(group, [TOPIC])) for _ in range(2))
    one.start()
    two.start()

    sent: set[str] = set()

    def both_work() -> bool:
        warm_up = [an_event(a_key(), 1) for _ in range(4)]
        logs.open().publish(*warm_up)
        sent.update(ids(warm_up))
        return bool(one.handled and two.handled)

    eventually(both_work)
    eventually(lambda: sent <= {event_id for _, event_id, *_ in one.handled + two.handled})
    yield one, two
    for member in (one, two):
        member.stopping = True
        member.join()
        member.reader.close()


def test_members_share_the_work_without_doubles(logs: Logs, pair: tuple[Member, Member]) -> None:
    """Each message goes to one member, in the order of its key, and a key is never at two members at a time."""
    keys = [a_key() for _ in range(30)]
    sent = [an_event(key, number) for number in range(1, 11) for key in keys]
    logs.open().publish(*sent)

    def handled() -> list[tuple[str, str, float, float]]:
        return sorted((one for member in pair for one in list(member.handled) if one[0] in keys), key=lambda x: x[2])

    eventually(lambda: len(handled()) >= len(sent))
    for key in keys:
        of_key = [one for one in handled() if one[0] == key]
        assert [one[1] for one in of_key] == ids(event for event in sent if event.key == key)
        for member in pair:
            mine = [one for one in member.handled if one[0] == key]
            theirs = [one for one in of_key if one not in mine]
            assert not [1 for a in mine for b in theirs if a[2] < b[3] and b[2] < a[3]]


def _poll(readers: list[Reader], key: str, seconds: float, limit: int = 1) -> tuple[Reader, list[Delivery]] | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for reader in readers:
            if mine := own(reader, reader.read(limit, MOMENT), {key}):
                return reader, mine
    return None


def test_a_key_in_one_members_hands_is_not_given_to_another(logs: Logs, pair: tuple[Member, Member]) -> None:
    """While one member has a message of a key, the other gets none of that key, and the rest of its work."""
    for member in pair:
        member.stopping = True
        member.join()
    readers = [member.reader for member in pair]
    key = a_key()
    sent = events_of(key, 2)
    logs.open().publish(*sent)
    first = _poll(readers, key, PATIENCE)
    assert first is not None
    holder, held = first
    assert ids(held) == ids(sent[:1])
    (other,) = (reader for reader in readers if reader is not holder)
    assert _poll([other], key, 1.0) is None
    holder.ack(held)
    second = _poll(readers, key, PATIENCE)
    assert second is not None
    assert ids(second[1]) == ids(sent[1:])


def test_a_key_put_back_waits_at_every_member(logs: Logs, pair: tuple[Member, Member]) -> None:
    """What one member deferred, and what lies behind it, is given to nobody before the pause is over."""
    for member in pair:
        member.stopping = True
        member.join()
    readers = [member.reader for member in pair]
    key, pause = a_key(), timedelta(seconds=2)
    sent = events_of(key, 2)
    logs.open().publish(*sent)
    first = _poll(readers, key, PATIENCE)
    assert first is not None
    first[0].retry_later(first[1][0], pause)
    since = time.monotonic()
    again = _poll(readers, key, PATIENCE)
    assert again is not None
    assert ids(again[1]) == ids(sent[:1])
    assert time.monotonic() - since >= pause.total_seconds() * 0.95


def test_a_zombie_does_no_harm(logs: Logs) -> None:
    """A member whose leases went elsewhere can neither settle nor deferred what is not its own any more."""
    key, group = a_key(), a_group()
    sent = events_of(key, 2)
    log = logs.open()
    log.publish(*sent)
    zombie = log.reader(group, [TOPIC])
    stale = gather(zombie, {key}, 2)
    zombie.close()
    heir = log.reader(group, [TOPIC])
    fresh = gather(heir, {key}, 2)
    with suppress(TryLater):
        zombie.retry_later(stale[1], timedelta(hours=1))
    with suppress(TryLater):
        zombie.ack(stale)
    heir.ack(fresh[:1])
    again = gather(logs.reopen_after_crash().reader(group, [TOPIC]), {key}, 1)
    assert ids(again) == ids(sent[1:])
