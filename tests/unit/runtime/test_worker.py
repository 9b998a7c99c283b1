"""The loop: what the world hinders comes again, what is broken is given up, and everybody else goes on."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import message_id
from services.core.messages.topics import INDEXED, dead_topic
from services.core.model import record_files
from services.core.model.record_files import DeadLetter
from services.runtime.worker.dead_letters import original_message
from services.runtime.worker.loop import Broken
from tests.unit.runtime.loop import SERVICE, Loop, event, record_of

HEADERS = ("ce_id", "ce_source", "ce_type", "ce_specversion", "ce_time", "ce_subject", "ce_replay", "ce_partitionkey")
SECRET = "Erika Muster, Bauantrag"


def test_what_the_world_hinders_holds_later_ones_of_its_key_and_nobody_else() -> None:
    """The first event of a document is deferred, the second waits behind it, another document's is acknowledged."""
    loop = Loop().warm()
    loop.failing[1, 1] = TryLater("store_away")
    loop.tell((1, 1), (1, 2), (2, 1))
    assert loop.turn() == [(1, 1), (2, 1)]
    assert loop.done() == 1
    assert loop.later(0.4) == []
    loop.failing.clear()
    assert loop.later(60) == [(1, 1), (1, 2)]
    assert loop.done() == 3
    assert loop.codes() == []


def test_pauses_double_up_to_the_longest() -> None:
    """Half a second, one, two, and so on: nobody hammers a server that is down."""
    loop = Loop(pause=timedelta(seconds=0.5), longest_pause=timedelta(seconds=3)).warm()
    loop.failing[1, 1] = TryLater()
    loop.tell((1, 1))
    pauses = []
    for _ in range(5):
        loop.turn()
        pauses.append((loop.log.earliest_pause() or 0.0) - loop.log.time)
        loop.wait(pauses[-1])
    assert pauses == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_success_forgets_the_pauses_of_a_delivery() -> None:
    """Nothing is remembered of what is done."""
    loop = Loop().warm()
    loop.failing[1, 1] = TryLater()
    loop.tell((1, 1))
    loop.turn()
    loop.failing.clear()
    loop.later(1)
    assert len(loop.worker._hindered) == 0


def test_bug_makes_a_dead_letter_and_later_ones_go_on() -> None:
    """What we cannot do is sealed and told; the next event of the same document is handled in the same batch."""
    loop = Loop().warm()
    loop.failing[1, 1] = KeyError(SECRET)
    loop.tell((1, 1), (1, 2))
    assert loop.turn() == [(1, 1), (1, 2)]
    assert loop.codes() == ["bug"]
    assert loop.done() == 2


def test_dead_letter_holds_the_record_verbatim_and_its_event_no_word_of_it() -> None:
    """The seal gives the record back byte by byte; event and log name only its id, code and place."""
    loop = Loop().warm()
    loop.failing[1, 1] = ValueError(SECRET)
    loop.tell((1, 1))
    loop.turn()
    told = loop.dead()[0]
    original = record_of(1, 1)
    assert (
        original_message(record_files.decode(DeadLetter, loop.blobs.read(Bucket.RECORDS, told.sealed_key))) == original
    )
    assert told.sealed_key == keys.sealed("main", SERVICE, event(1, 1).id)
    assert told.event_id == message_id(original)
    letter = loop.log.topics[dead_topic(SERVICE)][0]
    assert SECRET.encode() not in msgspec.json.encode([letter.value.decode(), repr(letter.headers)])
    assert SECRET not in loop.told()
    assert "ValueError" in loop.told()
    assert "loop.py:" in loop.told()


def test_same_death_twice_is_one_letter() -> None:
    """The letter could not be published: the next try seals nothing new and tells of it under the same id."""
    loop = Loop().warm()
    loop.failing[1, 1] = ValueError()
    loop.tell((1, 1), (1, 1))
    loop.worker._known.clear()
    loop.turn()
    ids = {message_id(letter) for letter in loop.log.topics[dead_topic(SERVICE)]}
    assert len(ids) == 1
    assert len(list(loop.blobs.keys(Bucket.RECORDS, f"main/dead/{SERVICE}/"))) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"headers": ()}, "no_cloudevent"),
        ({"ce_id": b"\xff"}, "headers"),
        ({"ce_source": b"nowhere"}, "source"),
        ({"ce_type": b"com.example.Order.v1"}, "unknown_type"),
        ({"ce_type": b"poststelle.document.indexed"}, "unknown_type"),
        ({"ce_type": b"poststelle.document.indexed.v" + b"9" * 5000}, "unknown_type"),
        ({"ce_time": b"yesterday"}, "time"),
        ({"ce_time": b"2026-11-23T08:00:00"}, "time"),
        ({"value": b'{"document": "x", "version": 1}'}, "schema"),
        ({"value": b"[" * 100_000}, "schema"),
        ({"value": b'{"document":"d","more":' + b"[" * 60_000 + b"]" * 60_000 + b"}"}, "schema"),
        ({"value": b'{"document":"d' + b"0" * 26 + b'\\n","version":1}'}, "schema"),
        ({"ce_source": b"/main/indexing\n"}, "source"),
        ({"ce_type": b"poststelle.document.indexed.v1\n"}, "unknown_type"),
        ({"value": b""}, "schema"),
    ],
)
def test_broken_record_is_given_up_with_its_code(changed: dict[str, Any], code: str) -> None:
    """A stranger's record never reaches the handler, and never stops the ones behind it."""
    loop = Loop().warm()
    message = record_of(1, 1)
    named = {name: value for name, value in changed.items() if name.startswith("ce_")}
    if named:
        changed = {"headers": tuple((name, named.get(name, value)) for name, value in message.headers)}
    loop.put(message, **changed)
    loop.tell((1, 2))
    assert loop.turn() == [(1, 2)]
    assert loop.codes() == [code]
    assert loop.done() == 2


def test_newer_version_waits_for_the_upgrade() -> None:
    """A record of a later version is nobody's fault: it stays on the topic until the readers are upgraded."""
    loop = Loop().warm()
    message = record_of(1, 1)
    newer = tuple((k, b"poststelle.document.indexed.v2" if k == "ce_type" else v) for k, v in message.headers)
    loop.put(message, headers=newer)
    loop.tell((1, 2), (2, 1))
    assert loop.turn() == [(2, 1)]
    assert loop.codes() == []
    assert "event_newer" in loop.told()
    assert loop.done() == 1


def test_repeats_do_nothing() -> None:
    """An event that was acked before comes again under its id: it is acked, and the handler is left alone."""
    loop = Loop().warm()
    loop.tell((1, 1))
    assert loop.turn() == [(1, 1)]
    loop.tell((1, 1))
    assert loop.turn() == []
    assert loop.done() == 2


def test_dead_letters_in_a_row_break_the_worker() -> None:
    """Three in a row and the fault is ours: nothing more is thrown away; what was given up until then is told."""
    loop = Loop(breaker=3).warm()
    loop.failing = {(n, 1): ValueError() for n in range(5)}
    loop.tell((0, 1), (1, 1))
    loop.turn()
    loop.tell((2, 1))
    with pytest.raises(Broken):
        loop.turn()
    assert loop.codes() == ["bug"] * 3
    assert loop.done() == 3


def test_success_resets_the_breaker() -> None:
    """Two dead letters, one success, two dead letters: that is life."""
    loop = Loop(breaker=3).warm()
    loop.failing = {(n, 1): ValueError() for n in (0, 1, 3, 4)}
    loop.tell(*((n, 1) for n in range(5)))
    loop.turn()
    assert loop.codes() == ["bug"] * 4


def test_one_death_that_cannot_be_told_counts_once() -> None:
    """While the log takes no letters, the same delivery dies again and again; that alone breaks nothing."""
    away: list[bool] = []

    def commit(_: object) -> None:
        if away:
            raise TryLater("index_away")

    loop = Loop(breaker=3, commit=commit).warm()
    away.append(True)
    loop.failing[1, 1] = ValueError()
    loop.tell((1, 1))
    for _ in range(5):
        loop.later(60)
    away.clear()
    loop.later(60)
    assert loop.codes() == ["bug"]


def test_commit_that_fails_puts_everything_back() -> None:
    """Nothing is acknowledged before the service's own writes are durable; then all of it is handled again."""
    away: list[bool] = []

    def commit(_: object) -> None:
        if away:
            raise TryLater("index_away")

    loop = Loop(commit=commit).warm()
    away.append(True)
    loop.tell((1, 1), (2, 1))
    assert loop.turn() == [(1, 1), (2, 1)]
    assert loop.done() == 0
    away.clear()
    assert loop.later(60) == [(1, 1), (2, 1)]
    assert loop.done() == 2


def test_one_entry_that_is_refused_is_one_dead_letter() -> None:
    """Whatever a commit raises, the loop goes on; the others of the batch are committed each by itself."""
    loop: list[Loop] = []

    def commit(_: object) -> None:
        if loop and (2, 1) in loop[0].seen[-committed() :]:
            raise ValueError("refused")

    def committed() -> int:
        return 1 if len(loop[0].seen) > 3 else 3

    loop.append(Loop(commit=commit).warm())
    loop[0].tell((1, 1), (2, 1), (3, 1))
    loop[0].turn()
    assert loop[0].done() == 0
    loop[0].later(60)
    assert loop[0].codes() == ["bug"]
    assert loop[0].done() == 3


def test_an_id_counts_on_its_own_topic() -> None:
    """A procedure that guesses the next id of another one does not make the genuine event a repeat."""
    loop = Loop().warm()
    loop.tell((1, 1))
    genuine = loop.log.topics[INDEXED][-1]
    loop.log.topics[INDEXED].pop()
    loop.log.topics.setdefault(topics.replay_topic(SERVICE), []).append(
        msgspec.structs.replace(genuine, topic=topics.replay_topic(SERVICE))
    )
    loop.turn()
    loop.log.topics[INDEXED].append(genuine)
    assert loop.turn() == [(1, 1)]


@settings(max_examples=150, deadline=None)
@given(
    headers=st.lists(st.tuples(st.sampled_from(HEADERS), st.binary(max_size=40)), max_size=9),
    value=st.one_of(st.binary(max_size=80), st.integers(0, 70_000).map(lambda depth: b"[" * depth + b"]" * depth)),
    topic=st.sampled_from((INDEXED, topics.replay_topic(SERVICE))),
)
def test_no_record_ends_the_loop(headers: list[tuple[str, bytes]], value: bytes, topic: str) -> None:
    """Whatever lies on a topic is acknowledged, at worst as a dead letter, and the next event is handled."""
    loop = Loop(breaker=10_000).warm()
    genuine = dict(record_of(1, 1).headers)
    mixed = tuple((genuine | dict(headers)).items()) if len(headers) % 2 else tuple(headers)
    loop.log.topics.setdefault(topic, []).append(
        msgspec.structs.replace(record_of(1, 1), topic=topic, headers=mixed, value=value)
    )
    loop.tell((5, 1))
    assert (5, 1) in loop.turn(3)


def test_commit_is_not_asked_for_nothing() -> None:
    """A batch of which everything was deferred has nothing to make durable."""
    commits: list[object] = []
    loop = Loop(commit=commits.append).warm()
    commits.clear()
    loop.failing[1, 1] = TryLater()
    loop.tell((1, 1))
    loop.turn()
    assert commits == []
