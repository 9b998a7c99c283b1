"""The way out: who publishes is told in time what became of it, whatever the producer does."""

import threading

import pytest

from services.adapters.event_log.kafka import outbox
from services.adapters.event_log.kafka.outbox import Bundle, Outbox
from services.core.errors import NotPermitted, TryLater
from services.core.messages.envelope import Message

MESSAGE = Message(topic="t", key="k", headers=(), value=b"{}")


class Scripted:
    """A sender that answers as told."""

    def __init__(self, *, answers: bool = True, error: object = None, space: bool = True) -> None:
        self.broken = False
        self.closed = threading.Event()
        self._answers, self._error, self._space = answers, error, space
        self._owed: list[Bundle] = []

    def send(self, message: Message, bundle: Bundle) -> bool:
        """Take it, unless there is no space."""
        if self._space:
            self._owed.append(bundle)
        return self._space

    def serve(self, seconds: float) -> None:
        """Answer for everything."""
        while self._answers and self._owed:
            self._owed.pop().answer(self._error)
        self.closed.wait(0.001)

    def meaning(self, error: object) -> TryLater:
        """One word tells a missing right."""
        return NotPermitted() if error == "forbidden" else TryLater()

    def reachable(self) -> bool:
        """Always."""
        return True

    def close(self, seconds: float) -> None:
        """Give up what is owed."""
        self.closed.set()
        while self._owed:
            self._owed.pop().answer("purged")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Scripted]:
    """The senders an outbox is going to make, in this order."""
    monkeypatch.setattr(outbox, "CLOSING", 0.05)
    return []


def opened(made: list[Scripted]) -> Outbox:
    """An outbox over these senders."""
    coming = iter(made)
    return Outbox(lambda: next(coming), patience=0.1)


def test_all_answered_is_durable(made: list[Scripted]) -> None:
    """Publishing returns when the last message was answered for."""
    made += [Scripted()]
    box = opened(made)
    box.publish([MESSAGE] * 5)
    assert box.ready()
    box.close()
    assert not box.ready()


@pytest.mark.parametrize("sender", [Scripted(error="refused"), Scripted(space=False)], ids=["refused", "no space"])
def test_what_is_not_taken_is_to_be_tried_later(made: list[Scripted], sender: Scripted) -> None:
    """An error or a queue that stays full is the world's problem."""
    made += [sender]
    box = opened(made)
    with pytest.raises(TryLater):
        box.publish([MESSAGE])
    box.close()


def test_a_producer_that_hangs_is_replaced(made: list[Scripted]) -> None:
    """When no answer comes in time the caller is told, and the next publish goes through a fresh producer."""
    made += [Scripted(answers=False), Scripted()]
    box = opened(made)
    with pytest.raises(TryLater):
        box.publish([MESSAGE])
    assert made[0].closed.wait(60)
    box.publish([MESSAGE])
    box.close()


class Stuck(Scripted):
    """A sender one of whose calls never comes back."""

    def serve(self, seconds: float) -> None:
        """Hang until the end of the test."""
        self.closed.wait(60)


def test_a_call_that_never_comes_back_holds_up_nobody_else(made: list[Scripted]) -> None:
    """The library hangs inside a call: the caller is told in time, the next publish has another producer and thread."""
    made += [Stuck(), Scripted()]
    box = opened(made)
    with pytest.raises(TryLater):
        box.publish([MESSAGE])
    box.publish([MESSAGE])
    made[0].closed.set()
    box.close()


def test_a_producer_that_failed_for_good_is_replaced(made: list[Scripted]) -> None:
    """After a fatal error the producer makes way for a fresh one, whoever noticed it, and everything goes on."""
    made += [Scripted(), Scripted()]
    box = opened(made)
    box.publish([MESSAGE])
    made[0].broken = True
    assert made[0].closed.wait(60)
    box.publish([MESSAGE])
    assert box.ready()
    box.close()


def test_a_producer_that_failed_for_good_is_given_nothing_more(made: list[Scripted]) -> None:
    """Before its own thread has noticed, whoever publishes next has another: only what it owed is given up."""
    made += [Stuck(), Scripted()]
    box = opened(made)
    made[0].broken = True
    box.publish([MESSAGE])
    made[0].closed.set()
    box.close()


def test_a_missing_right_is_said_as_such(made: list[Scripted]) -> None:
    """What the brokers do not let us write is told apart from brokers that are away."""
    made += [Scripted(error="forbidden")]
    box = opened(made)
    with pytest.raises(NotPermitted):
        box.publish([MESSAGE])
    box.close()


def test_an_event_that_is_no_reference_is_our_fault(made: list[Scripted]) -> None:
    """A record too large for the log is refused before any of its batch goes out."""
    made += [Scripted()]
    box = opened(made)
    with pytest.raises(ValueError, match="size"):
        box.publish([Message(topic="t", key="k", headers=(), value=bytes(outbox.LARGEST))])
    box.close()
