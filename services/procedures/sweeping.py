"""Uploads that no submission names: content that a procedure brought and never asked for again."""

from collections.abc import Iterator
from datetime import datetime

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.procedures import Submitted, Upload
from services.procedures import inbox
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable


class Sweep:
    """The round; what it saw without a description last time is what no upload under way explains."""

    def __init__(self) -> None:
        self._nameless: set[str] = set()

    def __call__(self, context: Context) -> None:
        """Remove, of every procedure, what lies there for longer than `procedures.keep_uploads` and waits for nothing.

        A submission that has no outcome yet may still need its upload, however old that is.
        """
        nameless: set[str] = set()
        swept = 0
        for name in context.procedures.names:
            overdue = [*_overdue(context, name)]
            waiting = _waiting(context, name) if overdue else frozenset[str]()
            unnamed = {*_described_by_nothing(context, name)}
            forgotten = [one for one in unnamed if f"{name}/{one}" in self._nameless]
            nameless |= {f"{name}/{one}" for one in unnamed}
            for upload in (*(one for one in overdue if one not in waiting), *forgotten):
                _remove(context, name, upload)
                swept += 1
        self._nameless = nameless
        if swept:
            context.log.info("uploads_swept", count=swept)


def _overdue(context: Context, name: str) -> Iterator[str]:
    """Uploads older than they are kept; those of before uploads had a time are."""
    until = context.ports.clock.now() - context.settings.procedures.keep_uploads
    for upload in _names(context, name, "uploads"):
        made_at: datetime | None = until
        with passing_unreadable(context, upload):
            key = inbox.key_of(context, name, "uploads", upload)
            try:
                made_at = procedures.decode(Upload, context.ports.blobs.read(Bucket.RECORDS, key)).made_at
            except BlobMissing:
                continue  # it became a document meanwhile
        if made_at is None or made_at < until:
            yield upload


def _waiting(context: Context, name: str) -> frozenset[str]:
    """Uploads of submissions that have no outcome yet."""
    blobs = context.ports.blobs
    found = set()
    for submission in _names(context, name, "submitted"):
        if blobs.size(Bucket.RECORDS, inbox.key_of(context, name, "outcomes", submission)) is None:
            content = blobs.read(Bucket.RECORDS, inbox.key_of(context, name, "submitted", submission))
            found.add(procedures.decode(Submitted, content).upload)
    return frozenset(found)


def _described_by_nothing(context: Context, name: str) -> Iterator[str]:
    """Content whose upload died before it was described, or is under way."""
    prefix = f"{context.settings.tenant}/procedures/{name}/content/"
    for key in list(context.ports.blobs.keys(Bucket.RECORDS, prefix)):
        upload = key[len(prefix) :]
        if context.ports.blobs.size(Bucket.RECORDS, inbox.key_of(context, name, "uploads", upload)) is None:
            yield upload


def _names(context: Context, name: str, kind: str) -> list[str]:
    prefix = f"{context.settings.tenant}/procedures/{name}/{kind}/"
    return [key[len(prefix) :].removesuffix(".json") for key in list(context.ports.blobs.keys(Bucket.RECORDS, prefix))]


def _remove(context: Context, name: str, upload: str) -> None:
    """The content first: a description without content is found again by the next round."""
    context.ports.blobs.delete(Bucket.RECORDS, keys.uploaded(context.settings.tenant, name, upload))
    context.ports.blobs.delete(Bucket.RECORDS, inbox.key_of(context, name, "uploads", upload))
