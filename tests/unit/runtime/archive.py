"""A data folder that is being worked in while it is backed up, and what comes out of a backup of it."""

from pathlib import Path

from services.adapters.blob_store.files import FileBlobStore
from services.adapters.event_log.sqlite import SqliteEventLog
from services.adapters.event_log.sqlite.snapshot import Snapshot
from services.core.keys import Bucket
from services.runtime.operations import instance_folder
from services.runtime.operations.backups import restore
from services.runtime.operations.backups.backup import Tally, Tell, back_up
from tests.ports.event_log.readers import a_key, an_event

KEY = "main/documents/d1/receipts/{}.json"
TOLD = a_key()


class Archive:
    """A data folder with a store and a log that are open, as in a running mail room."""

    def __init__(self, folder: Path) -> None:
        self.data, self.folder = folder / "data", folder / "backups"
        instance_folder.claim(self.data)
        instance_folder.write_secret(self.data / "session.secret", "secret")
        self.log = SqliteEventLog(self.data / "log.sqlite")
        self.blobs = FileBlobStore(self.data / "blobs", reserve_bytes=0, sync=False)

    def write(self, *names: str) -> None:
        """One blob each, and an event."""
        for name in names:
            self.blobs.create(Bucket.RECORDS, KEY.format(name), name.encode())
            self.log.publish(an_event(TOLD, 1))

    def back_up(self, tell: Tell = lambda _: None) -> tuple[Path, Tally]:
        """A further backup."""
        return back_up(self.data, self.folder, open_log=Snapshot, tell=tell)


def restored(backup: Path, data: Path) -> set[str]:
    """What the receipts say that a restored folder holds."""
    restore.restore(backup, data, tell=lambda _: None)
    instance_folder.claim(data)
    store = FileBlobStore(data / "blobs", reserve_bytes=0, sync=False)
    return {store.read(Bucket.RECORDS, key).decode() for key in store.keys(Bucket.RECORDS, "main/documents/")}
