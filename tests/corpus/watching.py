"""What the processes of a mail room cost while it works: CPU seconds, highest memory, and how its own grows."""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.servers.processes import Identity, identify

EVERY_S = 1.0
TICKS = os.sysconf("SC_CLK_TCK")
_KINDS = ((b"tesseract/worker.py", "ocr"), (b"java", "tika"), (b"services\0run", "mail room"))
"""What stands in the command of each; the first that fits."""


@dataclass
class Seen:
    """One process: what it used in all, and the most it held, in MiB (VmHWM of proc(5))."""

    kind: str
    cpu: float = 0.0
    peak: float = 0.0


@dataclass
class Watch:
    """Looks at every process of the mail room once a second, from `start` to `stop`."""

    processes: Callable[[], Iterable[Identity]]
    seen: dict[Identity, Seen] = field(default_factory=dict)
    anonymous: list[float] = field(default_factory=list)
    """The mail room's own anonymous memory in MiB, look by look."""

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look once more, and no longer."""
        self._stopped.set()
        self._thread.join()
        self._look()

    def cpu(self) -> dict[str, float]:
        """Seconds by kind of process."""
        return {kind: sum(one.cpu for one in self._of(kind)) for kind in self._kinds()}

    def peaks(self) -> dict[str, float]:
        """MiB that the largest process of each kind held."""
        return {kind: max(one.peak for one in self._of(kind)) for kind in self._kinds()}

    def counts(self) -> dict[str, int]:
        """How many processes of each kind there ever were."""
        return {kind: len(self._of(kind)) for kind in self._kinds()}

    def growth(self) -> list[float]:
        """The highest memory of the mail room in each tenth of the run."""
        count = len(self.anonymous)
        tenths = [self.anonymous[count * n // 10 : count * (n + 1) // 10] for n in range(10)]
        return [max(tenth) for tenth in tenths if tenth]

    def _watch(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        for process in _with_children(self.processes()):
            with suppress(OSError, ValueError, IndexError, KeyError):  # it ended while we looked
                self._note(process, Path(f"/proc/{process.pid}"))

    def _note(self, process: Identity, folder: Path) -> None:
        seen = self.seen.get(process) or Seen(_kind(folder))
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        seen.cpu = (int(fields[11]) + int(fields[12])) / TICKS
        seen.peak = _mebibytes(status["VmHWM"])
        self.seen[process] = seen
        if seen.kind == "mail room":
            self.anonymous.append(_mebibytes(status["RssAnon"]))

    def _kinds(self) -> list[str]:
        return sorted({one.kind for one in self.seen.values() if one.kind})

    def _of(self, kind: str) -> list[Seen]:
        return [one for one in self.seen.values() if one.kind == kind]


def _with_children(processes: Iterable[Identity]) -> set[Identity]:
    """These and what they started: recognisers inherit nothing of the environment by which the others are found."""
    found = set(processes)
    for parent in tuple(found):
        with suppress(OSError):  # it ended while we looked
            for children in Path(f"/proc/{parent.pid}/task").glob("*/children"):
                found |= {child for pid in children.read_text().split() if (child := identify(int(pid)))}
    return found


def _kind(folder: Path) -> str:
    command = (folder / "cmdline").read_bytes()
    return "" if command.startswith((b"/bin/sh", b"sh", b"cat")) else next((k for w, k in _KINDS if w in command), "")


def _mebibytes(text: str) -> float:
    return int(text.split(maxsplit=1)[0]) / 1024
