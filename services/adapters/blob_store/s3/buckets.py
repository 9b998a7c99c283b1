"""The three buckets: made with their lock where they are missing, or looked at by a process that may make none."""

from collections.abc import Iterator
from contextlib import contextmanager

from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig

from services.adapters.blob_store.s3.answers import NOT_KNOWN, failures
from services.core.errors import Misconfigured, NotPermitted, TryLater
from services.core.keys import Bucket

_NO_LOCK = {"ObjectLockConfigurationNotFoundError", "InvalidBucketState"}


class Buckets:
    """The buckets of one installation, by their names."""

    def __init__(self, client: Minio, names: dict[Bucket, str], *, retention_days: int) -> None:
        self._client = client
        self._names = names
        self._lock = ObjectLockConfig(COMPLIANCE, retention_days, DAYS)

    def make(self) -> None:
        """Make what is missing; a retention that differs from ours is set anew. Safe side by side."""
        with failures():
            for bucket in Bucket:
                self._make(bucket)
            if self._kept() != self._lock:
                self._client.set_object_lock_config(self._names[Bucket.ORIGINALS], self._lock)

    def check(self) -> None:
        """Misconfigured where one is missing, or originals are not kept as long as they must be."""
        with failures():
            for name in self._names.values():
                if not self._client.bucket_exists(name):
                    raise Misconfigured(
                        f"setting s3.endpoint: there is no bucket {name}; `poststelle rights apply` makes it"
                    )
            kept = self._kept()
        if kept != self._lock:
            raise Misconfigured(
                f"setting s3.retention_days: {self._names[Bucket.ORIGINALS]} keeps originals otherwise;"
                " `poststelle rights apply` sets it"
            )

    def _make(self, bucket: Bucket) -> None:
        name = self._names[bucket]
        if self._client.bucket_exists(name):
            return
        try:
            self._client.make_bucket(name, object_lock=bucket is Bucket.ORIGINALS)
        except S3Error as failure:
            if failure.code != "BucketAlreadyOwnedByYou":
                raise

    def _kept(self) -> ObjectLockConfig:
        try:
            return self._client.get_object_lock_config(self._names[Bucket.ORIGINALS])
        except S3Error as failure:
            if failure.code in _NO_LOCK:
                raise Misconfigured("The bucket for originals was made without object lock.") from failure
            raise


@contextmanager
def starting() -> Iterator[None]:
    """Before a start a refusal is the operator's problem; a store that is away stays TryLater."""
    try:
        yield
    except TryLater as failure:
        cause = failure.__cause__
        refused = isinstance(failure, NotPermitted) or (isinstance(cause, S3Error) and cause.code in NOT_KNOWN)
        if refused:
            raise Misconfigured(_REFUSED) from failure
        raise


# To a HEAD a store answers no more than 403, whether the secret is wrong or a right is missing.
_REFUSED = "settings s3.access_key_file and s3.secret_key_file: the blob store refuses our access key, or what we need"
