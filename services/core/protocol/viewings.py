"""The audit log of looks at protected documents: a chain of entries, of which none is changed or removed unnoticed.

Each entry holds the hash of the one before. Entries are created once, under gapless numbers, by any process: whoever
comes second takes the next number. A head beside them, whose name tells number and hash, says which entry was the last,
so that removing the end of the chain shows too.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Literal, NamedTuple

from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.side_files import Viewing
from services.core.ports.blob_store import BlobStore
from services.core.vocabulary import Protection

NOTHING = "0" * 64
_ATTEMPTS = 1_000
"""Entries that others may write while one is being written."""
_DIGITS = 12
_NAMED = 100
"""Entries of one gap that are named."""

Fault = Literal["missing", "changed", "unreadable", "foreign"]


class Place(NamedTuple):
    """A place in the chain: the number of an entry and the hash of its bytes."""

    number: int = 0
    sha256: str = NOTHING


BEGINNING = Place()


class Look(NamedTuple):
    """Who looked when, through which door, at which document of which level."""

    at: datetime
    actor: str
    door: str
    document: str
    protection: Protection
    in_place_of: str = ""
    """Whose rights were used, by a deputy."""


class ChainFault(NamedTuple):
    """An entry that is not what it was, and what is wrong with it."""

    number: int
    fault: Fault


class Verdict(NamedTuple):
    """How far the chain was looked at, and what is wrong with it up to there."""

    place: Place
    faults: tuple[ChainFault, ...]
    whole: bool
    """Whether the end was reached; else go on from `place`."""


def append(blobs: BlobStore, tenant: str, look: Look, after: Place | None = None) -> Place:
    """Store an entry behind `after`, or behind the last one that there is; durable when this returns.

    TryLater where the store is away, so that nobody is shown what was not put down.
    """
    place = after or last(blobs, tenant)
    for _ in range(_ATTEMPTS):
        content = record_files.encode(_entry(look, place))
        made = Place(place.number + 1, hashlib.sha256(content).hexdigest())
        if blobs.create(Bucket.RECORDS, _key(tenant, made.number), content):
            blobs.create(Bucket.RECORDS, _head(tenant, made), b"")
            if place.number:
                blobs.delete(Bucket.RECORDS, _head(tenant, place))
            return made
        place = Place(made.number, _sum_of(blobs, tenant, made.number) or place.sha256)
    raise TryLater("audit_contended")


def last(blobs: BlobStore, tenant: str) -> Place:
    """The end of the chain, as far as its head tells; entries may follow that others are writing."""
    if heads := _heads(blobs, tenant):
        return max(heads)
    number = max((_number_of(key) for key in blobs.keys(Bucket.RECORDS, _folder(tenant, "entries"))), default=0)
    return Place(number, _sum_of(blobs, tenant, number) or NOTHING)


def newest(blobs: BlobStore, tenant: str, before: int = 0) -> Iterator[Viewing]:
    """The entries, newest first, or those with smaller numbers than `before`; what is unreadable is left out."""
    number = before - 1 if before else _end(blobs, tenant)
    while number > 0:
        with suppress(BlobMissing, Rejected):  # `verify` tells of it; the entries around it are still wanted
            yield record_files.decode(Viewing, blobs.read(Bucket.RECORDS, _key(tenant, number)))
        number -= 1


def verify(blobs: BlobStore, tenant: str, after: Place = BEGINNING, limit: int = 10_000) -> Verdict:
    """Look at up to `limit` entries behind a place that was verified: each number is there, and each hash fits."""
    faults: list[ChainFault] = []
    place = after
    begin = _key(tenant, after.number) if after.number else ""
    keys = blobs.keys(Bucket.RECORDS, _folder(tenant, "entries"), begin)
    found = list(islice(keys, limit + 1))
    for key in found[:limit]:
        place = _looked_at(blobs, key, place, faults)
    whole = len(found) <= limit
    if whole:
        faults += _faults_of_end(blobs, tenant, place)
    return Verdict(place, tuple(dict.fromkeys(faults)), whole)


def _looked_at(blobs: BlobStore, key: str, place: Place, faults: list[ChainFault]) -> Place:
    number = _number_of(key)
    if number <= place.number:
        faults.append(ChainFault(place.number, "foreign"))
        return place
    faults += [ChainFault(gone, "missing") for gone in islice(range(place.number + 1, number), _NAMED)]
    try:
        content = blobs.read(Bucket.RECORDS, key)
        entry = record_files.decode(Viewing, content)
    except (BlobMissing, Rejected):
        faults.append(ChainFault(number, "unreadable"))
        return Place(number, NOTHING)
    follows = number == place.number + 1 and (place.sha256 != NOTHING or number == 1)
    if entry.number != number:
        faults.append(ChainFault(number, "changed"))
    elif follows and entry.previous != place.sha256:
        faults.append(ChainFault(place.number or number, "changed"))
    return Place(number, hashlib.sha256(content).hexdigest())


def _faults_of_end(blobs: BlobStore, tenant: str, end: Place) -> Iterator[ChainFault]:
    """The head names an entry that is there, as it was written; a chain that lost its head may have lost its end."""
    heads = _heads(blobs, tenant) or _heads(blobs, tenant)  # one may just be taking the place of another
    if end.number and not heads:
        yield ChainFault(end.number + 1, "missing")
    for head in heads:
        if head.number > end.number:  # removed, or written since we looked
            behind = islice(range(end.number + 1, head.number + 1), _NAMED)
            yield from (ChainFault(one, "missing") for one in behind if not _sum_of(blobs, tenant, one))
        elif (there := _sum_of(blobs, tenant, head.number)) and there != head.sha256:
            yield ChainFault(head.number, "changed")


def _entry(look: Look, after: Place) -> Viewing:
    return Viewing(
        number=after.number + 1,
        at=look.at,
        actor=look.actor,
        document=look.document,
        door=look.door,
        protection=look.protection,
        previous=after.sha256,
        in_place_of=look.in_place_of or None,
    )


def _end(blobs: BlobStore, tenant: str) -> int:
    """The number of the last entry: behind the head there are those few that others are writing."""
    number = last(blobs, tenant).number
    while blobs.size(Bucket.RECORDS, _key(tenant, number + 1)) is not None:
        number += 1
    return number


def _heads(blobs: BlobStore, tenant: str) -> list[Place]:
    return [_place_of(key) for key in blobs.keys(Bucket.RECORDS, _folder(tenant, "heads"))]


def _sum_of(blobs: BlobStore, tenant: str, number: int) -> str:
    try:
        return hashlib.sha256(blobs.read(Bucket.RECORDS, _key(tenant, number))).hexdigest() if number else ""
    except BlobMissing:
        return ""


def _folder(tenant: str, name: str) -> str:
    return f"{tenant}/audit/{name}/"


def _key(tenant: str, number: int) -> str:
    return f"{_folder(tenant, 'entries')}{number:0{_DIGITS}d}.json"


def _head(tenant: str, place: Place) -> str:
    return f"{_folder(tenant, 'heads')}{place.number:0{_DIGITS}d}-{place.sha256}"


def _number_of(key: str) -> int:
    name = key.rpartition("/")[2].removesuffix(".json")
    return int(name) if name.isdecimal() else 0


def _place_of(head: str) -> Place:
    number, _, sha256 = head.rpartition("/")[2].partition("-")
    return Place(int(number) if number.isdecimal() else 0, sha256)
