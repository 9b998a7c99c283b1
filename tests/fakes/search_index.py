"""The index as a dictionary: only what the simulation looks at, versions and tombstones above all."""

from collections.abc import Sequence

from greenlet import getcurrent

from services.core.ports.entries import Entry, FacetCount, Facets, Hit, Hits, Query, Viewer
from tests.fakes.gate import Gate, Open


class MemorySearchIndex:
    """Committed entries survive a crash, written ones do not. Finds by any word of title, body and attachments."""

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate or Open()
        self.fresh = False
        self.entries: dict[str, Entry] = {}
        self._written: dict[object, dict[str, Entry]] = {}
        """By process: each has its own batch."""
        self._growing: MemoryRebuild | None = None

    def write(self, entries: Sequence[Entry]) -> None:
        self._gate.before("index.write")
        for entry in entries:
            self.take(self._written.setdefault(getcurrent(), {}), entry)
            if self._growing:
                self.take(self._growing.entries, entry)
        self._gate.after("index.write")

    def commit(self) -> None:
        self._gate.before("index.commit")
        for entry in self._written.pop(getcurrent(), {}).values():
            self.take(self.entries, entry)
        self._gate.after("index.commit")

    def forget_uncommitted(self, process: object) -> None:
        """What a crash of this process does."""
        self._written.pop(process, None)

    def search(self, query: Query, viewer: Viewer) -> Hits:
        self._gate.before("index.search")
        words = [term.text for group in query.groups for term in group]
        found = [e for e in self.entries.values() if not e.erased and viewer.may_see(e.offices, e.protection)]
        lacking = query.filters.not_meant_by
        found = [e for e in found if not lacking or e.meant_by != lacking]
        hits = [_hit(e) for e in found if all(w in f"{e.title} {e.body} {e.attachments}" for w in words)]
        return Hits(items=tuple(hits[: query.limit]), total=len(hits))

    def facets(self, query: Query, viewer: Viewer) -> Facets:
        self._gate.before("index.facets")
        return {"states": (FacetCount("held", total),)} if (total := self.search(query, viewer).total) else {}

    def version_of(self, document: str) -> int | None:
        self._gate.before("index.version_of")
        entry = self.entries.get(document)
        return entry.version if entry else None

    def rebuild(self) -> "MemoryRebuild":
        self._gate.before("index.rebuild")
        self._growing = MemoryRebuild(self, self._gate)
        return self._growing

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to let go of."""

    def switch_to(self, fresh: "MemoryRebuild") -> None:
        """The living entries are the fresh ones from now on."""
        if self._growing is fresh:
            self.entries, self._growing = fresh.entries, None

    def take(self, into: dict[str, Entry], entry: Entry) -> None:
        """Newer versions only."""
        there = into.get(entry.document)
        if there is None or entry.rank > there.rank:
            into[entry.document] = entry


class MemoryRebuild:
    """The fresh index."""

    def __init__(self, living: MemorySearchIndex, gate: Gate) -> None:
        self._living = living
        self._gate = gate
        self.entries: dict[str, Entry] = {}

    def write(self, entries: Sequence[Entry]) -> None:
        self._gate.before("rebuild.write")
        for entry in entries:
            there = self.entries.get(entry.document)
            if there is None or entry.rank > there.rank:
                self.entries[entry.document] = entry

    def switch(self) -> None:
        self._gate.before("rebuild.switch")
        self._living.switch_to(self)

    def abandon(self) -> None:
        self.entries = {}


def _hit(entry: Entry) -> Hit:
    return Hit(
        document=entry.document,
        version=entry.version,
        state=entry.state,
        complete=entry.complete,
        title=entry.title,
        sender=entry.sender,
        channel=entry.channel,
        received_at=entry.received_at,
    )
