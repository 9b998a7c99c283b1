"""What became of each item so far, line by line in a file: whoever is killed goes on behind the last whole line.

It is a file beside the command, not in the store: the store is the mail room's, and whoever imports may stand before
another machine. What the last lines lack after a power cut is sent again under the same idempotency key.
"""

import hashlib
import threading
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

Outcome = Literal["taken", "known", "refused"]


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item and what became of it."""

    place: str
    folder: str = ""
    sha256: str = ""
    outcome: Outcome
    reason: str = ""
    """Why it was refused; `cut` beside one that was taken: the file ends in the middle of it."""
    receipt: str = ""
    document: str = ""


class Journal:
    """The journal of one source; belongs to all threads."""

    def __init__(self, file: Path) -> None:
        """Open it, or begin one; a last line that was not written to its end counts for nothing."""
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._known: dict[bytes, Entry] = {}
        self._copies: dict[bytes, str] = {}
        whole = self._load()
        self._out = file.open("r+b" if file.exists() else "wb")
        self._out.truncate(whole)
        self._out.seek(whole)

    def of(self, place: str, sha256: str) -> Entry | None:
        """What became of this item before."""
        return self._known.get(_key(place, sha256))

    def copy_of(self, folder: str, sha256: str) -> str:
        """The receipt of the same bytes in the same folder; empty where they were not sent yet."""
        return self._copies.get(_key(folder, sha256), "")

    def note(self, entry: Entry) -> None:
        """Write down what became of an item, before it is counted."""
        with self._lock:
            self._out.write(msgspec.json.encode(entry) + b"\n")
            self._out.flush()
            self._keep(entry)

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()

    def _keep(self, entry: Entry) -> None:
        self._known[_key(entry.place, entry.sha256)] = entry
        if entry.receipt:
            self._copies.setdefault(_key(entry.folder, entry.sha256), entry.receipt)

    def _load(self) -> int:
        """The bytes of all whole lines."""
        whole = 0
        if not self.file.exists():
            return whole
        with self.file.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._keep(msgspec.json.decode(line, type=Entry))
                whole += len(line)
        return whole


def journal_of(source: Path, folder: Path) -> Path:
    """Where the journal of a source lies: by its place, so that the same command goes on with it."""
    name = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:16]
    return folder / f"{source.resolve().name}-{name}.jsonl"


def _key(*words: str) -> bytes:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).digest()[:16]
