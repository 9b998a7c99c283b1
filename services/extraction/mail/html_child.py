"""A process that reads pages for its parent, one after the other, and may be ended over any of them.

Started as a module with a socket as standard input. A request is a page, an answer what it shows, each behind its
length. It ends when its parent does.
"""

import resource
import socket
import struct
import sys

import msgspec

from services.extraction.mail import html

LENGTH = struct.Struct("!Q")


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
        while (page := received(parent)) is not None:
            send(parent, msgspec.msgpack.encode(html.read(page.decode("utf-8", "surrogatepass"))))


if __name__ == "__main__":
    main()
