"""What a store's administrator does for us: keys, each with its policy. MinIO's own interface; others take the JSON."""

import json
from collections.abc import Iterable

from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, MinioException
from urllib3.exceptions import HTTPError

from services.adapters.blob_store.s3.policies import policy
from services.adapters.blob_store.s3.store import S3Access, S3BlobStore
from services.core.errors import Misconfigured, NotPermitted, TryLater
from services.core.ports.store_rights import BucketRight

_REFUSED = "400"


class Keyring:
    """Buckets and users of one installation; a user's name is its access key and its policy's name."""

    def __init__(self, access: S3Access, *, prefix: str = "", retention_days: int = 1) -> None:
        """`access` is an administrator's; `prefix` goes before buckets and users."""
        self._store = S3BlobStore(access, prefix=prefix, retention_days=retention_days)
        self._prefix = prefix
        self._admin = MinioAdmin(
            endpoint=access.endpoint,
            credentials=StaticProvider(access.access_key, access.secret_key),
            region=access.region,
            secure=access.secure,
        )

    def make_buckets(self) -> None:
        """Those that are missing, with their lock; Misconfigured where the store is none that can be trusted."""
        self._store.prepare()

    def access_key(self, user: str) -> str:
        """What the user calls itself to the store."""
        return self._prefix + user

    def apply(self, user: str, secret: str, rights: Iterable[BucketRight]) -> None:
        """Make the user, or give it this secret and these rights and no others. Safe to repeat."""
        name = self.access_key(user)
        with _Asking():
            self._admin.policy_add(name, policy=policy(rights, prefix=self._prefix))
            self._admin.user_add(name, secret)
            self._admin.policy_set(name, user=name)

    def differs(self, user: str, rights: Iterable[BucketRight]) -> bool:
        """Whether the user is missing, or has other rights than these."""
        name = self.access_key(user)
        try:
            with _Asking():
                told = json.loads(self._admin.user_info(name))
                found = json.loads(self._admin.policy_info(name))
        except KeyError:
            return True
        return told.get("policyName") != name or _plain(found) != _plain(policy(rights, prefix=self._prefix))


class _Asking:
    """The vendor's failures, in our words; KeyError for what is not there."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MinioAdminException):
            raise _meaning(error._code) from error  # noqa: SLF001  the library tells it nowhere else
        if isinstance(error, MinioException | HTTPError | OSError):
            raise TryLater from error


def _meaning(status: str) -> Exception:
    if status == _REFUSED:
        return Misconfigured(
            "--secrets: the blob store takes no such secret; its own rule is mostly 8 to 40 characters"
        )
    return {"403": NotPermitted(), "404": KeyError()}.get(status, TryLater())


def _plain(policy: dict[str, object]) -> str:
    """The same text for the same policy, whatever order the store keeps lists in."""
    statements = policy.get("Statement")
    lines = [json.dumps(_sorted(one), sort_keys=True) for one in statements] if isinstance(statements, list) else []
    return json.dumps(sorted(lines))


def _sorted(statement: dict[str, object]) -> dict[str, object]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in statement.items()}
