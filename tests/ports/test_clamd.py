"""ClamAV's own daemon with a signature of ours: the same promises as of the stand-in."""

import io
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.adapters.malware_scanner.clamd import ClamdScanner, ScanLimits
from services.core.errors import TryLater
from services.core.ports.malware_scanner import Verdict
from tests.component.city_hall import a_mail
from tests.component.clamd_stand_in import MARK

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("clamd")]

PATIENCE_S = 60


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short, because the path of a socket is."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def scanner(folder: Path) -> Iterator[ClamdScanner]:
    """A daemon that knows nothing but our signature, at a socket."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "apt-get install clamav-daemon (deploy/prepare.sh clamd)"
    (folder / "own.ndb").write_text(f"Poststelle.Test:0:*:{MARK.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {folder}/clamd.ctl\nDatabaseDirectory {folder}\nStreamMaxLength 2M\n"
        "ConcurrentDatabaseReload no\n"
    )
    process = subprocess.Popen([program, "--config-file", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    made = ClamdScanner(str(folder / "clamd.ctl"), ScanLimits(timedelta(seconds=20), 10_000_000))
    deadline = time.monotonic() + PATIENCE_S
    try:
        while not (folder / "clamd.ctl").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield made
    finally:
        process.terminate()
        process.wait(20)


def _scanned(scanner: ClamdScanner, content: bytes) -> Verdict:
    return scanner.scan(io.BytesIO(content), len(content))


def test_it_answers_as_we_understand(scanner: ClamdScanner) -> None:
    """Ready; clean; found plainly and inside an attachment's base64; larger than its own limit; and well afterwards."""
    assert scanner.ready()
    assert _scanned(scanner, a_mail("Bauantrag")) == Verdict("clean")
    infected = Verdict("infected", "Poststelle.Test.UNOFFICIAL")
    assert _scanned(scanner, b"x" * 100_000 + MARK) == infected
    assert _scanned(scanner, _with_attachment(b"Text " + MARK)) == infected
    assert _scanned(scanner, b"x" * 5_000_000) == Verdict("too_large")
    assert _scanned(scanner, b"") == Verdict("clean")


def test_a_daemon_that_is_gone_is_away(folder: Path) -> None:
    """Nobody listens at the socket."""
    with pytest.raises(TryLater):
        _scanned(ClamdScanner(str(folder / "nobody.ctl"), ScanLimits(timedelta(seconds=1), 1000)), b"x")


def _with_attachment(content: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Anlage"
    mail.set_content("Siehe Anlage")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
    return mail.as_bytes()
