"""Bulk indexing into a real OpenSearch node beside the least that a client can do: orjson and one HTTP connection."""

import atexit
import http.client
from collections.abc import Sequence
from typing import Any

import msgspec
import orjson

from deploy.servers import OpenSearch
from deploy.servers.fetching import FetchFailed
from deploy.servers.opensearch.class_path import start_cache
from services.adapters.search_index.opensearch import OpenSearchAccess, OpenSearchIndex
from tests.benchmarks.index import index_entries
from tests.benchmarks.measuring import Cost, Costing, Job

GROUP = 1_000
_ADDRESS = "opensearch"
_PREFIX = "bench-"
_ALIAS = f"{_PREFIX}documents-v1"


def missing() -> str:
    """Why it cannot be measured here."""
    try:
        return "" if start_cache().exists() else "OpenSearch is not fetched: python -m deploy.servers fetch opensearch"
    except FetchFailed as reason:
        return str(reason)


def start_node(job: Job) -> None:
    """One node for all runs of both sides; it ends with the measuring process."""
    node = OpenSearch.start()
    atexit.register(node.stop)
    (job.inputs / _ADDRESS).write_text(node.address(), encoding="ascii")


def ours(job: Job) -> Cost:
    """Entries as the indexing service writes and commits them; CPU is the client's."""
    entries = index_entries(job)
    index = fresh_index(job)
    costing = Costing(job)
    for start in range(0, len(entries), GROUP):
        index.write(entries[start : start + GROUP])
        index.commit()
    cost = costing.over(_count(job))
    index.close()
    return cost


def bare(job: Job) -> Cost:
    """The same documents into the same index, as dictionaries that are ready before the clock starts."""
    documents = [(entry.document, msgspec.structs.asdict(entry)) for entry in index_entries(job)]
    fresh_index(job).close()
    connection = http.client.HTTPConnection(address(job))
    costing = Costing(job)
    for start in range(0, len(documents), GROUP):
        post(connection, documents[start : start + GROUP])
    cost = costing.over(_count(job))
    connection.close()
    return cost


def post(connection: http.client.HTTPConnection, documents: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """One bulk, searchable when it returns."""
    lines: list[bytes] = []
    for document, source in documents:
        action = {"_id": document, "version": source["version"], "version_type": "external_gte"}
        lines += [orjson.dumps({"index": action}), orjson.dumps(source)]
    told = orjson.loads(_ask(connection, f"/{_ALIAS}/_bulk", b"\n".join(lines) + b"\n"))
    if told["errors"]:
        raise RuntimeError("the node did not take all documents")
    _ask(connection, f"/{_ALIAS}/_refresh", b"")


def _ask(connection: http.client.HTTPConnection, path: str, body: bytes) -> bytes:
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    return connection.getresponse().read()


def fresh_index(job: Job) -> OpenSearchIndex:
    """An empty index, in place of that of the run before."""
    connection = http.client.HTTPConnection(address(job))
    connection.request("DELETE", f"/{_ALIAS}-*")
    connection.getresponse().read()
    connection.close()
    index = OpenSearchIndex(OpenSearchAccess(endpoints=(f"http://{address(job)}",)), prefix=_PREFIX)
    index.prepare()
    return index


def _count(job: Job) -> int:
    connection = http.client.HTTPConnection(address(job))
    connection.request("GET", f"/{_ALIAS}/_count")
    counted: int = orjson.loads(connection.getresponse().read())["count"]
    connection.close()
    return counted


def address(job: Job) -> str:
    """Of the node, as host and port."""
    return (job.inputs / _ADDRESS).read_text(encoding="ascii")
