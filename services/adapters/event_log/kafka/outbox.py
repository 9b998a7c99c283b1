"""The way out of a log: one sender for all threads, replaced when it has failed for good, and the thread serving it."""

import threading
from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import Protocol

from services.core.errors import TryLater
from services.core.messages.envelope import Message

LARGEST = 900_000
"""Bytes of key, headers and value together; Kafka takes 1 MiB by default, and our events are references."""
SLICE = 0.1
"""Seconds of one turn of the serving thread."""
CLOSING = 5.0
"""Seconds that an end may take, and beyond the patience until a sender that owes answers counts as hung."""


class Bundle:
    """Messages published together, and how many of them are not answered for. Answers come from one thread."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self._complete = threading.Event()
        self.refusal: object = None
        """What the first message that was given up was given up for."""

    def answer(self, error: object, _record: object = None) -> None:
        """One message is durable, or was given up with an error."""
        if self.refusal is None:
            self.refusal = error
        self._missing -= 1
        if self._missing == 0:
            self._complete.set()

    def wait(self, seconds: float) -> bool:
        """Whether all were answered for within this time."""
        return self._complete.wait(seconds)


class Sender(Protocol):
    """The producer, as far as the outbox needs it. It answers for every message within the patience."""

    broken: bool
    """It has failed for good: another has to be made."""

    def send(self, message: Message, bundle: Bundle) -> bool:
        """Take one; False while there is no space. TryLater when it is refused at once."""

    def serve(self, seconds: float) -> None:
        """Hand out answers for up to this time."""

    def meaning(self, error: object) -> TryLater:
        """What to say of a message that was given up with this error."""

    def reachable(self) -> bool:
        """Whether the log answers now."""

    def close(self, seconds: float) -> None:
        """Answer for everything: wait this long for what is under way, then give it up."""


class Outbox:
    """Publishes for many threads."""

    def __init__(self, make: Callable[[], Sender], patience: float) -> None:
        """`patience` in seconds is how long the log may be away until TryLater."""
        self._make = make
        self._patience = patience
        self._closed = threading.Event()
        self._turn = threading.Lock()
        self._sender = make()
        self._server = self._served(self._sender)

    def publish(self, messages: Sequence[Message]) -> None:
        """Wait until all are durable. After TryLater some may arrive yet; readers know their ids when they repeat."""
        if not messages:
            return
        if any(_size(message) > LARGEST for message in messages):
            raise ValueError("an event of this size is no reference")
        deadline = monotonic() + self._patience
        bundle, sender = Bundle(len(messages)), self._current()
        for message in messages:
            while not sender.send(message, bundle):
                self._wait_for_space(deadline)
        if not bundle.wait(deadline + CLOSING - monotonic()):
            self._replace(sender)
            raise TryLater
        if bundle.refusal is not None:
            raise sender.meaning(bundle.refusal)

    def ready(self) -> bool:
        """Whether publishing would work now."""
        return not self._closed.is_set() and not self._sender.broken and self._sender.reachable()

    def close(self) -> None:
        """Wait a little for what is under way; not for a call into the library that never comes back."""
        with self._turn:
            self._closed.set()
        self._server.join(2 * CLOSING)

    def _current(self) -> Sender:
        """One that has failed for good is given nothing more: it would give it up with what it still owes."""
        if self._sender.broken:
            self._replace(self._sender)
        return self._sender

    def _wait_for_space(self, deadline: float) -> None:
        if monotonic() > deadline or self._closed.is_set():
            raise TryLater
        sleep(SLICE / 10)

    def _replace(self, failed: Sender) -> None:
        """Go on with a fresh sender; who comes second finds it done. The failed one's thread may hang for good."""
        with self._turn:
            failed.broken = True
            if self._sender is failed and not self._closed.is_set():
                self._sender = self._make()
                self._server = self._served(self._sender)

    def _served(self, sender: Sender) -> threading.Thread:
        """Each sender has a thread of its own: a call of one that does not come back holds up no other."""
        server = threading.Thread(target=self._serve, args=(sender,), name="log-outbox", daemon=True)
        server.start()
        return server

    def _serve(self, sender: Sender) -> None:
        while not (self._closed.is_set() or sender.broken):
            sender.serve(SLICE)
        if sender.broken:
            self._replace(sender)
        sender.close(0 if sender.broken else CLOSING)


def _size(message: Message) -> int:
    headers = sum(len(name) + len(value) for name, value in message.headers)
    return len(message.key) + len(message.value) + headers
