"""What each process tells of itself in the store, where the others read it: that it lives, and how it is."""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

EVERY = timedelta(seconds=15)
"""How often a process tells."""
SILENT = timedelta(seconds=60)
"""Whoever did not tell for so long is held for dead: four times, and a clock that is half a minute wrong."""
FORGOTTEN = timedelta(minutes=15)
"""So long a silent process is told of after others have taken over what it did."""


class Found(Struct, frozen=True, kw_only=True):
    """What a process found out about something that only it can look at, such as its hot folder."""

    name: str
    good: bool
    text: str
    todo: str = ""


class Heartbeat(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="heartbeat:1"):
    """One process at one moment. An orderly stop takes it away; what stays of a process that died goes silent."""

    process: str
    """Host and number of the process, for who looks for it."""
    services: tuple[str, ...]
    version: str
    """Of the program."""
    started_at: datetime
    at: datetime
    ready: bool
    """As its own `/health/ready` says."""
    ports: dict[str, bool] = {}
    """Those it has open, and whether each would answer."""
    red: dict[str, str] = {}
    """Services of it that gave up, with the code of the reason."""
    found: tuple[Found, ...] = ()

    def is_silent(self, now: datetime) -> bool:
        """Whether it told too long ago to be alive."""
        return now - self.at > SILENT


def encode(heartbeat: Heartbeat) -> bytes:
    """As JSON."""
    return msgspec.json.encode(heartbeat)


def decode(content: bytes) -> Heartbeat | None:
    """None for one of another version of the program, or of nobody's: it tells us nothing."""
    try:
        return msgspec.json.decode(content, type=Heartbeat)
    except msgspec.DecodeError:
        return None
