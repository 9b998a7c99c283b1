"""Rights in the store as S3 writes them: one policy for each user, JSON that any S3 store takes."""

from collections.abc import Iterable

from services.core.keys import Bucket
from services.core.ports.store_rights import BucketRight, Deed

Statement = dict[str, object]
Policy = dict[str, object]
_ON_BUCKETS = ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketObjectLockConfiguration")
_ON_KEYS: dict[Deed, tuple[str, ...]] = {
    "read": ("s3:GetObject",),
    "create": ("s3:PutObject", "s3:AbortMultipartUpload"),
    "remove": ("s3:DeleteObject",),
    "hold": ("s3:PutObjectLegalHold",),
    "destroy": (
        "s3:DeleteObjectVersion",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
        "s3:PutObjectLegalHold",
    ),
}
"""None holds PutObjectRetention or BypassGovernanceRetention: nobody shortens what the store itself keeps."""


def policy(rights: Iterable[BucketRight], *, prefix: str = "") -> Policy:
    """The policy of these rights for the buckets of this prefix; the same rights give the same JSON."""
    found = sorted(rights)
    statements: list[Statement] = []
    if readable := [right.bucket for right in found if right.deed == "read"]:
        statements.append(_allow(_ON_BUCKETS, [_name(prefix, bucket) for bucket in readable]))
    if destroyed := [right.bucket for right in found if right.deed == "destroy"]:
        statements.append(_allow(("s3:ListBucketVersions",), [_name(prefix, bucket) for bucket in destroyed]))
    for deed, actions in _ON_KEYS.items():
        if places := [f"{_name(prefix, right.bucket)}/{right.keys}" for right in found if right.deed == deed]:
            statements.append(_allow(actions, places, only_setting=deed == "hold"))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: Iterable[str], resources: Iterable[str], *, only_setting: bool = False) -> Statement:
    made: Statement = {"Effect": "Allow", "Action": [*actions], "Resource": [*resources]}
    if only_setting:
        made["Condition"] = {"StringEquals": {"s3:object-lock-legal-hold": ["ON"]}}
    return made


def _name(prefix: str, bucket: Bucket) -> str:
    return f"arn:aws:s3:::{prefix}{bucket}"
