"""Blobs in three S3 buckets: `If-None-Match: *` is the create-if-absent, and the store must be known to honour it."""

import io
import math
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

import urllib3
from minio import Minio
from minio.error import S3Error
from urllib3.exceptions import HTTPError, ReadTimeoutError

from services.adapters.blob_store.s3.answers import AGAIN, OK, REFUSED, failures, raise_hopeless
from services.adapters.blob_store.s3.buckets import Buckets, starting
from services.adapters.blob_store.s3.streams import PIECE_BYTES, SPOOL_BYTES, Body, Parcel, seekable
from services.adapters.retrying import pause_s
from services.core.errors import BlobMissing, Misconfigured, NotPermitted, TryLater
from services.core.keys import Bucket, checked, checked_prefix
from services.core.ports.store_rights import BucketRight, cover

ATTEMPTS = 4
FIRST_PAUSE = timedelta(milliseconds=100)
SIGNED_FOR = timedelta(minutes=15)
CONNECT_TIMEOUT = timedelta(seconds=3)
READ_TIMEOUT = timedelta(seconds=20)
PROBE = "_probe/conditional-writes"
PULSE = "_probe/ready"
ABSENT = "_probe/absent"
"""No blob: what asking for its removal is answered tells what our key may."""
_RECORDS_PROBE = "start/probes/absent"
"""Whoever changes anything in records may write this as well; whose rights do not cover it must be refused it."""
_HOLD = b'<LegalHold xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>ON</Status></LegalHold>'
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Access:
    """Where the store is (host and port, as the client takes it) and who we are there."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    secure: bool = True
    region: str = "us-east-1"
    connections: int = 32
    """Kept open; as many as threads use the store at once."""
    spools: Path | None = None
    """Where a large stream that cannot seek is laid down to be sent; the system's temporary folder where none is."""


class S3BlobStore:
    """Blobs in the buckets `<prefix>originals`, `<prefix>records` and `<prefix>derived`; one for all threads.

    A create whose answer is lost and which is then repeated finds its own blob and says False, like a redelivery after
    a crash. `originals` is locked and versioned: there `delete` leaves a marker, by which the blob is missing and its
    key free again, while the bytes stay until retention removes the version after its lock has run out.
    """

    def __init__(
        self, access: S3Access, *, prefix: str = "", retention_days: int = 1, legal_hold: bool = False
    ) -> None:
        """Connects only when used; `prepare` or `check` goes first. Misconfigured for a prefix that no bucket may have.

        `legal_hold` puts each original under hold as it is stored: it stays until somebody lifts the hold.
        """
        if prefix and not _PREFIX.fullmatch(prefix):
            raise Misconfigured("The bucket prefix has small letters, digits and hyphens only, 40 at most.")
        self._names = {bucket: prefix + bucket.value for bucket in Bucket}
        self._held = {Bucket.ORIGINALS} if legal_hold else set()
        self._spools = access.spools
        self._pool = urllib3.PoolManager(
            maxsize=access.connections,
            blocksize=PIECE_BYTES,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT.total_seconds(), read=READ_TIMEOUT.total_seconds()),
            retries=urllib3.Retry(
                total=ATTEMPTS - 1,
                read=1,
                redirect=0,
                status_forcelist=AGAIN,
                raise_on_status=False,
                backoff_factor=FIRST_PAUSE.total_seconds(),
                backoff_jitter=FIRST_PAUSE.total_seconds(),
            ),
        )
        self._client = Minio(
            access.endpoint,
            access.access_key,
            access.secret_key,
            secure=access.secure,
            region=access.region,
            http_client=self._pool,
        )
        self._buckets = Buckets(self._client, self._names, retention_days=retention_days)

    def prepare(self) -> None:
        """Make what is missing and prove that a key cannot be written twice; Misconfigured where that fails.

        Safe to repeat, also by several processes at once. A retention that differs from ours is set anew.
        """
        with starting():
            self._buckets.make()
            self._prove()

    def check(self, rights: Collection[BucketRight]) -> None:
        """Make nothing; Misconfigured where something is missing, or our key may do less than this, or far more."""
        with starting():
            self._buckets.check()
            if BucketRight("create", Bucket.DERIVED, "_probe/*") in rights:
                self._prove()
            if BucketRight("create", Bucket.ORIGINALS) in rights:
                self.create(Bucket.ORIGINALS, PROBE, b"")
        deeds = {(right.deed, right.bucket) for right in rights}
        if ("remove", Bucket.ORIGINALS) not in deeds and self._may(lambda: self.delete(Bucket.ORIGINALS, ABSENT)):
            raise Misconfigured(
                "setting s3.access_key_file: this key may delete originals, which is for `retention` alone"
            )
        probing = cover(rights, "create", Bucket.RECORDS, _RECORDS_PROBE)
        if not probing and self._may(lambda: self.create(Bucket.RECORDS, _RECORDS_PROBE, b"")):
            raise Misconfigured("setting s3.access_key_file: this key may write records, but this process only reads")

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """A stream that cannot seek is spooled first: the store must know size and digest before."""
        name = checked(key)
        with seekable(content, self._spools) as stream:
            created = self._create(bucket, name, Parcel(stream))
        if bucket in self._held:
            self._hold(bucket, name)
        return created

    def read(self, bucket: Bucket, key: str) -> bytes:
        """The whole object in memory; BlobMissing where there is none."""
        with self.open(bucket, key) as stream:
            return stream.read()

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        """Streams the answer; an offset behind the end gives an empty stream, one below zero a ValueError."""
        if offset < 0:
            raise ValueError("an offset counts from the start")
        with failures(key):
            try:
                response = self._client.get_object(self._names[bucket], checked(key), offset=offset)
            except S3Error as failure:
                if failure.code != "InvalidRange":
                    raise
                return io.BytesIO()
        return io.BufferedReader(Body(response), PIECE_BYTES)

    def size(self, bucket: Bucket, key: str) -> int | None:
        """Asks for the head of the object; None where there is none."""
        with suppress(BlobMissing), failures(key):
            return self._client.stat_object(self._names[bucket], checked(key)).size
        return None

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        """A marker outside the prefix stays here: MinIO answers it with nothing at all."""
        checked_prefix(prefix)
        if after > prefix and not after.startswith(prefix):
            return iter(())
        return self._list(bucket, prefix, after if after.startswith(prefix) else None)

    def delete(self, bucket: Bucket, key: str) -> None:
        """Names no version: what that leaves behind in `originals` is told at the class."""
        with failures(key):
            self._client.remove_object(self._names[bucket], checked(key))

    def ready(self) -> bool:
        """A byte is written to find out; a key that may only read counts as ready."""
        try:
            with failures():
                self._client.put_object(self._names[Bucket.DERIVED], PULSE, io.BytesIO(b"."), 1)
        except NotPermitted:  # the store is there, and knows us as one who only reads
            return True
        except TryLater:
            return False
        return True

    def _prove(self) -> None:
        self.create(Bucket.DERIVED, PROBE, b"")
        if self.create(Bucket.DERIVED, PROBE, b""):
            raise Misconfigured("The blob store ignores If-None-Match: it would overwrite what must stay.")

    def _may(self, attempt: Callable[[], object]) -> bool:
        try:
            attempt()
        except NotPermitted:
            return False
        return True

    def _create(self, bucket: Bucket, key: str, parcel: Parcel) -> bool:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(pause_s(attempt, first_s=2 * FIRST_PAUSE.total_seconds(), longest_s=math.inf))
            created = self._put(bucket, key, parcel)
            if created is not None:
                return created
        raise TryLater

    def _put(self, bucket: Bucket, key: str, parcel: "Parcel") -> bool | None:
        """Whether it was created; None where it is worth another attempt."""
        if parcel.size_bytes > SPOOL_BYTES and self.size(bucket, key) is not None:
            return False  # a refusal in the middle of a long body looks like a broken connection
        url = self._client.get_presigned_url("PUT", self._names[bucket], key, SIGNED_FOR)
        headers = {
            "If-None-Match": "*",
            "Content-Length": str(parcel.size_bytes),
            "Content-MD5": parcel.digest,
            "Content-Type": "application/octet-stream",
        }
        try:
            answer = self._pool.urlopen("PUT", url, body=parcel.rewound(), headers=headers, retries=False)
        except ReadTimeoutError as failure:
            raise TryLater from failure  # it hangs, and asking again would hang the caller too
        except HTTPError:
            return None
        if answer.status in {OK, REFUSED}:
            return answer.status == OK
        raise_hopeless(answer.status, answer.data)
        return None

    def _hold(self, bucket: Bucket, key: str) -> None:
        """Put it under legal hold, once more where a try before died in between.

        A call of its own: asked for in the PUT, MinIO leaves out the bucket's own time. The header is what a policy
        looks at that lets intakes set a hold and not lift it.
        """
        words: dict[str, str | list[str] | tuple[str]] = {"legal-hold": ""}
        url = self._client.get_presigned_url("PUT", self._names[bucket], key, SIGNED_FOR, extra_query_params=words)
        digest = Parcel(io.BytesIO(_HOLD)).digest
        headers = {"Content-MD5": digest, "Content-Type": "application/xml", "X-Amz-Object-Lock-Legal-Hold": "ON"}
        with failures():
            answer = self._pool.urlopen("PUT", url, body=_HOLD, headers=headers, redirect=False)
        if answer.status != OK:
            raise_hopeless(answer.status, answer.data)
            raise TryLater

    def _list(self, bucket: Bucket, prefix: str, after: str | None) -> Iterator[str]:
        with failures():
            found = self._client.list_objects(self._names[bucket], prefix, recursive=True, start_after=after)
            for blob in found:
                yield cast("str", blob.object_name)
