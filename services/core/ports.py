"""What the rooms need from the world, cut to our need; adapters promise what is written here.

Every port raises `TryLater` while its server is away or overtaxed, and nothing of the vendor's.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from msgspec import Struct

from services.core.entries import Entry, Hits, Query, Viewer
from services.core.envelope import Event, Message
from services.core.keys import Bucket
from services.core.ledger import LedgerStore


class Delivery(Struct, frozen=True, eq=False):
    """A message leased to one reader, until it is settled or put back."""

    message: Message
    token: object
    """The adapter's own mark of the place; opaque to everybody else."""


class Reader(Protocol):
    """One member of a group; belongs to one thread.

    Within a key, messages come one after another: none is leased while an earlier one of its key is in flight
    elsewhere or put back; other keys go on.
    """

    def read(self, limit: int, timeout: timedelta) -> list[Delivery]:
        """Up to `limit` messages; returns early with what there is, empty after the timeout.

        One batch may hold several messages of a key, in order.
        """

    def settle(self, deliveries: Sequence[Delivery], publish: Sequence[Event] = ()) -> None:
        """Publish, wait until that is durable, then mark the deliveries done, in any order.

        A crash between repeats the deliveries; the events then come again under the same ids.
        """

    def put_back(self, delivery: Delivery, pause: timedelta) -> None:
        """Deliver this one again after the pause, to whoever then leads its key; later ones of its key wait."""

    def close(self) -> None:
        """Leave the group; leased deliveries go to others at once."""


class Follower(Protocol):
    """One process's view of a compacted topic: first all that is there, then what comes."""

    def read(self, timeout: timedelta) -> list[Message]:
        """The next messages, in order, empty after the timeout."""

    def close(self) -> None:
        """Stop following."""


class EventLog(Protocol):
    """Transport between the services; never the truth."""

    def publish(self, *events: Event) -> None:
        """Durable when it returns, all of them."""

    def reader(self, group: str, topics: Sequence[str]) -> Reader:
        """Join a group. What a group settled stays settled over restarts; a new group starts at the oldest message."""

    def follow(self, topics: Sequence[str]) -> Follower:
        """Read a compacted topic without a group."""

    def backlog(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        """How many messages of each topic the group has not settled, asked from outside of it; all for a new group."""

    def ensure_topics(self, names: Sequence[str]) -> None:
        """Make those that are missing; those that are there stay as they are."""

    def ready(self) -> bool:
        """Whether publishing would work now."""

    def close(self) -> None:
        """Let go of everything."""


class BlobStore(Protocol):
    """The truth: bytes under keys, created once and never overwritten. Keys sort by their UTF-8 bytes."""

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """Store under a new key; durable and whole when it returns True. False: somebody was first, nothing changed.

        What lies in `derived` can be made again: a power cut may take it away, but only whole. A stream is read from
        its current position to its end. StoreFull when the reserve would be touched.
        """

    def read(self, bucket: Bucket, key: str) -> bytes:
        """All bytes; BlobMissing where there is none."""

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        """A stream from the offset; BlobMissing where there is none."""

    def size(self, bucket: Bucket, key: str) -> int | None:
        """Bytes of the blob, or None where there is none."""

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        """All keys below a prefix (which ends in `/`), sorted, beginning behind the key `after`."""

    def delete(self, bucket: Bucket, key: str) -> None:
        """Remove; a missing blob is fine. The key may be created again afterwards."""

    def ready(self) -> bool:
        """Whether a write would work now."""


class ReadPart(Struct, frozen=True, kw_only=True):
    """What the extractor read of one container or of one thing inside it."""

    path: tuple[int, ...] = ()
    """Place inside the container, counted from 1, in the order of the original; () is the container itself."""
    name: str = ""
    media_type: str = "application/octet-stream"
    text: str = ""
    properties: dict[str, str] = {}
    """Chosen metadata under our own names: title, author, created, modified, language, page_count …"""
    page_characters: tuple[int, ...] = ()
    """Characters of the text layer, page by page, where the format has pages."""
    problem: str | None = None
    """A code of `catalogue.PROBLEMS`."""


class TextExtractor(Protocol):
    """Reads text and metadata out of files of any kind, in a process that may die of them."""

    version: str
    """Name, version and options hash, as one word; part of cache keys."""

    def extract(self, content: BinaryIO, *, media_type: str = "", name: str = "") -> list[ReadPart]:
        """The parts, container first, in the order of the original, within the limits of the settings.

        A document that cannot be read comes back as a part with a `problem`; it is never an exception.
        """

    def ready(self) -> bool:
        """Whether it would answer now."""

    def close(self) -> None:
        """Stop what was started."""


class OcrPage(Struct, frozen=True, kw_only=True):
    """One page as read: text in reading order and mean confidence from 0 to 1; `problem` where it could not be."""

    number: int
    text: str = ""
    confidence: float = 0.0
    problem: str | None = None


class OcrResult(Struct, frozen=True, kw_only=True):
    """The pages asked for, as far as they exist, and how many the content has."""

    page_count: int
    pages: tuple[OcrPage, ...] = ()
    problem: str | None = None


class PagePicture(Struct, frozen=True, kw_only=True):
    """One page for people to look at, as a PNG; empty where there is no such page, or a `problem`."""

    page_count: int = 0
    png: bytes = b""
    problem: str | None = None


class OcrEngine(Protocol):
    """Reads pages of images and PDFs in killable workers, and shows them."""

    version: str
    """Name, version, language and options hash, as one word; part of cache keys."""

    def read_pages(self, content: BinaryIO, *, media_type: str, first: int, last: int) -> OcrResult:
        """Pages first to last, counted from 1. What the document does to it comes back as a `problem`."""

    def show_page(self, content: BinaryIO, *, media_type: str, number: int) -> PagePicture:
        """One page, counted from 1, upright and of a size for the screen; never waits for pages that are read."""

    def ready(self) -> bool:
        """Whether it would read now (engine and language data are here); showing needs no language data."""

    def close(self) -> None:
        """Stop the workers."""


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

    def version_of(self, document: str) -> int | None:
        """The version of the committed entry, tombstones included; None where there is none."""

    def rebuild(self) -> Rebuild:
        """Begin a fresh index; live writes go into both until it switches or is abandoned."""

    def ready(self) -> bool:
        """Whether it would answer now."""

    def close(self) -> None:
        """Let go of everything."""


class Clock(Protocol):
    """Time, so that tests and the simulation own it."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Everything outside, as one bundle."""

    log: EventLog
    blobs: BlobStore
    extractor: TextExtractor
    ocr: OcrEngine
    index: SearchIndex
    ledger: LedgerStore
    clock: Clock
