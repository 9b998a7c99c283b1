"""A process that reads pages for its parent, or makes them fit to be shown, and may be ended over any of them.

Started as a module with a socket as standard input. A request is a page, an answer what it shows, each behind its
length. It ends when its parent does.
"""

import resource
import socket
import struct
import sys

import msgspec
from msgspec import Struct

from services.extraction.mail import html, html_shown
from services.extraction.mail.html import HtmlText
from services.extraction.mail.html_shown import Shown

LENGTH = struct.Struct("!Q")


class Request(Struct, frozen=True):
    """A page; with pictures, which may be none, it is to be shown, else read."""

    source: bytes
    pictures: dict[str, str] | None = None


def received(parent: socket.socket) -> bytes | None:
    """The next message; None where the other side is gone."""
    head = _exactly(parent, LENGTH.size)
    return None if head is None else _exactly(parent, LENGTH.unpack(head)[0])


def send(parent: socket.socket, message: bytes) -> None:
    """One message."""
    parent.sendall(LENGTH.pack(len(message)))
    parent.sendall(message)


def _exactly(parent: socket.socket, size: int) -> bytes | None:
    found = bytearray()
    while len(found) < size:
        piece = parent.recv(min(size - len(found), 1024 * 1024))
        if not piece:
            return None
        found += piece
    return bytes(found)


def main() -> None:
    """Read until nobody asks any more."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=sys.stdin.fileno()) as parent:
        send(parent, b"")
        while (asked := received(parent)) is not None:
            send(parent, msgspec.msgpack.encode(_answer(msgspec.msgpack.decode(asked, type=Request))))


def _answer(request: Request) -> HtmlText | Shown:
    source = request.source.decode("utf-8", "surrogatepass")
    return html.read(source) if request.pictures is None else html_shown.shown(source, request.pictures)


if __name__ == "__main__":
    main()
