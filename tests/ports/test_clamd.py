"""ClamAV's own daemon with a signature of ours: the same promises as of the stand-in."""

import io
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.adapters.malware_scanner.clamd import ClamdScanner, ScanLimits
from services.core.errors import TryLater
from services.core.model import record
from services.core.ports.malware_scanner import Verdict
from services.ledger.rescanning import Rescanning
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.clamd_daemon import Daemon, real_clamd
from tests.component.clamd_stand_in import MARK

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("clamd")]


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    """A daemon that knows nothing but our signature."""
    with real_clamd() as made:
        yield made


@pytest.fixture(scope="module")
def scanner(daemon: Daemon) -> ClamdScanner:
    """Asks it."""
    return ClamdScanner(daemon.address, ScanLimits(timedelta(seconds=20), 10_000_000))


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


def test_what_newer_signatures_clear_is_unsealed(scanner: ClamdScanner, daemon: Daemon, tmp_path: Path) -> None:
    """A false alarm: sealed with the signatures of one day, read with those of the next."""
    hall = CityHall(tmp_path, malware={"clamd": daemon.address}, scanner=scanner)
    letter = a_mail("Bauantrag") + b"Geheimwort " + MARK
    document = hall.deliver(letter)["document"]
    hall.work()
    chief, reader = hall.key("administer"), hall.key("search", all_offices=True)
    asked = f"{API}/documents/{document}"
    assert chief.post(f"{asked}/unsealing", json={}).json()["code"] == "still_infected"
    assert reader.get(f"{asked}/original").json()["code"] == "sealed"
    daemon.know(102, b"nothing like it")
    try:
        assert chief.post(f"{asked}/unsealing", json={}).status_code == 200
        hall.work()
        assert reader.get(f"{asked}/original").content == letter
        assert [hit["document"] for hit in reader.get(f"{API}/search?q=Geheimwort").json()["items"]] == [document]
    finally:
        daemon.know(101, MARK)
        hall.close()


def test_newer_signatures_unseal_by_themselves(scanner: ClamdScanner, daemon: Daemon, tmp_path: Path) -> None:
    """The round of the ledger sees the number of the database; a verdict that stays has the date of the look."""
    hall = CityHall(tmp_path, malware={"clamd": daemon.address}, scanner=scanner)
    documents = [hall.deliver(a_mail(word) + word.encode() + MARK)["document"] for word in ("Geheimwort", "Bauantrag")]
    hall.work()
    before, number = scanner.signatures()
    assert number == 101
    Rescanning()(hall.contexts["ledger"])
    looks = [record.load(hall.ports.blobs, "main", document).rescan for document in documents]
    found = ("infected", "Poststelle.Test.UNOFFICIAL", before)
    assert [(look.outcome, look.found, look.signatures) for look in looks if look] == [found] * 2
    daemon.know(102, b"Geheimwort" + MARK)
    try:
        Rescanning()(hall.contexts["ledger"])
        hall.work()
        stays, healed = (record.load(hall.ports.blobs, "main", document) for document in documents)
        assert stays.rescan
        assert (stays.rescan.signatures.split("/")[1], stays.unsealed) == ("102", None)
        assert healed.unsealed
        assert (healed.unsealed.actor, healed.unsealed.signatures) == ("scanner", scanner.signatures().name)
        hits = hall.key("search", all_offices=True).get(f"{API}/search?q=Bauantrag").json()["items"]
        assert [hit["document"] for hit in hits] == [documents[1]]
    finally:
        daemon.know(101, MARK)
        hall.close()


def test_a_daemon_that_is_gone_is_away(tmp_path: Path) -> None:
    """Nobody listens at the socket."""
    with pytest.raises(TryLater):
        _scanned(ClamdScanner(str(tmp_path / "nobody.ctl"), ScanLimits(timedelta(seconds=1), 1000)), b"x")


def _with_attachment(content: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Anlage"
    mail.set_content("Siehe Anlage")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
    return mail.as_bytes()
