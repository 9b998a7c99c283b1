"""What every event log promises (see `services.core.ports`), whatever it is made of."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.core.errors import EventBroken
from services.core.messages import topics
from services.core.messages.envelope import Event, Message, decode, encode
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
    follow_until,
    gather,
    ids,
    silent,
)

NOW, LATER, NEVER = timedelta(0), timedelta(seconds=1), timedelta(hours=1)


def test_a_new_group_reads_all_from_the_oldest_on(logs: Logs) -> None:
    """What was published before the group existed comes to it, whole and in the order of its key."""
    key = a_key()
    sent = events_of(key, 5)
    logs.open().publish(*sent)
    got = gather(logs.open().reader(a_group(), [TOPIC]), {key}, 5)
    assert [delivery.message for delivery in got] == [encode(event) for event in sent]
    assert [decode(delivery.message) for delivery in got] == sent


def test_a_foreign_record_is_delivered_byte_for_byte(logs: Logs) -> None:
    """Records that are no events of ours reach the reader as they lie there: headers, key and value."""
    key = f"Straße/{a_key()}"
    headers = (("ce_id", b"x"), ("same", b"\x00\xff"), ("same", b""), ("ce_type", "ü".encode("latin-1")))
    message = Message(topic=TOPIC, key=key, headers=headers, value=b"\x00{no json\xff")
    logs.publish_raw(message)
    (got,) = gather(logs.open().reader(a_group(), [TOPIC]), {key}, 1)
    assert got.message == message
    with pytest.raises(EventBroken):
        decode(got.message)


def test_an_empty_value_stays_empty(logs: Logs) -> None:
    """The tombstone of a compacted topic is a message with an empty value."""
    message = Message(topic=TOPIC, key=a_key(), headers=(), value=b"")
    logs.publish_raw(message)
    (got,) = gather(logs.open().reader(a_group(), [TOPIC]), {message.key}, 1)
    assert got.message == message


def test_settled_stays_settled_over_a_crash(logs: Logs) -> None:
    """After a crash the group goes on behind what it acknowledged."""
    key, group = a_key(), a_group()
    logs.open().publish(*events_of(key, 3))
    reader = logs.open().reader(group, [TOPIC])
    reader.ack(gather(reader, {key}, 3))
    log = logs.reopen_after_crash()
    later = an_event(key, 4)
    log.publish(later)
    assert ids(gather(log.reader(group, [TOPIC]), {key}, 1)) == [later.id]


def test_what_was_not_settled_comes_again_after_a_crash(logs: Logs) -> None:
    """Leased and unsettled messages come again under the same ids, in order."""
    key, group = a_key(), a_group()
    sent = events_of(key, 3)
    logs.open().publish(*sent)
    reader = logs.open().reader(group, [TOPIC])
    reader.ack(gather(reader, {key}, 3)[:1])
    again = gather(logs.reopen_after_crash().reader(group, [TOPIC]), {key}, 2)
    assert ids(again) == ids(sent[1:])


def test_what_settling_publishes_is_durable(logs: Logs) -> None:
    """Events published while acknowledging are there after a crash, and the delivery is done."""
    key, group = a_key(), a_group()
    logs.open().publish(an_event(key, 1))
    reader = logs.open().reader(group, [TOPIC])
    results = [an_event(key, number, topics.FILED) for number in (1, 2)]
    reader.ack(gather(reader, {key}, 1), results)
    log = logs.reopen_after_crash()
    assert ids(gather(log.reader(a_group(), [topics.FILED]), {key}, 2)) == ids(results)
    later = an_event(key, 2)
    log.publish(later)
    assert ids(gather(log.reader(group, [TOPIC]), {key}, 1)) == [later.id]


def test_only_the_one_put_back_comes_again_after_a_crash(logs: Logs) -> None:
    """The first and the last are acknowledged, the middle is deferred: after a crash only the middle comes again."""
    keys, group = [a_key() for _ in range(9)], a_group()
    logs.open().publish(*(an_event(key, 1) for key in keys))
    reader = logs.open().reader(group, [TOPIC])
    by_key = {delivery.message.key: delivery for delivery in gather(reader, keys, len(keys))}
    middle = by_key.pop(keys[4])
    reader.retry_later(middle, NEVER)
    reader.ack(list(by_key.values()))
    log = logs.reopen_after_crash()
    markers = [an_event(key, 2) for key in keys]
    log.publish(*markers)
    again = gather(log.reader(group, [TOPIC]), keys, len(keys) + 1)
    assert sorted(ids(again)) == sorted([*ids([middle]), *ids(markers)])


def test_one_put_back_keeps_the_order_of_its_key(logs: Logs) -> None:
    """The one deferred comes again first, and not before its pause is over; only then the later ones of its key."""
    key = a_key()
    sent = events_of(key, 4)
    logs.open().publish(*sent)
    reader = logs.open().reader(a_group(), [TOPIC])
    (first,) = gather(reader, {key}, 1, limit=1)
    reader.retry_later(first, LATER)
    since = time.monotonic()
    order: list[str] = []
    while len(order) < len(sent):
        got = gather(reader, {key}, 1, limit=1)
        assert time.monotonic() - since >= LATER.total_seconds() * 0.95
        reader.ack(got)
        order += ids(got)
    assert order == ids(sent)


def test_a_whole_batch_put_back_comes_again_in_order(logs: Logs) -> None:
    """Of a key deferred with different pauses, nothing overtakes."""
    key = a_key()
    sent = events_of(key, 3)
    logs.open().publish(*sent)
    reader = logs.open().reader(a_group(), [TOPIC])
    for delivery, pause in zip(gather(reader, {key}, 3), (LATER, NOW, LATER / 2), strict=True):
        reader.retry_later(delivery, pause)
    assert ids(gather(reader, {key}, 3)) == ids(sent)


def test_other_keys_go_on_while_one_is_put_back(logs: Logs) -> None:
    """A key that waits holds nothing up but itself, however many of its messages wait behind it."""
    stuck, others = a_key(), [a_key() for _ in range(40)]
    log = logs.open()
    log.publish(an_event(stuck, 1))
    reader = log.reader(a_group(), [TOPIC])
    reader.retry_later(gather(reader, {stuck}, 1)[0], NEVER)
    log.publish(*events_of(stuck, 1000, first=2), *(an_event(key, 1) for key in others))
    got = gather(reader, {stuck, *others}, len(others))
    assert {delivery.message.key for delivery in got} == set(others)
    reader.ack(got)
    assert silent(reader, {stuck})


def test_a_member_that_leaves_gives_its_leases_back(logs: Logs) -> None:
    """What a member had in hand when it left comes to another one, without any waiting for a pause."""
    keys, group = [a_key() for _ in range(10)], a_group()
    sent = [an_event(key, number) for number in (1, 2) for key in keys]
    logs.open().publish(*sent)
    leaving = logs.open().reader(group, [TOPIC])
    leaving.ack(gather(leaving, keys, len(sent))[:0])
    leaving.close()
    got = gather(logs.open().reader(group, [TOPIC]), keys, len(sent))
    assert sorted(ids(got)) == sorted(ids(sent))


def test_closing_again_is_fine(logs: Logs) -> None:
    """A reader, a follower and a log may be closed twice."""
    log = logs.open()
    for closing in (log.reader(a_group(), [TOPIC]), log.follow([topics.CONFIGURATION]), log):
        closing.close()
        closing.close()


def test_groups_are_independent(logs: Logs) -> None:
    """Each group gets every message, whatever another one settled or deferred."""
    key = a_key()
    sent = events_of(key, 2)
    logs.open().publish(*sent)
    one, two, three = (logs.open().reader(a_group(), [TOPIC]) for _ in range(3))
    one.ack(gather(one, {key}, 2))
    two.retry_later(gather(two, {key}, 2)[0], NEVER)
    assert ids(gather(three, {key}, 2)) == ids(sent)


def test_a_reader_reads_all_its_topics(logs: Logs) -> None:
    """One reader may have several topics, and acknowledges them together."""
    key, group = a_key(), a_group()
    sent = [an_event(key, 1, topic) for topic in (TOPIC, topics.FILED, topics.RECEIVED)]
    logs.open().publish(*sent)
    reader = logs.open().reader(group, [TOPIC, topics.FILED, topics.RECEIVED])
    got = gather(reader, {key}, 3)
    assert sorted(ids(got)) == sorted(ids(sent))
    reader.ack(got)
    assert silent(reader, {key})


def test_a_follower_reads_what_is_there_and_then_what_comes(logs: Logs) -> None:
    """Every follower sees the newest of each key, in order, then live; nobody acknowledges anything."""
    key, other = a_key(), a_key()
    kept = [an_event(key, 1, topics.CONFIGURATION), an_event(other, 1, topics.CONFIGURATION)]
    logs.open().publish(*kept)
    followers = [logs.open().follow([topics.CONFIGURATION]) for _ in range(2)]
    assert all(follow_until(one, {key, other}, 2) for one in followers)
    live = [an_event(one, 2, topics.CONFIGURATION) for one in (key, other)]
    logs.open().publish(*live)
    for one in followers:
        assert sorted(decode(message).id for message in follow_until(one, {key, other}, 2)) == sorted(ids(live))


def test_reading_ends_in_time(logs: Logs) -> None:
    """With nothing there, a read is over after its timeout; with something, long before."""
    key, other = a_key(), a_key()
    log = logs.open()
    log.publish(an_event(key, 1))
    reader = log.reader(a_group(), [TOPIC])
    reader.ack(gather(reader, {key}, 1))
    while batch := reader.read(100, MOMENT):
        reader.ack(batch)
    since = time.monotonic()
    assert reader.read(10, timedelta(seconds=0.5)) == []
    assert 0.4 <= time.monotonic() - since < PATIENCE / 2
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(reader.read, 10, timedelta(seconds=PATIENCE))
        log.publish(an_event(other, 1))
        assert [delivery.message.key for delivery in waiting.result(PATIENCE / 2)] == [other]


def test_a_read_gives_no_more_than_it_was_asked_for(logs: Logs) -> None:
    """The limit holds, for one key and for many."""
    key, keys = a_key(), [a_key() for _ in range(10)]
    logs.open().publish(*events_of(key, 10), *(an_event(other, 1) for other in keys))
    reader = logs.open().reader(a_group(), [TOPIC])
    until, seen = time.monotonic() + PATIENCE, 0
    while seen < 20 and time.monotonic() < until:
        batch = reader.read(3, MOMENT)
        assert len(batch) <= 3
        seen += sum(delivery.message.key in {key, *keys} for delivery in batch)
        reader.ack(batch)
    assert seen == 20


def test_a_big_batch_arrives_whole_and_in_order(logs: Logs) -> None:
    """Thousands of events in one call are all there, each key in its order."""
    keys = [a_key() for _ in range(50)]
    sent = [an_event(key, number) for number in range(1, 101) for key in keys]
    logs.open().publish(*sent)
    reader = logs.open().reader(a_group(), [TOPIC])
    order: dict[str, list[str]] = {key: [] for key in keys}
    for _ in range(10):
        batch = gather(reader, keys, 500, limit=500)
        for delivery in batch:
            order[delivery.message.key] += ids([delivery])
        reader.ack(batch)
    assert order == {key: ids(event for event in sent if event.key == key) for key in keys}


def test_many_threads_may_publish_at_once(logs: Logs) -> None:
    """What many threads publish at the same moment is all there, each thread's in its order."""
    log, keys = logs.open(), [a_key() for _ in range(8)]

    def publish(key: str) -> list[Event]:
        sent = events_of(key, 50)
        for event in sent:
            log.publish(event)
        return sent

    with ThreadPoolExecutor(len(keys)) as threads:
        sent = dict(zip(keys, threads.map(publish, keys), strict=True))
    got = gather(log.reader(a_group(), [TOPIC]), keys, 400)
    for key in keys:
        assert ids(delivery for delivery in got if delivery.message.key == key) == ids(sent[key])


def test_backlog_counts_what_a_group_has_not_settled(logs: Logs) -> None:
    """All for a new group; what was acknowledged out of order counts as done; what others settle changes nothing."""
    log, group, keys = logs.open(), a_group(), [a_key() for _ in range(6)]
    log.publish(*(an_event(key, 1) for key in keys))
    other = log.reader(a_group(), [TOPIC])
    other.ack(gather(other, keys, 6))
    everything = log.backlog(group, [TOPIC])[TOPIC]
    assert everything >= 6
    reader = log.reader(group, [TOPIC])
    got = gather(reader, keys, 6)
    for delivery in got[1::2]:
        reader.ack([delivery])
    eventually(lambda: log.backlog(group, [TOPIC]) == {TOPIC: 3})
    assert log.backlog(a_group(), [TOPIC]) == {TOPIC: everything}
    reader.ack(got[::2])
    eventually(lambda: log.backlog(group, [TOPIC, topics.FILED]) == {TOPIC: 0, topics.FILED: 0})
    assert logs.reopen_after_crash().backlog(group, [TOPIC]) == {TOPIC: 0}


def test_publishing_nothing_is_fine(logs: Logs) -> None:
    """No events, no error; and the log says that it is ready."""
    logs.open().publish()
    logs.open().reader(a_group(), [TOPIC]).ack([])
    assert logs.open().ready()
