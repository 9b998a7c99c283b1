"""Blobs in three S3 buckets: `If-None-Match: *` is the create-if-absent, and the store must be known to honour it."""

import hashlib
import io
import os
import random
import re
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO, cast
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from urllib3.exceptions import HTTPError, ReadTimeoutError

from services.core.errors import BlobMissing, Misconfigured, StoreFull, TryLater
from services.core.keys import Bucket, checked, checked_prefix

PIECE_BYTES = 128 * 1024
SPOOL_BYTES = 1024 * 1024
ATTEMPTS = 4
FIRST_PAUSE = timedelta(milliseconds=100)
SIGNED_FOR = timedelta(minutes=15)
CONNECT_TIMEOUT = timedelta(seconds=3)
READ_TIMEOUT = timedelta(seconds=20)
PROBE = "_probe/conditional-writes"
PULSE = "_probe/ready"
_OK, _REFUSED, _UNKNOWN, _FULL = 200, 412, 501, 507
_AGAIN = {409, 429, 500, 502, 503, 504}
"""409 is the answer to a race that is not decided yet; the others pass."""
_FULL_CODES = {"XMinioStorageFull", "InsufficientStorage", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded"}
_NOT_LET_IN = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CODE = re.compile(rb"<Code>(\w+)</Code>")


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


class S3BlobStore:
    """Blobs in the buckets `<prefix>originals`, `<prefix>records` and `<prefix>derived`; one for all threads.

    A create whose answer is lost and which is then repeated finds its own blob and says False, like a redelivery after
    a crash. `originals` is locked and versioned: there `delete` leaves a marker, by which the blob is missing and its
    key free again, while the bytes stay until retention removes the version after its lock has run out.
    """

    def __init__(self, access: S3Access, *, prefix: str = "", retention_days: int = 1) -> None:
        """Connects only when used; `prepare` goes first. Misconfigured for a prefix that no bucket may have."""
        if prefix and not _PREFIX.fullmatch(prefix):
            raise Misconfigured("The bucket prefix has small letters, digits and hyphens only, 40 at most.")
        self._names = {bucket: prefix + bucket.value for bucket in Bucket}
        self._lock = ObjectLockConfig(COMPLIANCE, retention_days, DAYS)
        self._pool = urllib3.PoolManager(
            maxsize=access.connections,
            blocksize=PIECE_BYTES,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT.total_seconds(), read=READ_TIMEOUT.total_seconds()),
            retries=urllib3.Retry(
                total=ATTEMPTS - 1,
                read=1,
                redirect=0,
                status_forcelist=_AGAIN,
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

    def prepare(self) -> None:
        """Make what is missing and prove that a key cannot be written twice; Misconfigured where that fails.

        Safe to repeat, also by several processes at once. A retention that differs from ours is set anew.
        """
        try:
            with _failures():
                for bucket in Bucket:
                    self._make(bucket)
                self._keep_originals()
            self.create(Bucket.DERIVED, PROBE, b"")
            written_twice = self.create(Bucket.DERIVED, PROBE, b"")
        except TryLater as failure:
            cause = failure.__cause__
            if isinstance(cause, S3Error) and cause.code in _NOT_LET_IN:
                raise Misconfigured("access key refused; settings s3.access_key_file, s3.secret_key_file") from failure
            raise
        if written_twice:
            raise Misconfigured("The blob store ignores If-None-Match: it would overwrite what must stay.")

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """See the port. A stream that cannot seek is spooled first: the store must know size and digest before."""
        name = checked(key)
        with _seekable(content) as stream:
            parcel = _Parcel(stream)
            for attempt in range(ATTEMPTS):
                if attempt:
                    time.sleep(FIRST_PAUSE.total_seconds() * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311
                created = self._put(bucket, name, parcel)
                if created is not None:
                    return created
        raise TryLater

    def read(self, bucket: Bucket, key: str) -> bytes:
        """See the port."""
        with self.open(bucket, key) as stream:
            return stream.read()

    def open(self, bucket: Bucket, key: str, offset: int = 0) -> AbstractContextManager[BinaryIO]:
        """See the port; an offset behind the end gives an empty stream."""
        if offset < 0:
            raise ValueError("an offset counts from the start")
        with _failures(key):
            try:
                response = self._client.get_object(self._names[bucket], checked(key), offset=offset)
            except S3Error as failure:
                if failure.code != "InvalidRange":
                    raise
                return io.BytesIO()
        return io.BufferedReader(_Body(response), PIECE_BYTES)

    def size(self, bucket: Bucket, key: str) -> int | None:
        """See the port."""
        with suppress(BlobMissing), _failures(key):
            return self._client.stat_object(self._names[bucket], checked(key)).size
        return None

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        """See the port. A marker outside the prefix stays here: MinIO answers it with nothing at all."""
        checked_prefix(prefix)
        if after > prefix and not after.startswith(prefix):
            return iter(())
        return self._list(bucket, prefix, after if after.startswith(prefix) else None)

    def delete(self, bucket: Bucket, key: str) -> None:
        """See the port, and the class for what it means in `originals`."""
        with _failures(key):
            self._client.remove_object(self._names[bucket], checked(key))

    def ready(self) -> bool:
        """See the port; a byte is written to find out."""
        try:
            with _failures():
                self._client.put_object(self._names[Bucket.DERIVED], PULSE, io.BytesIO(b"."), 1)
        except TryLater:
            return False
        return True

    def _make(self, bucket: Bucket) -> None:
        name = self._names[bucket]
        if self._client.bucket_exists(name):
            return
        try:
            self._client.make_bucket(name, object_lock=bucket is Bucket.ORIGINALS)
        except S3Error as failure:
            if failure.code != "BucketAlreadyOwnedByYou":
                raise

    def _keep_originals(self) -> None:
        name = self._names[Bucket.ORIGINALS]
        try:
            if self._client.get_object_lock_config(name) != self._lock:
                self._client.set_object_lock_config(name, self._lock)
        except S3Error as failure:
            if failure.code in {"ObjectLockConfigurationNotFoundError", "InvalidBucketState"}:
                raise Misconfigured("The bucket for originals was made without object lock.") from failure
            raise

    def _put(self, bucket: Bucket, key: str, parcel: "_Parcel") -> bool | None:
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
        if answer.status in {_OK, _REFUSED}:
            return answer.status == _OK
        _raise_hopeless(answer.status, answer.data)
        return None

    def _list(self, bucket: Bucket, prefix: str, after: str | None) -> Iterator[str]:
        with _failures():
            found = self._client.list_objects(self._names[bucket], prefix, recursive=True, start_after=after)
            for blob in found:
                yield cast("str", blob.object_name)


class _Parcel:
    """A stream from its position to its end, measured, for sending more than once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = stream.tell()
        digest = hashlib.md5(usedforsecurity=False)  # the checksum S3 compares; a bucket under lock demands it
        while piece := stream.read(PIECE_BYTES):
            digest.update(piece)
        self.digest = b64encode(digest.digest()).decode()
        self.size_bytes = stream.tell() - self._start

    def rewound(self) -> BinaryIO:
        """At the start again."""
        self._stream.seek(self._start)
        return self._stream


class _Body(io.RawIOBase):
    """The body of an answer as a stream whose failures speak our language."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        with _failures():
            piece = self._response.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """A body read to its end has given its connection back; any other is cut."""
        if not self.closed:
            self._response.close()
        super().close()


@contextmanager
def _failures(key: str = "") -> Iterator[None]:
    """The vendor's failures, in our words."""
    try:
        yield
    except S3Error as failure:
        if failure.code == "NoSuchKey":
            raise BlobMissing(key) from None
        if failure.code in _FULL_CODES:
            raise StoreFull from failure
        raise TryLater from failure
    except (MinioException, HTTPError, OSError, ParseError, UnicodeDecodeError) as failure:  # a proxy may say anything
        raise TryLater from failure


def _raise_hopeless(status: int, answer: bytes) -> None:
    """Return only where another attempt may help a refused create."""
    code = _CODE.search(answer)
    if status == _FULL or (code and code[1].decode() in _FULL_CODES):
        raise StoreFull
    if status == _UNKNOWN:
        raise Misconfigured("The blob store does not know If-None-Match.")
    if status not in _AGAIN:
        raise TryLater


@contextmanager
def _seekable(content: bytes | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
    elif content.seekable():
        yield content
    else:
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
            while piece := content.read(PIECE_BYTES):
                spool.write(piece)
            spool.seek(os.SEEK_SET)
            yield cast("BinaryIO", spool)
