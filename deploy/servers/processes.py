"""Processes as the operating system knows them: started under a supervisor, known by pid and start time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

SUPERVISOR = Path(__file__).with_name("supervisor.py")
STATE_FIELD, START_FIELD = 0, 19  # of /proc/<pid>/stat, counted after the command's name (proc(5))


@dataclass(frozen=True)
class Identity:
    """One process for good: a pid comes back, but not with the same start time (clock ticks since boot)."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; one that only waits to be reaped does not."""
        return identify(self.pid) == self

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and the children of its group, if it is still this process."""
        if self.alive:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                return  # it ended between the look and the signal

    def wait_gone(self, patience_s: float) -> bool:
        """Whether the process ended within the time."""
        deadline = time.monotonic() + patience_s
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def stop(self, patience_s: float = 15.0) -> None:
        """Ask to end, and end it by force when that takes too long; children that stay behind are ended too."""
        if not self.alive:
            return
        self.signal_group(signal.SIGTERM)
        if not self.wait_gone(patience_s):
            self.kill()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # nobody else gets this pid while a group bears it

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.signal_group(signal.SIGKILL)
        self.wait_gone(10.0)


def identify(pid: int) -> Identity | None:
    """The process that has this pid now; nothing when there is none or it only waits to be reaped."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[STATE_FIELD] in "ZX" else Identity(pid, int(fields[START_FIELD]))


@dataclass(frozen=True)
class Command:
    """What to run, with its complete environment: nothing of the caller's leaks into a server."""

    words: Sequence[str]
    environment: Mapping[str, str]


def run_supervised(
    command: Command, *, log: Path, parent: int, removes: Path | None = None
) -> tuple[subprocess.Popen[str], Identity | None]:
    """Start `command` under a supervisor that follows the process `parent` (0: nobody).

    Answers the supervisor, to be waited for, and the server; no server when it ended at once.
    """
    words = [sys.executable, "-I", "-S", str(SUPERVISOR), str(parent), str(removes or ""), *command.words]
    with log.open("a") as output:
        supervisor = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            env=dict(command.environment),
            start_new_session=True,
            text=True,
        )
    with supervisor.stdout or nullcontext() as pid:
        line = pid.readline() if pid else ""
    return supervisor, identify(int(line)) if line else None
