"""The port to the derived index: written by version, asked with the viewer's rights."""

from collections.abc import Sequence
from typing import Protocol

from services.core.ports.entries import Entry, Facets, Hits, Query, Viewer


class Rebuild(Protocol):
    """A fresh index being filled beside the living one."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Take entries into the fresh index only; an older version never replaces a newer one."""

    def switch(self) -> None:
        """Searches see the fresh index from now on; the old one goes."""

    def abandon(self) -> None:
        """Throw the fresh index away."""


class SearchIndex(Protocol):
    """The derived index. An entry is replaced only by one of a higher version, also inside an uncommitted batch."""

    @property
    def fresh(self) -> bool:
        """Whether it began empty (new, deleted, of another format, or broken) and waits to be filled by a rebuild."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Take entries; while a rebuild runs they go into both indexes."""

    def commit(self) -> None:
        """What was written is durable and found by searches that start after this."""

    def search(self, query: Query, viewer: Viewer) -> Hits:
        """The viewer's rights are part of the query: counts, snippets and hits know nothing else. No tombstones."""

    def facets(self, query: Query, viewer: Viewer) -> Facets:
        """How the hits of a query spread over each `FacetName`: only what the viewer may see.

        Of the offices only the viewer's own, of channels and years those of their own arrivals. Order,
        page and cursor of the query do not matter.
        """

    def version_of(self, document: str) -> int | None:
        """The version of the committed entry, tombstones included; None where there is none."""

    def rebuild(self) -> Rebuild:
        """Begin a fresh index; live writes go into both until it switches or is abandoned."""

    def ready(self) -> bool:
        """Whether it would answer now."""

    def close(self) -> None:
        """Let go of everything."""
