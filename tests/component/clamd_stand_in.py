"""A clamd that speaks INSTREAM as the real one does, and can be made to misbehave."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

MARK = b"POSTSTELLE-TEST-SIGNATURE"
"""What our signature finds."""


class StandIn:
    """Answers each connection in a thread of its own; `mood` says how."""

    def __init__(self) -> None:
        self.mood = "well"
        """`well`, `hangs`, `dies`, `babbles`, `half`, `small`."""
        self.scanned: list[bytes] = []
        self.signature = MARK
        self.number = 101
        """Of its database; 0: it tells none, as with signatures of one's own alone."""
        self.dreaded = b""
        """Over what has this in it, it hangs up without a word."""
        self._released = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        """Let go of everything."""
        self._released.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._speak, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _speak(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as told:
            command = b""
            while not command.endswith(b"\0"):
                command += told.read(1)
            if self.mood == "hangs":
                self._released.wait(600)
            elif self.mood == "dies":
                told.read(1000)
            elif command == b"zPING\0":
                line.sendall(b"PONG\0")
            elif command == b"zVERSION\0":
                edition = f"/{self.number}/Mon Nov 30 09:20:00 2026" if self.number else ""
                line.sendall(f"ClamAV 1.4.6{edition}\0".encode())
            else:
                content = b"".join(_chunks(told))
                if not (self.dreaded and self.dreaded in content):
                    line.sendall(self._answer(content))

    def _answer(self, content: bytes) -> bytes:
        self.scanned.append(content)
        odd = {"babbles": b"x" * 10_000, "half": b"stream: O", "small": b"INSTREAM size limit exceeded. ERROR\0"}
        if self.mood in odd:
            return odd[self.mood]
        return b"stream: Eigene Test.Signatur FOUND\0" if self.signature in content else b"stream: OK\0"


def _chunks(told: BinaryIO) -> Iterator[bytes]:
    while length := struct.unpack("!L", told.read(4))[0]:
        yield told.read(length)


@contextmanager
def clamd() -> Iterator[StandIn]:
    """One that is gone afterwards."""
    made = StandIn()
    try:
        yield made
    finally:
        made.close()
