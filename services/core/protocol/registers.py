"""What there is of registers at a position of the plan, asked of the store."""

from services.core import keys
from services.core.keys import Bucket
from services.core.ports.blob_store import BlobStore


def has_files(blobs: BlobStore, tenant: str, position: str) -> bool:
    """Whether a file was ever opened at the position: one question, however many there are."""
    below = f"{keys.files(tenant)}{position}/"
    return next(iter(blobs.keys(Bucket.RECORDS, below)), None) is not None
