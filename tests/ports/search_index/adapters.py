"""Every adapter of the SearchIndex port that the suite runs over: one line each."""

from collections.abc import Callable
from pathlib import Path

from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index import opensearch_nodes

ADAPTERS: dict[str, Callable[[Path], SearchIndex]] = {
    "tantivy": lambda folder: TantivySearchIndex(folder / "index", heap_bytes=20_000_000),
    "opensearch": opensearch_nodes.opened,
}
ON_SERVERS: dict[str, Callable[[Path], None]] = {"opensearch": opensearch_nodes.made_ready}
"""Those that carry the mark `stack`, and what makes their server ready for a test."""
