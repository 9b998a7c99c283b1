"""What there is of registers at a position of the plan, and of Vorgänge in a file, asked of the store."""

from services.core import keys
from services.core.gapless import Rows
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import RegisterEntry
from services.core.ports.blob_store import BlobStore


def has_files(blobs: BlobStore, tenant: str, position: str) -> bool:
    """Whether a file was ever opened at the position: one question, however many there are."""
    below = f"{keys.files(tenant)}{position}/"
    return next(iter(blobs.keys(Bucket.RECORDS, below)), None) is not None


def last_entry(blobs: BlobStore, tenant: str, file: str, rows: Rows) -> int:
    """The number of the last entry of a file, 0 where there is no such file."""

    def there(entry: int) -> bool:
        return blobs.size(Bucket.RECORDS, keys.register_entry(tenant, file, entry)) is not None

    return rows.last(f"{tenant}/entries/{file}", there)


def entry_at(blobs: BlobStore, tenant: str, file: str, number: int) -> RegisterEntry:
    """An entry of a file; BlobMissing where it is not there."""
    return record_files.decode(RegisterEntry, blobs.read(Bucket.RECORDS, keys.register_entry(tenant, file, number)))


def cases_of(blobs: BlobStore, tenant: str, file: str, rows: Rows) -> int:
    """How many Vorgänge a file has: its last entry says so."""
    last = last_entry(blobs, tenant, file, rows)
    return entry_at(blobs, tenant, file, last).cases if last else 0
