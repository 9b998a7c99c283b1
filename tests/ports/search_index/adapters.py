"""Every adapter of the SearchIndex port that the suite runs over: one line each."""

from collections.abc import Callable
from pathlib import Path

from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.ports import SearchIndex

ADAPTERS: dict[str, Callable[[Path], SearchIndex]] = {
    "tantivy": lambda folder: TantivySearchIndex(folder / "index", heap_bytes=20_000_000),
}
