"""A hot folder on disk with the service behind it, a clock that a test turns, and deaths at every step."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.scan_intake.hot_folder.directory_access import Folder
from services.scan_intake.hot_folder.watcher import HotFolder
from tests.component.surroundings import Intakes, Store

STEPS = ("make", "move", "write", "lend", "remove", "drop", "sync")
"""Everything that changes the share."""


class Died(BaseException):
    """The process ended here: nothing of ours may catch it."""


class Watched:
    """The share, and whoever watches it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.root = folder / "share"
        (self.root / "inbox" / "foyer").mkdir(parents=True)
        self.intakes = Intakes(folder / "data", scan_intake={"folder": self.root, "max_size": 300_000} | settings)
        self.seconds = 0.0
        self.watcher = self.another()

    def another(self, data: Path | None = None) -> HotFolder:
        """One more process over the same share and store; with the data folder of another machine, if given."""
        context = self.intakes.contexts["scan_intake"]
        if data:
            storage = context.settings.storage.model_copy(update={"folder": data})
            settings = context.settings.model_copy(update={"storage": storage})
            context = type(context)(
                **{name: getattr(context, name) for name in context.__slots__} | {"settings": settings}
            )
        return HotFolder(context, self.root, lambda: self.seconds)

    def drop(self, name: str, content: bytes, source: str = "foyer") -> Path:
        """A scanner writes a file."""
        path = self.root / "inbox" / source / name
        path.write_bytes(content)
        return path

    def wait(self, seconds: float = 6.0, watcher: HotFolder | None = None) -> int:
        """Look, let time pass, look again."""
        (watcher or self.watcher).turn()
        self.seconds += seconds
        return (watcher or self.watcher).turn()

    def inside(self, place: str, source: str = "foyer") -> dict[str, bytes]:
        """The files of a place by name."""
        folder = self.root / place / source
        return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))} if folder.is_dir() else {}

    def receipts(self) -> dict[str, str]:
        """The receipt that lies beside each scan in `done`."""
        ending = ".receipt.json"
        return {
            name.removesuffix(ending): json.loads(content)["receipt"]
            for name, content in self.inside("done").items()
            if name.endswith(ending)
        }

    def reason(self, name: str) -> str:
        """The code of a scan that failed."""
        note = self.inside("failed")[name + ".reason.txt"].decode()
        return next(line for line in note.splitlines() if line.startswith("Code: ")).removeprefix("Code: ")

    def in_order(self) -> None:
        """Nothing is left in hand, and what lies beside the scans is what the store knows, each once."""
        assert not list((self.root / "taken").rglob("*.*"))
        assert not self.inside("taken")
        stored = Counter(receipt.receipt for receipt in self.intakes.receipts())
        assert stored == Counter(self.receipts().values())
        assert not self.intakes.left_lying()


class Deaths:
    """Counts every step that changes share or store, and dies before or behind a chosen one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        self._at = 0
        self._behind = False
        for step in STEPS:
            patch.setattr(Folder, step, self._dangerous(getattr(Folder, step)))
        patch.setattr(Store, "create", self._dangerous(Store.create))

    def die(self, at: int, *, behind: bool) -> None:
        """Die at this step; 0 is never."""
        self.steps, self._at, self._behind = 0, at, behind

    def _dangerous(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*told: Any, **named: Any) -> Any:
            self.steps += 1
            mine = self.steps
            if mine == self._at and not self._behind:
                raise Died
            done = act(*told, **named)
            if mine == self._at:
                raise Died
            return done

        return stepped


def age(path: Path, seconds: int) -> None:
    """Let the share claim that the file was changed so long ago (or will be, where negative)."""
    changed = path.stat().st_mtime - seconds
    os.utime(path, (changed, changed))
