"""The index of a city under the contract suite: one node for the whole run, a prefix for each test."""

import atexit
import functools
import hashlib
from pathlib import Path

from deploy.servers import OpenSearch
from services.adapters.search_index.opensearch import OpenSearchAccess, OpenSearchIndex

NOTE = "opensearch-endpoint"


@functools.cache
def node() -> OpenSearch:
    """Started when the first test needs it; it ends with the run."""
    started = OpenSearch.start()
    atexit.register(started.stop)
    return started


def made_ready(folder: Path) -> None:
    """The node runs, knows nothing of the tests before, and a note in the test's folder says where it is."""
    node().ask("DELETE", "/t*-documents-v*", patience_s=30)
    (folder / NOTE).write_text(node().endpoint, encoding="ascii")


def opened(folder: Path) -> OpenSearchIndex:
    """The index of a test, known by its folder, for whichever process opens it."""
    prefix = f"t{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}-"
    access = OpenSearchAccess(endpoints=((folder / NOTE).read_text(encoding="ascii"),))
    index = OpenSearchIndex(access, prefix=prefix)
    index.prepare()
    return index
