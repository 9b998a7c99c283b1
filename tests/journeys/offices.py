"""Many specialist procedures over Kafka, each a process of its own (`taking_part.py`), and what they were told."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.servers.processes import Command, Identity, run_supervised
from services.core.messages import topics


class Offices:
    """All procedures at once, each a process of its own that acknowledges what comes into its inbox."""

    def __init__(self, names: Sequence[str], bootstrap: str, folder: Path) -> None:
        folder.mkdir()
        self._names, self._bootstrap, self._folder = names, bootstrap, folder
        self._ends: list[tuple[subprocess.Popen[str], Identity | None]] = []

    def start(self) -> None:
        """They die with us, however we die."""
        program = [sys.executable, str(Path(__file__).with_name("taking_part.py")), self._bootstrap]
        for name in self._names:
            words = [*program, topics.inbox_of(name), topics.outbox_of(name), str(self._folder / name)]
            command = Command(words, os.environ)
            self._ends.append(run_supervised(command, log=self._folder / f"{name}.log", parent=os.getpid()))

    def stop(self) -> None:
        """End them all."""
        for supervisor, process in self._ends:
            if process:
                process.kill()
            supervisor.wait(timeout=10)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What one was told, in the order of coming."""
        known = self._folder / name
        told = known.read_bytes() if known.exists() else b""
        return [json.loads(line) for line in told.splitlines(keepends=True) if line.endswith(b"\n")]

    def told(self, name: str) -> list[dict[str, Any]]:
        """The same, each delivery once."""
        return [line for line in self.lines(name) if not line["repeat"]]

    def count(self) -> int:
        """So many deliveries came, repeats aside."""
        return sum(len(self.told(name)) for name in self._names)

    def repeats(self) -> int:
        """So many came once more."""
        return sum(len(self.lines(name)) for name in self._names) - self.count()
