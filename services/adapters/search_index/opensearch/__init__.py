"""The search index of a city: OpenSearch, shared by all processes."""

from services.adapters.search_index.opensearch.client import OpenSearchAccess
from services.adapters.search_index.opensearch.index import OpenSearchIndex
from services.adapters.search_index.opensearch.schema import IndexShape

__all__ = ["IndexShape", "OpenSearchAccess", "OpenSearchIndex"]
