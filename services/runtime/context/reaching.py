"""Servers that a process needs to start: one that is away is told by the setting that says where it is."""

import contextlib
from collections.abc import Iterator

from services.core.errors import NotPermitted, TryLater, Unreachable


@contextlib.contextmanager
def reached(setting: str, place: str, *, spoken: str) -> Iterator[None]:
    """While we start: Unreachable for a server that is away. `spoken` is the setting that says how one speaks to it."""
    try:
        yield
    except NotPermitted:  # it is there, and has answered
        raise
    except TryLater as error:
        said = f"setting {setting}: no server of this kind answers at {place}, or not as {spoken} says"
        raise Unreachable(said) from error
