"""What a process knew of decisions at one moment, in one blob: the next one begins with it, whatever a city decided.

It can be made again from the records, so whatever is doubtful about it (another version, another template of file
numbers, a store that was put back to an earlier day, broken bytes) means that it is not there.
"""

import hashlib
from datetime import datetime

import msgspec
from msgspec import Struct

from services.classification.remembered.lessons import Remembered
from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.runtime.context.service import Context

_FORMAT = b"poststelle-lessons-1\n"
_DIGEST = 32
LARGEST = 512 * 1024 * 1024
"""Bytes that are read. Five thousand letters of everyday length have a twentieth."""


class Kept(Struct, frozen=True, array_like=True):
    """The lessons, and what they were made by."""

    made_by: str
    """Names what decides how a record is understood."""
    looked_at: datetime
    """When pointers were looked for last; those of before are in it, but for the overlap that is looked at again."""
    newest: str
    """The newest pointer that was looked at, empty where there was none."""
    weighed_by: str
    """Names the words of the plan by which the heaviest words were chosen."""
    remembered: Remembered


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Kept)


def newest(context: Context, *, made_by: str, not_before: datetime, not_after: datetime) -> Kept | None:
    """The newest that can be read and was made so, between these moments; None where there is none."""
    for key in reversed(_kept(context)):
        found = _read(context, key)
        if found is None or found.made_by != made_by or not not_before <= found.looked_at <= not_after:
            continue
        if _has_its_pointer(found, context):
            return found
    return None


def store(kept: Kept, context: Context) -> str:
    """Keep it in the place of all that was kept before; returns its key."""
    body = _ENCODER.encode(kept)
    digest = hashlib.sha256(body)
    tenant, blobs = context.settings.tenant, context.ports.blobs
    key = keys.remembered_until(tenant, kept.looked_at, digest.hexdigest())
    blobs.create(Bucket.DERIVED, key, _FORMAT + digest.digest() + body)
    for other in _kept(context):
        if other < key:
            blobs.delete(Bucket.DERIVED, other)
    return key


def forget(context: Context) -> None:
    """Let go of everything that is kept: a document was erased, and its words may be in it."""
    for key in _kept(context):
        context.ports.blobs.delete(Bucket.DERIVED, key)


def is_kept_since(context: Context) -> str:
    """The key behind which the pointers lie that came after what is kept; empty where nothing is."""
    kept = _kept(context)
    if not kept:
        return ""
    moment = kept[-1].rpartition("/")[2].rpartition("-")[0]
    day, _, time = moment.partition("T")
    return f"{keys.lessons(context.settings.tenant)}{day}/{time}"


def _kept(context: Context) -> list[str]:
    """The keys, the newest last."""
    return list(context.ports.blobs.keys(Bucket.DERIVED, keys.remembered(context.settings.tenant)))


def _read(context: Context, key: str) -> Kept | None:
    try:
        if (context.ports.blobs.size(Bucket.DERIVED, key) or 0) > LARGEST:
            return None
        content = context.ports.blobs.read(Bucket.DERIVED, key)
        body = memoryview(content)[len(_FORMAT) + _DIGEST :]
        if not content.startswith(_FORMAT + hashlib.sha256(body).digest()):
            return None
        return _DECODER.decode(body)
    except (BlobMissing, msgspec.MsgspecError):
        return None


def _has_its_pointer(kept: Kept, context: Context) -> bool:
    """Whether the pointer is there that it saw last: else the store was put back to an earlier day."""
    return not kept.newest or context.ports.blobs.size(Bucket.RECORDS, kept.newest) is not None
