"""ClamAV's own daemon with a signature of ours: the same promises as of the stand-in."""

import contextlib
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
from tests.component.city_hall import API, CityHall, a_mail
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


def test_what_newer_signatures_clear_is_unsealed(scanner: ClamdScanner, folder: Path, tmp_path: Path) -> None:
    """A false alarm: sealed with the signatures of one day, read with those of the next."""
    hall = CityHall(tmp_path, malware={"clamd": str(folder / "clamd.ctl")}, scanner=scanner)
    letter = a_mail("Bauantrag") + b"Geheimwort " + MARK
    document = hall.deliver(letter)["document"]
    hall.work()
    chief, reader = hall.key("administer"), hall.key("search", all_offices=True)
    asked = f"{API}/documents/{document}"
    assert chief.post(f"{asked}/unsealing", json={}).json()["code"] == "still_infected"
    assert reader.get(f"{asked}/original").json()["code"] == "sealed"
    _know(folder, scanner, b"nothing like it")
    try:
        assert chief.post(f"{asked}/unsealing", json={}).status_code == 200
        hall.work()
        assert reader.get(f"{asked}/original").content == letter
        assert [hit["document"] for hit in reader.get(f"{API}/search?q=Geheimwort").json()["items"]] == [document]
    finally:
        _know(folder, scanner, MARK)
        hall.close()


def _know(folder: Path, scanner: ClamdScanner, mark: bytes) -> None:
    """The daemon loads other signatures, as after freshclam."""
    (folder / "own.ndb").write_text(f"Poststelle.Test:0:*:{mark.hex()}\n")
    deadline = time.monotonic() + PATIENCE_S
    with contextlib.suppress(TryLater):  # it may hang up over it
        scanner._asked(b"zRELOAD\0", iter(()), deadline)
    while not _knows(scanner, mark) and time.monotonic() < deadline:
        time.sleep(0.2)


def _knows(scanner: ClamdScanner, mark: bytes) -> bool:
    with contextlib.suppress(TryLater):
        return _scanned(scanner, mark).outcome == "infected"
    return False


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
