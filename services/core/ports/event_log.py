"""The port to the log: publishing, reading as a member of a group, following a whole topic."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from services.core.messages.envelope import Event, Message


class Delivery(Struct, frozen=True, eq=False):
    """A message leased to one reader, until it is acknowledged or deferred."""

    message: Message
    token: object
    """The adapter's own mark of the place; opaque to everybody else."""


class Reader(Protocol):
    """One member of a group; belongs to one thread.

    Within a key, messages come one after another: none is leased while an earlier one of its key is in flight
    elsewhere or deferred; other keys go on.
    """

    def read(self, limit: int, timeout: timedelta) -> list[Delivery]:
        """Up to `limit` messages; returns early with what there is, empty after the timeout.

        One batch may hold several messages of a key, in order.
        """

    def ack(self, deliveries: Sequence[Delivery], publish: Sequence[Event] = ()) -> None:
        """Publish, wait until that is durable, then mark the deliveries done, in any order.

        A crash between repeats the deliveries; the events then come again under the same ids.
        """

    def retry_later(self, delivery: Delivery, pause: timedelta) -> None:
        """Deliver this one again after the pause, to whoever then leads its key; later ones of its key wait."""

    def close(self) -> None:
        """Leave the group; leased deliveries go to others at once."""


class Follower(Protocol):
    """One process's view of a compacted topic: first all that is there, then what comes."""

    def read(self, timeout: timedelta) -> list[Message]:
        """The next messages, in order, empty after the timeout."""

    def close(self) -> None:
        """Stop following."""


class EventLog(Protocol):
    """Transport between the services; never the truth."""

    def publish(self, *events: Event) -> None:
        """Durable when it returns, all of them."""

    def reader(self, group: str, topics: Sequence[str]) -> Reader:
        """Join a group. What a group acked stays acked over restarts; a new group starts at the oldest message."""

    def follow(self, topics: Sequence[str]) -> Follower:
        """Read a compacted topic without a group."""

    def backlog(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        """How many messages of each topic the group has not acked, asked from outside of it; all for a new group."""

    def ensure_topics(self, names: Sequence[str]) -> None:
        """Make those that are missing; those that are there stay as they are."""

    def trim(self, before: datetime) -> int:
        """Delete what was written before and nobody waits for any more; how many messages it were.

        Kept is what a service that works on the topic has not acked, also one that never came; of a compacted topic
        the newest message of each key. 0 where the servers do it by themselves.
        """

    def ready(self) -> bool:
        """Whether publishing would work now."""

    def close(self) -> None:
        """Let go of everything."""
