"""What the services of a city asked of their servers while mails went through: counted by the servers, kept in full."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from deploy.cluster.city import City
from deploy.servers import S3, Kafka, OpenSearch
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.core.keys import Bucket
from services.core.messages.envelope import Message
from tests.journeys.agreement import on_topics

FILE = "calls.msgpack"
_INDEX = "documents-v1"
_REQUESTS = re.compile(r'^minio_api_requests_total\{name="(\w+)".*type="s3"\} (\d+)', re.MULTILINE)
_MOST = 10_000
"""Documents that one search of OpenSearch gives."""


class Counts(Struct, kw_only=True):
    """S3 requests by their names there, and lines of bulks: more than documents, each is written as it moves on."""

    requests: dict[str, int]
    lines: int

    def since(self, before: "Counts") -> "Counts":
        """What was added since then."""
        more = {name: count - before.requests.get(name, 0) for name, count in self.requests.items()}
        more = {name: count for name, count in more.items() if count}
        return Counts(requests=more, lines=self.lines - before.lines)


class Calls(Struct, kw_only=True):
    """Counts, and what was put, published and indexed: blobs by bucket and key, records, entries."""

    counts: Counts
    blobs: dict[str, bytes]
    records: list[Message]
    entries: list[dict[str, Any]]

    def told(self) -> dict[str, float]:
        """For the table."""
        return {**self.counts.requests, "records": len(self.records), "lines": self.counts.lines}


def counts(city: City) -> Counts:
    """What the servers have counted so far."""
    told = _get(f"http://{city.server(S3).endpoint}/minio/metrics/v3/api/requests").text
    shards = _get(f"{city.server(OpenSearch).endpoint}/{_INDEX}/_stats/indexing").json()
    indexing = shards["_all"]["primaries"]["indexing"]
    return Counts(
        requests={name: int(count) for name, count in _REQUESTS.findall(told)},
        lines=indexing["index_total"] + indexing["index_failed"],
    )


def keep(city: City, counted: Counts, folder: Path) -> Calls:
    """With these counts, everything that lies on the servers now."""
    calls = Calls(
        counts=counted,
        blobs=dict(_blobs(city.server(S3))),
        records=on_topics(city.server(Kafka).bootstrap),
        entries=_entries(city.server(OpenSearch)),
    )
    (folder / FILE).write_bytes(msgspec.msgpack.encode(calls))
    return calls


def kept(folder: Path) -> Calls:
    """What the run before has kept."""
    return msgspec.msgpack.decode((folder / FILE).read_bytes(), type=Calls)


def _blobs(server: S3) -> Iterator[tuple[str, bytes]]:
    access = S3Access(
        endpoint=server.endpoint, access_key=server.access_key, secret_key=server.secret_key, secure=False
    )
    store = S3BlobStore(access)
    for bucket in Bucket:
        for key in store.keys(bucket, "main/"):
            yield f"{bucket.value}/{key}", store.read(bucket, key)


def _entries(node: OpenSearch) -> list[dict[str, Any]]:
    """Of documents: a lease of rebuilds lies beside them."""
    found = _get(f"{node.endpoint}/{_INDEX}/_search?size={_MOST}&q=_exists_:document").json()["hits"]["hits"]
    return [hit["_source"] for hit in found]


def _get(address: str) -> httpx.Response:
    return httpx.get(address, timeout=60, trust_env=False).raise_for_status()
