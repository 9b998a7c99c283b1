"""An S3 store on a disk of its own that is soon full: a small file system that lives and dies with its process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.servers import S3
from deploy.servers.processes import Command

SIZE = "192m"
PIECE = b"\0" * (1 << 20)
ON_ITS_OWN_DISK = 'mount -t tmpfs -o size="$0" narrow "$1" && shift && exec "$@"'


class NarrowS3(S3):
    """The store, seeing a file system of `SIZE` where its drive is; so it cannot be started again."""

    def command(self) -> Command:
        """The store's own, in a name space where the disk is mounted; who is not root is it in there."""
        own = super().command()
        rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        shell = ["/bin/sh", "-c", ON_ITS_OWN_DISK, SIZE, str(self.folder / "drive")]
        return Command(
            ["/usr/bin/unshare", "--mount", *rights, *shell, *own.words], {**own.environment, "PATH": "/usr/bin:/bin"}
        )

    @contextmanager
    def full(self) -> Iterator[None]:
        """Meanwhile somebody else's file takes every byte that is left."""
        ballast = self._inside / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file:
                _fill(file.fileno())
            yield
        finally:
            ballast.unlink()

    @property
    def _inside(self) -> Path:
        """The drive as the store sees it."""
        return Path(f"/proc/{self.pid}/root{self.folder}/drive")


def _fill(file: int) -> None:
    size = len(PIECE)
    while size:
        try:
            os.write(file, PIECE[:size])
        except OSError:
            size //= 2
