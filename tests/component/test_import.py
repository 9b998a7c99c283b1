"""`poststelle import` against a whole mail room: folders are kept, nothing is doubled, no rate holds it up."""

from pathlib import Path
from typing import Any

from services.cli.errors import Refused
from services.cli.importing.delivering import Delivery, Numbers
from services.cli.importing.journal import Journal
from services.cli.importing.sources import items
from services.core.model import record
from services.core.ports.ledger_store import LineFilter
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.unit.cli.test_import_sources import a_mail, an_mbox


def run(hall: CityHall, source: Path, journal: Path, recipient: str = "") -> Numbers:
    """One import by a key that may only deliver."""
    client = Browser(hall.app, Authorization=f"Bearer {hall.post_key}")

    def deliver(path: str, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
        answer = client.post(f"{API}{path}", content=content, headers=headers)
        if answer.status_code != 202:
            raise Refused("no", status=answer.status_code, code=answer.json()["code"])
        told: dict[str, Any] = answer.json()
        return told

    numbers = Numbers(counted=sum(1 for _ in items(source)))
    book = Journal(journal)
    delivery = Delivery(deliver=deliver, journal=book, recipient=recipient, patience_s=0.0)
    for _ in delivery.all(items(source), numbers, workers=1):
        pass
    book.close()
    return numbers


def test_an_import_is_post_with_its_folder(tmp_path: Path) -> None:
    """Each mail is a document of its own at its mailbox's office; the folder stands in its receipt and is shown."""
    hall = CityHall(
        tmp_path / "hall", mail_intake={"offices": {"bau@musterstadt.test": "bauamt"}}, http={"requests_per_minute": 20}
    )
    source = tmp_path / "post"
    (source / "Bauanträge").mkdir(parents=True)
    (source / "Bauanträge" / "2024.mbox").write_bytes(an_mbox(*(a_mail(number) for number in range(40))))
    (source / "brief.msg").write_bytes(b"\xd0\xcf\x11\xe0 kein echter Brief")
    numbers = run(hall, source, tmp_path / "journal", "bau@musterstadt.test")
    assert (numbers.outcomes, numbers.balance) == ({"taken": 41}, True)
    lines, _ = hall.ports.ledger.lines("main", LineFilter(), cursor="", limit=100)
    assert len({line.document for line in lines}) == 41
    receipts = [record.load(hall.ports.blobs, "main", line.document).receipts[0] for line in lines]
    assert sorted({(r.channel, r.office, r.properties.get("folder", "")) for r in receipts}) == [
        ("mail", "bauamt", "Bauanträge/2024"),
        ("scan", "poststelle", ""),
    ]
    mail = next(receipt for receipt in receipts if receipt.channel == "mail")
    assert "Bauanträge/2024" in hall.clerk("berg", offices=("bauamt",)).get(f"/dokumente/{mail.document}").text
    again = run(hall, source, tmp_path / "another journal", "bau@musterstadt.test")
    assert again.outcomes == {"known": 41}
    assert len(hall.ports.ledger.lines("main", LineFilter(), cursor="", limit=100)[0]) == 41
    hall.close()


def test_refused_deliveries_still_count_against_the_rate(tmp_path: Path) -> None:
    """Only what is accepted is forgiven: whoever sends rubbish is slowed down as before."""
    hall = CityHall(tmp_path / "hall", http={"requests_per_minute": 5})
    client = hall.sender()
    statuses = [client.post(f"{API}/mails", content=b"", headers={"Content-Type": "message/rfc822"}) for _ in range(12)]
    assert 429 in [answer.status_code for answer in statuses]
    hall.close()


def test_a_hostile_folder_is_kept_as_text(hall: CityHall) -> None:
    """Control characters go, and nobody's folder is longer than a line."""
    client = hall.sender()
    headers = {"Content-Type": "message/rfc822", "Folder": "A%00%0d%0aX-B" + "%C3%A4" * 900}
    told = client.post(f"{API}/mails", content=a_mail(1), headers=headers).json()
    (receipt,) = record.load(hall.ports.blobs, "main", told["document"]).receipts
    assert receipt.properties["folder"] == ("AX-B" + "ä" * 900)[:500]
