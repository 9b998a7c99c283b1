"""The search index of the embedded stack: tantivy, in one folder of one process."""

from services.adapters.search_index.tantivy.index import TantivySearchIndex

__all__ = ["TantivySearchIndex"]
