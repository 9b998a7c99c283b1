"""Several events of one document in one batch: the last stands for all, and no broken one speaks for others."""

from datetime import timedelta

import msgspec

from services.core.errors import TryLater
from services.core.messages import topics
from services.runtime.worker.bundles import CROWD, GROWTH
from tests.unit.runtime.loop import SERVICE, Loop, record_of

PATIENCE = timedelta(seconds=5)


def passing() -> Loop:
    """A service whose one topic is only passed, and whose replays are not."""
    loop = Loop(coalesce=True, patience=PATIENCE).warm()
    assert loop.turn() == []
    return loop


def end(loop: Loop, doc: int, version: int) -> None:
    """An event of the document that none follows."""
    replays = topics.replay_topic(SERVICE)
    loop.log.topics.setdefault(replays, []).append(msgspec.structs.replace(record_of(doc, version), topic=replays))


def test_last_event_of_a_document_stands_for_the_others() -> None:
    """Three of one document are handled once and acknowledged three times; others have their own."""
    loop = Loop(coalesce=True).warm()
    loop.tell((1, 1), (2, 1), (1, 2), (1, 3))
    assert loop.turn() == [(1, 3), (2, 1)]
    assert loop.done() == 4


def test_all_of_a_bundle_wait_together() -> None:
    """When the last cannot be handled now, none of them is acknowledged, and all come again."""
    loop = Loop(coalesce=True).warm()
    loop.failing[1, 2] = TryLater()
    loop.tell((1, 1), (1, 2), (2, 1))
    assert loop.turn() == [(1, 2), (2, 1)]
    assert loop.done() == 1
    loop.failing.clear()
    assert loop.later(60) == [(1, 2)]
    assert loop.done() == 3


def test_all_of_a_bundle_are_given_up_together() -> None:
    """A bug in the last is a bug for the document: one letter, for its replay looks at the whole record."""
    loop = Loop(coalesce=True).warm()
    loop.failing[1, 2] = ValueError()
    loop.tell((1, 1), (1, 2))
    loop.turn()
    assert loop.codes() == ["bug"]
    assert loop.done() == 2


def test_known_ones_do_not_stand_for_new_ones() -> None:
    """A late repeat of the first does not hide the second."""
    loop = Loop(coalesce=True).warm()
    loop.tell((1, 1))
    loop.turn()
    loop.tell((1, 2), (1, 1))
    assert loop.turn() == [(1, 2)]
    assert loop.done() == 3


def test_broken_record_never_stands_for_an_event() -> None:
    """Rubbish behind or before an event of the same key is given up by itself; the event is handled."""
    loop = Loop(coalesce=True).warm()
    loop.put(record_of(1, 1), value=b"rubbish")
    loop.tell((1, 2))
    loop.put(record_of(1, 3), value=b"rubbish")
    assert loop.turn() == [(1, 2)]
    assert loop.codes() == ["schema", "schema"]
    assert loop.done() == 3


def test_what_passes_waits_for_what_follows_it() -> None:
    """Events on the way are held, unsettled, until the one that ends the way: it alone is handled, all are acked."""
    loop = passing()
    loop.tell((1, 1), (2, 1))
    assert loop.turn() == []
    loop.tell((1, 2))
    assert loop.later(1) == []
    assert loop.done() == 0
    end(loop, 1, 3)
    assert loop.later(1) == [(1, 3)]
    assert loop.done() == 3


def test_what_nothing_follows_is_looked_at_when_patience_ends() -> None:
    """A document that stays on its way is handled once, by its latest event, counted from its first."""
    loop = passing()
    loop.tell((1, 1))
    loop.turn()
    loop.tell((1, 2), (2, 1))
    assert loop.later(4) == []
    assert loop.later(1) == [(1, 2)]
    assert loop.later(4) == [(2, 1)]
    assert loop.done() == 3


def test_what_is_held_comes_again_after_a_crash() -> None:
    """Held is not acknowledged: whoever starts next is given it, and looks at it at once."""
    loop = passing()
    loop.tell((1, 1))
    assert loop.turn() == []
    loop.start()
    assert loop.turn() == [(1, 1)]
    assert loop.done() == 1


def test_a_held_bundle_that_is_put_back_waits_as_one() -> None:
    """What the world hinders is deferred with all that was held for it, and is held anew when it comes again."""
    loop = passing()
    loop.failing[1, 2] = TryLater()
    loop.tell((1, 1))
    loop.turn()
    end(loop, 1, 2)
    assert loop.turn() == [(1, 2)]
    assert loop.done() == 0
    loop.failing.clear()
    assert loop.later(60) == [(1, 2)]
    assert loop.done() == 2


def burst(loop: Loop, documents: int) -> list[tuple[int, int]]:
    """So many come at one moment, and are in hand."""
    pairs = [(document, 1) for document in range(1001, 1001 + documents)]
    loop.tell(*pairs)
    assert loop.turn(times=documents) == []
    return pairs


def test_in_a_burst_patience_grows_with_those_in_hand() -> None:
    """Documents get on in their order: behind three times as many, what follows may take three times as long."""
    loop = passing()
    pairs = burst(loop, 3 * CROWD)
    assert loop.later(PATIENCE.total_seconds() + 0.05) == pairs[:CROWD]
    assert loop.later(PATIENCE.total_seconds()) == pairs[CROWD : 2 * CROWD]
    last = pairs[-1][0]
    end(loop, last, 2)
    assert loop.turn() == [(last, 2)]
    assert loop.later(PATIENCE.total_seconds()) == pairs[2 * CROWD : -1]


def test_in_the_longest_burst_nobody_waits_longer_than_copies_do() -> None:
    """However many came before, a document that gets stuck is looked at and found."""
    loop = passing()
    pairs = burst(loop, (GROWTH + 2) * CROWD)
    assert loop.later(GROWTH * PATIENCE.total_seconds()) == pairs
