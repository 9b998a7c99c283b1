"""What msgspec knows of our shapes, learnt before there are threads.

It learns a shape when it first reads one, and a shape within it is entered as known before it is: two threads that meet
there end the process by a segmentation fault (msgspec 0.22 with Python 3.11; eight threads that read every stored shape
for the first time died in 29 processes of 40). A mail room died so a moment after its start, with the first letter.
"""

from collections.abc import Iterator

import msgspec
from msgspec import Struct


def prepare() -> None:
    """Have every shape of the modules that are imported so far learnt; a few milliseconds, once a process."""
    for shape in known():
        msgspec.json.Decoder(shape)


def known() -> Iterator[type[Struct]]:
    """Every shape of the modules that are imported so far."""
    waiting = [Struct]
    while waiting:
        for shape in waiting.pop().__subclasses__():
            yield shape
            waiting.append(shape)
