"""A real `poststelle demo` in a folder of its own: started, looked at while it is open, stopped as by Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.cluster.service_process import NO_TLS
from services.cli.demo.folder import Note, claim
from tests.journeys.instance import ROOT, TIED_TO_US, eventually

OPEN_WITHIN_S = 420.0
"""Tika starts, sixty letters are written, delivered and read, a dozen pages are recognised."""
_URL = re.compile(r"answers at (http://\S+) ")
_LINK = re.compile(r"(http://\S+/einmal/\S+)")


class DemoInstance:
    """The demo and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "demo-data"
        self._said = folder / "said.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until its post is in."""
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", TIED_TO_US, "mail-room", *COMMAND, "--folder", str(self.folder)],
                cwd=self._said.parent,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(self._open, OPEN_WITHIN_S)

    def stop(self) -> None:
        """The orderly stop of Ctrl-C."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        process.stdin.close()
        assert code == 0, self.said

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    @property
    def url(self) -> str:
        """Where it answers."""
        found = _URL.search(self.said)
        assert found, self.said
        return found[1]

    @property
    def link(self) -> str:
        """The one-time link of its account."""
        found = _LINK.search(self.said)
        assert found, self.said
        return found[1]

    @property
    def note(self) -> Note:
        """What it sent."""
        return claim(self.folder)

    def ask(self, method: str, path: str, **how: Any) -> Any:
        """The JSON of its API."""
        key = (self.folder / "command-line.key").read_text(encoding="ascii").strip()
        headers = {"Authorization": f"Bearer {key}"}
        given = {"headers": headers, "timeout": 60, "trust_env": False, "verify": NO_TLS, **how}
        answer = httpx.request(method, f"{self.url}/api/v1{path}", **given)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    def _open(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.said
        return "Ctrl-C stops" in self.said


COMMAND = (sys.executable, "-m", "services", "demo")


def environment() -> dict[str, str]:
    """Ours, without settings of a mail room."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTSTELLE_")}
    return {**kept, "PYTHONPATH": str(ROOT)}
