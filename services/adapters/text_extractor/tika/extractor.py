"""Text and metadata from Apache Tika, over HTTP: one file at a time per server, asked again once when a server dies."""

import hashlib
import math
import os
import socket
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import msgspec
import requests

from services.adapters.text_extractor.tika import programs, request, result
from services.adapters.text_extractor.tika.configuration import ServerOptions
from services.adapters.text_extractor.tika.running import RunningServer
from services.adapters.text_extractor.tika.server import Programs, TikaServer
from services.adapters.text_extractor.tika.turns import LOOK_AGAIN, Turns
from services.core.errors import TryLater
from services.core.ports.text_extractor import ReadPart

# The client reads these while it is imported: without them it writes a log of names into the temporary folder, and
# fetches and starts a server of its own.
os.environ["TIKA_LOG_FILE"] = ""  # noqa: TID251 - a switch of the library, set for it and not read by us
os.environ["TIKA_CLIENT_ONLY"] = "1"  # noqa: TID251 - same

import tika.tika

_READING = b"5"
"""Counted up whenever our own reading of the answers, or the server's configuration, changes what comes out."""
_LATELY = 1.0
"""Seconds after an answer in which a server is not asked whether it is one: the question costs it as much as a mail."""
_UNPACKED_BYTES = 100_000_000
"""Bytes of what lies inside one file: the answer is held in memory."""
_PORTS = {"http": 80, "https": 443}
_OUR_FAULTS = frozenset({400, 404, 405, 406, 413, 415})
"""Answers that say our request was wrong, whatever the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingLimits:
    """What one file may cost."""

    seconds: int = 60
    """Time for one file; then it is `too_slow`."""
    max_bytes: int = 500 * 1024 * 1024
    """Larger files are not sent: `too_large`."""
    max_characters: int = 10_000_000
    """Of all parts together; what was read until then is kept, with `bomb` or `too_large`."""
    max_parts: int = 2_000
    max_depth: int = 20


class TikaTextExtractor:
    """One file at a time per server; more servers read more at once."""

    def __init__(
        self,
        servers: Sequence[TikaServer | RunningServer],
        *,
        limits: ReadingLimits | None = None,
        patience: float = 60.0,
    ) -> None:
        """Patience in seconds is for a server that restarts."""
        self._servers = servers
        self._limits = limits or ReadingLimits()
        self._patience = patience
        self._slots = [_Slot(server) for server in servers]
        busy = 2 * self._limits.seconds
        self._turns = Turns(self._slots, _is_up, lambda slot: slot.missed_since, busy=busy, away=patience)
        self.version = _version(self._limits)

    @classmethod
    def supervised(
        cls,
        programs: Programs,
        folder: Path,
        *,
        limits: ReadingLimits | None = None,
        options: ServerOptions | None = None,
    ) -> "TikaTextExtractor":
        """Servers of our own, starting in the background; the folder is theirs alone and is emptied."""
        options = options or ServerOptions()
        servers = [TikaServer(programs, folder / str(number), options) for number in range(options.processes)]
        return cls(servers, limits=limits)

    @classmethod
    def running(
        cls, endpoints: Sequence[str], *, limits: ReadingLimits | None = None, patience: float = 60.0
    ) -> "TikaTextExtractor":
        """Servers that somebody else runs, by their addresses; each address should lead to one parsing process."""
        return cls([RunningServer(endpoint) for endpoint in endpoints], limits=limits, patience=patience)

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        """What is empty or too large is not sent. TryLater while the server is away, starts or has no fork to spare."""
        size = content.seek(0, os.SEEK_END)
        container = result.Container(
            size=size,
            name=name,
            media_type=result.media_type_of(media_type),
            max_depth=self._limits.max_depth,
            max_characters=self._limits.max_characters,
        )
        if not 0 < size <= self._limits.max_bytes:
            return result.without_text(container, "too_large" if size else "empty")
        answer = self._read(request.ParseRequest(content, size, name=name, media_type=media_type))
        if isinstance(answer, str):
            return result.without_text(container, answer)
        return result.parts(answer, container)

    def unpack(self, content: BinaryIO, *, media_type: str = "", name: str = "", limit: int) -> list[tuple[str, bytes]]:
        """What is empty or too large gives nothing, nor does a file that Tika dies of or is too slow with."""
        limit = min(limit, _UNPACKED_BYTES)
        size = content.seek(0, os.SEEK_END)
        if not 0 < size <= self._limits.max_bytes or limit <= 0:
            return []
        answer = self._read(request.Unpack(content, size, hints=(media_type, name), limit=limit))
        if isinstance(answer, str):
            return []
        return [(str(one["name"]), cast("bytes", one["content"])) for one in answer if "content" in one]

    def ready(self) -> bool:
        """Whether any of the servers answers."""
        with _session() as session:
            return any(_answers(session, server.address()) for server in self._servers)

    def close(self) -> None:
        """End the servers that are ours."""
        for slot in self._slots:
            slot.session.close()
        for server in self._servers:
            server.close()

    def _read(self, question: request.ParseRequest) -> list[result.Answer] | str:
        """The answers, or the problem of a file that took a server with it twice."""
        if not any(slot.was_up or slot.server.address() for slot in self._slots):
            raise TryLater("tika_starting")
        with closing(self._places()) as places:
            for tries_before, slot in enumerate(places):
                if answers := self._try(slot, question, again=tries_before > 0):
                    return answers
        return "broken"

    def _try(self, slot: "_Slot", question: request.ParseRequest, *, again: bool) -> list[result.Answer] | str:
        """The answers, nothing where the server died of it, or the problem of a file that takes too long.

        Who is awake meanwhile is kept busy by the file, and a further try would cost the same. Who does not even say
        its name hangs, perhaps through no fault of the file: that gets its second try like after a death.
        """
        slot.heard = -_LATELY
        try:
            answers = self._ask(slot.session, slot.server.address() or "", question)
        except requests.ReadTimeout:
            hangs = not _is_up(slot)
            slot.server.restart()
            return [] if hangs and not again else "too_slow"
        if answers:
            slot.heard = time.monotonic()
        return answers

    def _places(self) -> Generator["_Slot", None, None]:
        """Where to ask: a server, and, when it died of it, once more as soon as it is back; another if it stays away.

        Ends when a server that is back can say that it was the file; TryLater when none came back to say so.
        """
        with self._turns.taken() as slot:
            yield slot
            if self._is_back(slot):
                yield slot
                if not self._is_back(slot):
                    raise TryLater("tika_away")
                return
        with self._turns.taken() as slot:
            yield slot
            if not self._is_back(slot):
                raise TryLater("tika_away")

    def _ask(self, session: requests.Session, address: str, question: request.ParseRequest) -> list[result.Answer]:
        """One request; no answer at all when the server died of it. ReadTimeout when it takes too long."""
        headers = question.headers | {
            "writeLimit": str(self._limits.max_characters),
            "maxEmbeddedResources": str(self._limits.max_parts),
        }
        try:
            status, body = tika.tika.callServer(
                "put",
                address,
                question.path,
                question.body(),
                headers,
                httpVerbs={"put": session.put},
                rawResponse=True,
                requestOptions={"timeout": (5, self._limits.seconds), "verify": True},
            )
        except requests.ReadTimeout:
            raise
        except requests.RequestException:
            return []
        if status == requests.codes.service_unavailable:
            raise TryLater("tika_busy")
        if status in _OUR_FAULTS:
            raise RuntimeError(f"tika_refused_{status}")
        if status == requests.codes.no_content:
            return [{}]  # nothing lies inside
        return [*question.answers(body)] if status == requests.codes.ok else []

    def _is_back(self, slot: "_Slot") -> bool:
        """Whether a server that died comes again; where there are others, they are asked sooner.

        Patience is counted from when it was first missed, so that one absence is waited for once and not by every file.
        """
        patience = self._patience / min(2, len(self._slots))
        while not _is_up(slot):
            if time.monotonic() > slot.missed_since + patience:
                return False
            time.sleep(LOOK_AGAIN)
        return True


class _Slot:
    """A server and our kept connection to it."""

    def __init__(self, server: TikaServer | RunningServer) -> None:
        self.server = server
        self.session = _session()
        self.was_up = False
        self.heard = -_LATELY
        """When its last answer came, while nothing was asked since."""
        self.missed_since = math.inf
        """When it was first found away, since it was last there."""


def _is_up(slot: _Slot) -> bool:
    """Whether it answers; of one that did so just now it is enough that it takes a connection."""
    address = slot.server.address()
    lately = time.monotonic() < slot.heard + _LATELY
    up = _takes_connections(address) if address and lately else _answers(slot.session, address)
    slot.was_up = slot.was_up or up
    slot.missed_since = math.inf if up else min(slot.missed_since, time.monotonic())
    return up


def _takes_connections(address: str) -> bool:
    found = urlsplit(address)
    try:
        socket.create_connection((found.hostname, found.port or _PORTS[found.scheme]), timeout=5).close()
    except OSError:
        return False
    return True


def _answers(session: requests.Session, address: str | None) -> bool:
    """Whether a Tika answers there now."""
    if address is None:
        return False
    try:
        status, body = tika.tika.callServer(
            "get",
            address,
            "/version",
            None,
            {},
            httpVerbs={"get": lambda url, _, **options: session.get(url, **options)},
            rawResponse=True,
            requestOptions={"timeout": 5, "verify": True},
        )
    except requests.RequestException:
        return False
    return status == requests.codes.ok and b"Tika" in body


def _session() -> requests.Session:
    session = requests.Session()
    # A proxy of the environment must not see the documents, and does not know our loopback.
    session.trust_env = False
    return session


def _version(limits: ReadingLimits) -> str:
    options = msgspec.json.encode(asdict(limits), order="sorted")
    return f"tika-{programs.VERSION}-{hashlib.sha256(options + _READING).hexdigest()[:8]}"
