"""Several events of one document in one batch: the last stands for all, and no broken one speaks for others."""

from services.core.errors import TryLater
from tests.unit.runtime.loop import Loop, record_of


def test_last_event_of_a_document_stands_for_the_others() -> None:
    """Three of one document are handled once and settled three times; others have their own."""
    loop = Loop(coalesce=True).warm()
    loop.tell((1, 1), (2, 1), (1, 2), (1, 3))
    assert loop.turn() == [(1, 3), (2, 1)]
    assert loop.done() == 4


def test_all_of_a_bundle_wait_together() -> None:
    """When the last cannot be handled now, none of them is settled, and all come again."""
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
