"""Who may do what in the store: every service what its part of the pipeline takes; one alone deletes originals."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from services.core.keys import Bucket
from services.core.messages import topics

EVERY_SERVICE = "poststelle"
"""The user of a process that runs all services: what each of them may do."""
RETENTION = "retention"
"""Who erases, and lifts holds: no process of the pipeline has this key."""

Deed = Literal["read", "create", "remove", "hold", "destroy"]
"""`read` includes lists; `hold` puts under legal hold; `destroy` lifts it and removes single versions for good."""
ANY = "*"


class BucketRight(NamedTuple):
    """A deed on all keys of a bucket that look like this; `*` stands for anything, also for slashes."""

    deed: Deed
    bucket: Bucket
    keys: str = ANY


def cover(rights: Iterable[BucketRight], deed: Deed, bucket: Bucket, key: str) -> bool:
    """Whether one of these rights is to do this with this key."""
    there = (right.keys for right in rights if (right.deed, right.bucket) == (deed, bucket))
    return any(fnmatchcase(key, keys) for keys in there)


def users() -> tuple[str, ...]:
    """Every service, who erases, and the one that runs all services."""
    return (*sorted(_OWN), EVERY_SERVICE)


def rights_of(user: str, *, legal_hold: bool = False) -> frozenset[BucketRight]:
    """What a service may do, by its name; ValueError for one that has no part.

    `legal_hold` is whether intakes put originals under hold.
    """
    if user == EVERY_SERVICE:
        return rights_of_all((service for service in _OWN if service != RETENTION), legal_hold=legal_hold)
    if user not in _OWN:
        msg = "no service of this name"
        raise ValueError(msg)
    own = _OWN[user]
    hold = (
        {BucketRight("hold", Bucket.ORIGINALS)} if legal_hold and BucketRight("create", Bucket.ORIGINALS) in own else ()
    )
    desk = () if user == "search" else _DESK
    return frozenset({*_READING, *own, *hold, *_worker(user), *_heart(user), *desk})


def rights_of_all(services: Iterable[str], *, legal_hold: bool = False) -> frozenset[BucketRight]:
    """What a process may do that runs these."""
    return frozenset[BucketRight]().union(*(rights_of(service, legal_hold=legal_hold) for service in services))


def _of(bucket: Bucket, *patterns: str, deeds: tuple[Deed, ...] = ("create",)) -> frozenset[BucketRight]:
    return frozenset(BucketRight(deed, bucket, keys) for deed in deeds for keys in patterns)


_READING = frozenset(BucketRight("read", bucket) for bucket in Bucket)
_BOTH: tuple[Deed, ...] = ("create", "remove")
_DESK = (
    _of(Bucket.RECORDS, "*/configuration/*")
    | _of(Bucket.RECORDS, "*/passed/*")
    | _of(Bucket.RECORDS, "*/probes/*", "*/sessions/*", deeds=_BOTH)
    | _of(Bucket.DERIVED, "_probe/*")
)
"""Accounts and plans are changed, people sign out, the store is tried out, and deliveries are marked to be passed over,
in any process but that of the search: it reads, keeps what people look for, and tells of damaged originals and of looks
at protected documents."""
_ARRIVING = (
    _of(Bucket.ORIGINALS, ANY)
    # Beside a tombstone an intake takes back what it wrote; the original it leaves to whoever erases.
    | _of(Bucket.RECORDS, "*/documents/*/receipts/*", "*/documents/*/stored/*", "*/arrivals/*", deeds=_BOTH)
)
_INTAKE = _ARRIVING | _of(Bucket.RECORDS, "*/claims/*")
_CUSTODY = _of(Bucket.RECORDS, "*/documents/*/check/*", deeds=_BOTH)
"""Whoever reads an original says so where it is damaged."""
_VIEWINGS = _of(Bucket.RECORDS, "*/audit/*") | _of(Bucket.RECORDS, "*/audit/heads/*", deeds=("remove",))
"""Whoever shows documents puts down who looked at protected ones; an entry, none of them can take away again."""
_UNSEALING = _of(Bucket.RECORDS, "*/documents/*/rescan/*", "*/documents/*/unsealing/*", deeds=_BOTH)
"""Whoever has sealed documents looked at again: an administrator at `extraction`, the ledger's round by itself."""
_OWN: dict[str, frozenset[BucketRight]] = {
    "mail_intake": _INTAKE | _of(Bucket.RECORDS, "*/uncaptured/*"),
    "scan_intake": _INTAKE,
    "procedures": _INTAKE
    | _of(Bucket.RECORDS, "*/procedures/*", "*/documents/*/reference/*", deeds=_BOTH)
    | _of(Bucket.RECORDS, "*/references/*"),
    # It separates batches: their documents are stored like arrivals.
    "extraction": _CUSTODY
    | _VIEWINGS
    | _ARRIVING
    # The first document of an invoice is remembered; what an erased one held is free again.
    | _of(Bucket.RECORDS, "*/documents/*/extraction/*", "*/invoices/*", deeds=_BOTH)
    | _UNSEALING
    | _of(Bucket.DERIVED, ANY, deeds=_BOTH),
    "ocr": _CUSTODY | _VIEWINGS | _of(Bucket.DERIVED, ANY, deeds=_BOTH),
    "classification": _of(Bucket.RECORDS, "*/documents/*/classification/*", deeds=_BOTH)
    | _of(Bucket.RECORDS, "*/lessons/*", "*/models/*", "*/reclassifications/*")
    | _of(Bucket.DERIVED, "*/lessons/*", deeds=_BOTH),
    "filing": _of(
        Bucket.RECORDS,
        "*/documents/*/filing/*",
        "*/documents/*/decision/*",
        "*/documents/*/title/*",
        "*/titled/*",
        "*/documents/*/handling/*",
        "*/handled/*",
        "*/presence/*",
        "*/decided/*",
        "*/postponed/*",
        "*/drafts/*",
        deeds=_BOTH,
    )
    | _of(Bucket.RECORDS, "*/files/*", "*/threads/*")
    | _VIEWINGS,
    "indexing": frozenset(),
    # What people keep looking for is theirs to change and to forget.
    "search": _CUSTODY | _VIEWINGS | _of(Bucket.RECORDS, "*/searches/*", deeds=_BOTH),
    # It clears away what is left of processes that died, and its scrub clears up beside tombstones.
    "ledger": _CUSTODY
    | _UNSEALING
    | _of(Bucket.RECORDS, "*/reconciliations/*", "*/balances/*")
    | _of(Bucket.RECORDS, "*/documents/*/stored/*", "*/heartbeats/*", deeds=("remove",)),
    RETENTION: frozenset(BucketRight(deed, bucket) for bucket in Bucket for deed in ("create", "remove", "destroy")),
}


def _heart(user: str) -> frozenset[BucketRight]:
    """What every process tells of itself, in the name of its first service; nobody can tell anything of another."""
    return frozenset() if user == RETENTION else _of(Bucket.RECORDS, f"*/heartbeats/{user}/*", deeds=_BOTH)


def _worker(user: str) -> frozenset[BucketRight]:
    """Marks of attempts, and what was given up: of everyone who works off topics."""
    if user not in topics.READ_BY:
        return frozenset()
    attempts = _of(Bucket.RECORDS, f"*/attempts/{user}/*", deeds=_BOTH)
    return attempts | _of(Bucket.RECORDS, f"*/dead/{user}/*")
