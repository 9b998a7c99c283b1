"""One process of a city: a service by `poststelle run`, which dies with us however we die."""

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from deploy.servers.fetching import tail
from deploy.servers.processes import Command, Identity, run_supervised
from deploy.servers.server import LOOPBACK, free_port

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 300.0
"""A dozen that start together on two busy cores take their time; one that fails ends by itself."""
STOPS_WITHIN_S = 40.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. Else each question reads the list of all authorities first, for 40 ms of the processor."""


class ServiceFailed(Exception):
    """A process of the city ended or was not ready in time; carries the end of its log."""


def run(words: list[str], settings: Mapping[str, str]) -> str:
    """What a command of ours prints; ServiceFailed with its own sentence where it fails."""
    called = subprocess.run(
        [sys.executable, "-m", "services", *words],
        env=environment(settings),
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if called.returncode:
        raise ServiceFailed(called.stderr.strip()[-2000:])
    return called.stdout


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The caller's, with these settings on top."""
    named = {f"POSTSTELLE_{name}": value for name, value in settings.items()}
    return {**os.environ, "PYTHONPATH": str(ROOT), **named}


class ServiceProcess:
    """A service in a process of its own; it keeps its port and folder over all its starts."""

    def __init__(self, service: str, number: int, *, folder: Path, settings: Mapping[str, str]) -> None:
        self.service = service
        self.name = f"{service}-{number}"
        self.folder = folder / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.address = f"http://{LOOPBACK}:{port}"
        own = {"HTTP__HOST": LOOPBACK, "HTTP__PORT": str(port), "STORAGE__FOLDER": str(self.folder)}
        self.smtp_port = int(settings["MAIL_INTAKE__PORT"])
        """Where its SMTP listener is, in a mail intake."""
        self._settings = {**settings, **own}
        self._supervisor: subprocess.Popen[str] | None = None
        self._process: Identity | None = None

    @property
    def log(self) -> Path:
        """What it said, over all its starts."""
        return self.folder / "log.txt"

    @property
    def running(self) -> bool:
        """Whether the process is there; it may not be ready."""
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int:
        """Of the process itself; 0 where there is none."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Begin; `wait_ready` tells when it works."""
        self._reap()
        command = Command([sys.executable, "-m", "services", "run", self.service], environment(self._settings))
        self._supervisor, self._process = run_supervised(command, log=self.log, parent=os.getpid())

    def wait_ready(self) -> None:
        """Return when its health page says so; ServiceFailed when it ended or takes too long."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.ready():
            if not self.running:
                raise ServiceFailed(f"{self.name} ended:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise ServiceFailed(f"{self.name} is not ready after {READY_WITHIN_S:.0f} s:\n{tail(self.log)}")
            time.sleep(0.1)

    def ready(self) -> bool:
        """What its health page says now."""
        try:
            return httpx.get(f"{self.address}/health/ready", timeout=30, trust_env=False, verify=NO_TLS).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Let it finish what it has in hand. Its children are its own to end: a reader that is told too would fail."""
        if self._process and self._process.alive:
            os.kill(self._process.pid, signal.SIGTERM)
            self._process.wait_gone(STOPS_WITHIN_S)
        self.kill()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and its children: SIGSTOP and SIGCONT make it hang for a while."""
        if self._process:
            self._process.signal_group(number)

    def kill(self) -> None:
        """SIGKILL, with its children."""
        if self._process:
            self._process.kill()
        self._reap()

    def _reap(self) -> None:
        if self._supervisor:
            self._supervisor.wait(timeout=60)
        self._supervisor = self._process = None
