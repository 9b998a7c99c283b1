"""The stacks that journeys are made on: one folder, or a city's servers started for us."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from deploy.servers import S3, Kafka, OpenSearch
from services.adapters.blob_store.files import FileBlobStore
from services.adapters.blob_store.s3 import S3Access, S3BlobStore
from services.core.keys import Bucket
from services.core.messages.envelope import Message
from services.core.model import record_files
from services.core.model.record_files import DeadLetter
from services.core.ports.blob_store import BlobStore
from tests.journeys.agreement import Books, on_topics
from tests.journeys.instance import Instance, Tables


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A mail room with whatever servers it stands on."""

    process: Instance
    servers: tuple[Kafka | S3 | OpenSearch, ...] = ()
    blobs: BlobStore
    """The store of the mail room, past the mail room."""
    delete_index: Callable[[], object]
    """Takes the search index away, while the mail room does not run."""
    told: Callable[..., list[Message]] | None = None
    """Everything on its topics, and in the inboxes of the procedures named, where one can look past the mail room."""

    @property
    def books(self) -> Books:
        """Everything in it that has to agree."""
        return Books(process=self.process, blobs=self.blobs, told=self.told)

    def dead_letters(self) -> list[str]:
        """Everything that a service gave up, and why."""
        keys = self.blobs.keys(Bucket.RECORDS, "main/dead/")
        letters = [record_files.decode(DeadLetter, self.blobs.read(Bucket.RECORDS, key)) for key in keys]
        return [f"{letter.service}: {letter.error_code} {letter.topic} {letter.event_id}" for letter in letters]

    def receipts(self) -> list[str]:
        """Every receipt in the store."""
        documents = self.blobs.keys(Bucket.RECORDS, "main/documents/")
        return [key.rpartition("/")[2].removesuffix(".json") for key in documents if "/receipts/" in key]


@contextmanager
def embedded(folder: Path, settings: Tables | None = None) -> Iterator[Stack]:
    """One process, one folder; not started yet."""
    process = Instance(folder, settings)
    blobs = FileBlobStore(process.data / "blobs", reserve_bytes=0)
    try:
        yield Stack(process=process, blobs=blobs, delete_index=lambda: shutil.rmtree(process.data / "index"))
    finally:
        process.stop()


@contextmanager
def kafka(folder: Path, settings: Tables | None = None, own_store: S3 | None = None) -> Iterator[Stack]:
    """The same over a broker, an S3 store and an OpenSearch node of their own; the mail room is not started yet."""
    prefix = f"j{secrets.token_hex(4)}-"
    begun = nullcontext(own_store) if own_store else S3.start()
    with Kafka.start() as broker, begun as store, OpenSearch.start() as node:
        secret_files = {"access_key_file": store.access_key, "secret_key_file": store.secret_key}
        folder.mkdir(parents=True, exist_ok=True)
        for name, secret in secret_files.items():
            (folder / name).write_text(secret, encoding="ascii")
        own: Tables = {
            "stack": "kafka",
            "prefix": prefix,
            "kafka": {"bootstrap": broker.bootstrap},
            "opensearch": {"endpoints": [node.endpoint]},
            # The ledger lags behind by seconds here, and what it lacks would be told twice.
            "ledger": {"sweep_every": "PT5S", "grace": "PT20S"},
            "s3": {"endpoint": store.endpoint, "secure": False, **{name: str(folder / name) for name in secret_files}},
        }
        access = S3Access(
            endpoint=store.endpoint, access_key=store.access_key, secret_key=store.secret_key, secure=False
        )
        process = Instance(folder, {**own, **(settings or {})})
        process.command("topics", "apply")
        try:
            yield Stack(
                process=process,
                servers=(broker, store, node),
                blobs=S3BlobStore(access, prefix=prefix),
                delete_index=lambda: node.ask("DELETE", f"/{prefix}documents-*", patience_s=30),
                told=lambda *procedures: on_topics(broker.bootstrap, prefix, procedures),
            )
        finally:
            process.stop()


STACKS = {"embedded": embedded, "kafka": kafka}
