"""Create-if-absent beside the least that a durable file costs."""

from pathlib import Path

from services.adapters.blob_store.files import FileBlobStore
from services.core.keys import Bucket
from tests.benchmarks.mail_path import sync_folder, write_durably
from tests.benchmarks.measuring import Cost, Costing, Job

CONTENT = b"{}" * 1024


def create(job: Job) -> Cost:
    """Originals, all in one folder."""
    store = FileBlobStore(job.folder / "blobs")
    costing = Costing(job)
    made = sum(store.create(Bucket.ORIGINALS, f"main/d{number}", CONTENT) for number in range(job.size))
    return _per_blob(costing.over(made))


def bare_create(job: Job) -> Cost:
    """Write, fsync, rename, fsync of the folder."""
    costing = Costing(job)
    for number in range(job.size):
        write_durably(job.folder, f"d{number}", CONTENT)
    return _per_blob(costing.over(job.size))


def create_records(job: Job) -> Cost:
    """Records, each in a new folder of a new folder."""
    store = FileBlobStore(job.folder / "blobs")
    costing = Costing(job)
    keys = (f"main/documents/d{number}/receipts/PE-1.json" for number in range(job.size))
    made = sum(store.create(Bucket.RECORDS, key, CONTENT) for key in keys)
    return _per_blob(costing.over(made))


def bare_create_records(job: Job) -> Cost:
    """The same with two new folders, and a sync of every folder that has a new name."""
    above = job.folder / "documents"
    above.mkdir()
    costing = Costing(job)
    for number in range(job.size):
        folder = above / f"d{number}"
        _write_below(folder, above)
    return _per_blob(costing.over(job.size))


def _write_below(folder: Path, above: Path) -> None:
    (folder / "receipts").mkdir(parents=True)
    write_durably(folder / "receipts", "PE-1.json", CONTENT)
    sync_folder(folder)
    sync_folder(above)


def _per_blob(cost: Cost) -> Cost:
    cost.more["wall_per_blob"] = cost.wall / cost.made
    return cost
