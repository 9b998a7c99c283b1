"""One generation of the index: newer versions replace older ones, in what is committed and in what is not."""

from collections.abc import Iterable
from pathlib import Path

from services.adapters.search_index.tantivy.engine import Engine, Snapshot
from services.adapters.search_index.tantivy.folder import sync
from services.core.ports.entries import Entry


class Generation:
    """An engine that compares versions; the caller holds a lock around everything that writes."""

    def __init__(self, folder: Path, *, heap_bytes: int, threads: int) -> None:
        self.folder = folder
        self._engine = Engine(folder, heap_bytes=heap_bytes, threads=threads)
        self.snapshot: Snapshot = self._engine.snapshot()
        self._pending: dict[str, int] = {}

    @property
    def pending(self) -> int:
        """How many documents wait for a commit."""
        return len(self._pending)

    def write(self, entries: Iterable[Entry]) -> None:
        """Take the entries of a higher rank than what is here."""
        for entry in entries:
            known = self._pending.get(entry.document)
            known = self.snapshot.rank_of(entry.document) if known is None else known
            if known is None or known < entry.rank:
                self._engine.add(entry, replaces=known is not None)
                self._pending[entry.document] = entry.rank

    def commit(self) -> None:
        """Durable and found; costs nothing where nothing was written."""
        if self._pending:
            self._engine.commit()
            sync(self.folder)  # tantivy makes its files durable, but not the name of the list that it puts last
            self.snapshot = self._engine.snapshot()
            self._pending.clear()

    def close(self) -> None:
        """Forget what was not committed."""
        self._engine.close()
