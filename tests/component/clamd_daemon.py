"""ClamAV's own daemon, with an unsigned database of ours that can be another one from one moment to the next."""

import contextlib
import hashlib
import io
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.component.clamd_stand_in import MARK

PATIENCE_S = 120


class Daemon:
    """Knows nothing but one signature, at a socket; `number` is that of its database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = str(folder / "clamd.ctl")
        self._process: subprocess.Popen[bytes] | None = None
        self.write(101, MARK)
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {self.address}\nDatabaseDirectory {folder}\nStreamMaxLength 2M\n"
            # It loads another database when no thread of its pool is left, and each idles for half a minute by default.
            "ConcurrentDatabaseReload no\nIdleTimeout 1\nSelfCheck 86400\n"
        )

    def start(self) -> None:
        """Run it, and wait until it answers."""
        program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        assert program, "apt-get install clamav-daemon (deploy/prepare.sh clamd)"
        config = str(self.folder / "clamd.conf")
        self._process = subprocess.Popen([program, "--config-file", config], stdout=subprocess.DEVNULL)
        self._until(b"ClamAV")

    def stop(self) -> None:
        """End it; then nobody listens."""
        if self._process:
            self._process.terminate()
            self._process.wait(60)

    def know(self, number: int, mark: bytes) -> None:
        """Load another database, as after freshclam: number `number`, which finds this."""
        self.write(number, mark)
        self._ask(b"zRELOAD\0")
        self._until(f"/{number}/".encode())

    def _until(self, told: bytes) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while told not in self._ask(b"zVERSION\0"):
            assert time.monotonic() < deadline, "clamd does not answer"
            time.sleep(0.1)

    def _ask(self, command: bytes) -> bytes:
        """What it says; nothing where it hangs up over it."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(self.address)
            line.sendall(command)
            return line.recv(4096)
        return b""

    def write(self, number: int, mark: bytes) -> None:
        """In the place of `daily`: the one whose number it tells when it has loaded it. Signed ones are ClamAV's."""
        signatures = f"Poststelle.Test:0:*:{mark.hex()}\n".encode()
        now = int(time.time())
        day = time.strftime("%d %b %Y %H-%M +0000", time.gmtime(now))
        head = f"ClamAV-VDB:{day}:{number}:1:90:{'0' * 32}:x:poststelle:{now}"
        info = f"{head}\ndaily.ndb:{len(signatures)}:{hashlib.sha256(signatures).hexdigest()}\n".encode()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, content in (("COPYING", b"EUPL\n"), ("daily.info", info), ("daily.ndb", signatures)):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        (self.folder / "daily.new").write_bytes(head.ljust(512).encode() + packed.getvalue())
        (self.folder / "daily.new").replace(self.folder / "daily.cud")


@contextmanager
def real_clamd() -> Iterator[Daemon]:
    """One that runs, in a folder with a short name, because the path of a socket has to be."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        made = Daemon(Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.stop()
