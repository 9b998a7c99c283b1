"""Pages that could cost much, read in a process of their own that is ended when it takes too long or too much memory.

No limit on a page's size or depth bounds what building its tree costs: a block inside of open `<font>`s opens each of
them again: 22 kB became a gigabyte of nodes (WHATWG HTML §13.2.4.3). See decision 0041.
"""

import contextlib
import logging
import os
import queue
import socket
import subprocess
import sys
from collections.abc import Mapping

import msgspec

from services.extraction.mail import html, html_shown
from services.extraction.mail.html import HtmlText
from services.extraction.mail.html_child import Request, received, send
from services.extraction.mail.html_shown import Shown
from services.runtime.context.adapter_log import OURS

PLAIN_CHARACTERS, PLAIN_TAGS = 64 * 1024, 400
"""Up to this size the worst pages that are known cost 0.25 s and 20 MB."""
SECONDS = 30.0
"""An honest page of the largest size takes two."""
MEMORY = 1024 * 1024 * 1024
"""Address space of the process in bytes; an honest page of the largest size takes a third."""
SHOW_SECONDS = 5.0
"""A person waits for it."""
_START_SECONDS = 60.0


class _Ended(Exception):
    """The process is gone, for whatever reason."""


class Readers:
    """Processes that read pages, as many as are asked for at one time; belongs to all threads."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._idle: queue.LifoQueue[_Reader] = queue.LifoQueue()

    def read(self, source: str) -> HtmlText:
        """What the page shows; where its reader had to be ended, its words without the tags, so that none is lost."""
        answer = self._asked(Request(source.encode("utf-8", "surrogatepass")))
        return HtmlText(html.without_tags(source)) if answer is None else msgspec.msgpack.decode(answer, type=HtmlText)

    def shown(self, source: str, pictures: Mapping[str, str]) -> Shown | None:
        """The page as it may be shown; None where its reader had to be ended."""
        answer = self._asked(Request(source.encode("utf-8", "surrogatepass"), dict(pictures)))
        return None if answer is None else msgspec.msgpack.decode(answer, type=Shown)

    def _asked(self, request: Request) -> bytes | None:
        reader = self._taken()
        try:
            found = reader.ask(msgspec.msgpack.encode(request), self._seconds)
        except (_Ended, TimeoutError) as error:
            reader.close()
            problem = "too_slow" if isinstance(error, TimeoutError) else "died"
            logging.getLogger(f"{OURS}.extraction").warning("html_reader_ended", extra={"facts": {"problem": problem}})
            return None
        self._idle.put(reader)
        return found

    def close(self) -> None:
        """End those that are idle."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    def _taken(self) -> "_Reader":
        with contextlib.suppress(queue.Empty):
            while True:
                reader = self._idle.get_nowait()
                if reader.lives():
                    return reader
                reader.close()
        return _Reader(self._memory)


class _Reader:
    """One process and the socket to it."""

    def __init__(self, memory: int) -> None:
        self._socket, its_end = socket.socketpair()
        with its_end:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, nothing of a document in its arguments
                [sys.executable, "-P", "-m", "services.extraction.mail.html_child", str(memory)],
                stdin=its_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Nothing of our environment, where secrets may be.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        self._started = False

    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """TimeoutError after the time, `_Ended` where the process died."""
        if not self._started:
            self._answer(_START_SECONDS)
            self._started = True
        self._socket.settimeout(seconds)
        try:
            send(self._socket, request)
        except ConnectionError:
            raise _Ended from None
        return self._answer(seconds)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def _answer(self, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        try:
            answer = received(self._socket)
        except ConnectionError:
            answer = None
        if answer is None:
            raise _Ended
        return answer


_READERS, _SHOWERS = Readers(), Readers(seconds=SHOW_SECONDS)


def read(source: str) -> HtmlText:
    """The page, whatever its state; here where it is small, else apart."""
    return html.read(source) if _is_plain(source) else _READERS.read(source)


def shown(source: str, pictures: Mapping[str, str]) -> Shown | None:
    """The page as it may be shown to people; None where that costs too much."""
    return html_shown.shown(source, pictures) if _is_plain(source) else _SHOWERS.shown(source, pictures)


def _is_plain(source: str) -> bool:
    return len(source) <= PLAIN_CHARACTERS and source.count("<") <= PLAIN_TAGS
