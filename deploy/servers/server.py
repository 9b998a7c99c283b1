"""What all servers share: a folder, a recorded process, and start, kill, restart, stop."""

import abc
import json
import os
import random
import shutil
import signal
import socket
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self

from deploy.servers.fetching import tail
from deploy.servers.processes import Command, Identity, run_supervised

if TYPE_CHECKING:
    import subprocess

LOOPBACK = "127.0.0.1"
PORTS = range(20000, 32000)  # below the ephemeral ports, so that no connection takes one while its server is down
RECORD = "server.json"
_given: set[int] = set()
"""Twenty ports of a city drawn by chance were two alike in one city of sixty."""


class ServerFailed(Exception):
    """A server ended before it was ready or did not answer in time; carries the end of its log."""


def free_port() -> int:
    """A port of this machine that nobody listens on, and that nobody was given before and has yet to listen on."""
    while True:
        port = random.choice(PORTS)  # noqa: S311  not a secret
        if port in _given:
            continue
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((LOOPBACK, port))
            except OSError:
                continue
        _given.add(port)
        return port


class Server(abc.ABC):
    """One server on this machine, with everything it keeps in one folder.

    It dies with the Python process that started it, unless `until_down`; then it runs until somebody stops the
    recorded process. Without a folder it gets a fresh one that is gone when the server is stopped.
    """

    name: ClassVar[str]
    patience_s: ClassVar[float] = 300.0
    """A limit for loaded machines; an idle one needs seconds."""

    def __init__(self, folder: Path | None, *, until_down: bool = False) -> None:
        self._temporary = folder is None
        self.folder = (folder or Path(tempfile.mkdtemp(prefix=f"poststelle-{self.name}-"))).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings: dict[str, str] = {}
        self._parent = 0 if until_down else os.getpid()
        self._supervisor: subprocess.Popen[str] | None = None
        self._process: Identity | None = None

    @classmethod
    @abc.abstractmethod
    def fetch(cls) -> None:
        """Put everything the server needs into the cache; quick when it is there."""

    @abc.abstractmethod
    def fresh_settings(self) -> dict[str, str]:
        """Ports and secrets for a folder that has none; they stay the same for all its starts."""

    @abc.abstractmethod
    def prepare(self) -> None:
        """Make the folder ready for its first start."""

    @abc.abstractmethod
    def command(self) -> Command:
        """What to run."""

    @abc.abstractmethod
    def answers(self) -> bool:
        """Whether this very server answers a real request now."""

    @abc.abstractmethod
    def address(self) -> str:
        """Where clients find it, as host and port."""

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.folder / "server.log"

    @property
    def pid(self) -> int:
        """The server's own process (not the supervisor's)."""
        if self._process is None:
            raise ServerFailed(f"{self.name} does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there; it may not answer yet."""
        return self._process is not None and self._process.alive

    def begin(self) -> Self:
        """First start in this folder, or the next after a stop; returns when the server answers."""
        known = read_record(self.folder)
        if known and known.process and known.process.alive:
            raise ServerFailed(f"{self.name} runs in {self.folder} already (process {known.process.pid})")
        try:
            if known:
                self.settings = known.settings
            else:
                self.settings = self.fresh_settings()
                self.prepare()
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self

    def kill(self) -> None:
        """SIGKILL: what a power cut leaves of the process. Folder and port stay for `restart`."""
        if self._process is not None:
            self._process.kill()
        self._ended()

    def restart(self) -> None:
        """The same folder and ports again, after a kill or from running; returns when the server answers."""
        self._halt()
        self._launch()

    def relaunch(self) -> None:
        """The same after it ended, without waiting until it answers; one that runs is left alone."""
        if not self.running:
            self._ended()
            self._spawn()

    def stop(self, patience_s: float = 15.0) -> None:
        """Orderly end, by force after `patience_s`. A folder of the caller's stays and can be started again."""
        self._halt(patience_s)
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def let_go(self) -> None:
        """Forget a server that runs `until_down`; its record in the folder stays true."""
        if self._supervisor is not None:
            self._supervisor.returncode = 0  # else the interpreter warns of a child it will not wait for
        self._supervisor, self._process = None, None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server: SIGSTOP and SIGCONT make it hang for a while."""
        if self._process is not None:
            self._process.signal_group(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        self._spawn()
        self._wait_ready()

    def _spawn(self) -> None:
        removes = self.folder if self._temporary else None
        self._supervisor, self._process = run_supervised(
            self.command(), log=self.log, parent=self._parent, removes=removes
        )
        self._write_record()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + self.patience_s
        while not self.answers():
            if not self.running:
                raise ServerFailed(f"{self.name} ended before it was ready:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} does not answer after {self.patience_s:.0f} s:\n{tail(self.log)}")
            time.sleep(0.05)

    def _halt(self, patience_s: float = 15.0) -> None:
        if self._process is not None:
            self._process.stop(patience_s)
        self._ended()

    def _ended(self) -> None:
        if self._supervisor is None:
            return
        self._supervisor.wait(timeout=60)
        self._supervisor, self._process = None, None
        self._write_record()

    def _write_record(self) -> None:
        """Ports, secrets and process, readable by the user alone."""
        record = Record(self.name, self.address(), self.settings, self._process)
        unfinished = self.folder / f"{RECORD}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(asdict(record), indent=2), encoding="utf-8")
        unfinished.rename(self.folder / RECORD)


@dataclass(frozen=True)
class Record:
    """What a server's folder tells: enough to find the server, start it again and stop it."""

    server: str
    address: str
    settings: dict[str, str]
    process: Identity | None


def read_record(folder: Path) -> Record | None:
    """The record in a server's folder; nothing when none was ever started there."""
    try:
        fields = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    process = fields.pop("process")
    return Record(**fields, process=Identity(**process) if process else None)
