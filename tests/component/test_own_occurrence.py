"""Two offices brought the same bytes: nothing of one arrival shows to the other, wherever somebody looks."""

import msgspec

from services.core import keys
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.receipts import new_receipt
from services.core.protocol.receiving import received_event
from tests.component.city_hall import API, CityHall

OURS, THEIRS = "Zaunplan.txt", "Anzeige_gegen_Nachbar.txt"


def twice(hall: CityHall) -> tuple[str, str]:
    """A scan of the treasury that the building office brought too, under another name; document and first receipt."""
    told = hall.scan(b"Ein Text, der nichts verraet.", THEIRS)
    found = record.load(hall.ports.blobs, "main", told["document"])
    first = msgspec.structs.replace(found.receipts[0], office="kasse")
    hall.ports.blobs.delete(Bucket.RECORDS, keys.receipt("main", found.document, first.receipt))
    number = new_receipt(first.received_at)
    second = msgspec.structs.replace(first, receipt=number, office="bauamt", name=OURS, source="scanner-bau")
    for receipt in (first, second):
        key = keys.receipt("main", found.document, receipt.receipt)
        assert hall.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(receipt))
    hall.log.publish(received_event(second, service="scan_intake", now=hall.ports.clock.now()))
    hall.work()
    return found.document, first.receipt


def test_nothing_of_another_arrival_shows(hall: CityHall) -> None:
    """Not in the answer, the page, the download, the parts, the Posteingang, nor by searching for it."""
    document, _ = twice(hall)
    clerk, machine = hall.clerk(offices=("bauamt",)), hall.key("search", offices=("bauamt",))
    seen = [
        machine.get(f"{API}/documents/{document}"),
        machine.get(f"{API}/search?q=nichts"),
        clerk.get(f"/dokumente/{document}"),
        clerk.get("/posteingang"),
        clerk.get("/suche?q=nichts"),
    ]
    for answer in seen:
        assert answer.status_code == 200
        assert "Anzeige" not in answer.text
    assert machine.get(f"{API}/search?q=Anzeige").json()["items"] == []
    assert [hit["document"] for hit in machine.get(f"{API}/search?q=Zaunplan").json()["items"]] == [document]
    disposition = machine.get(f"{API}/documents/{document}/original").headers["content-disposition"]
    assert "Zaunplan" in disposition
    assert "Anzeige" not in disposition


def test_a_sender_is_not_told_where_others_filed_the_same_bytes(hall: CityHall) -> None:
    """A key that may only deliver learns what became of its receipt, and neither file nor position, office or clerk."""
    document, receipt = twice(hall)
    decider = hall.key("search", "decide", all_offices=True)
    version = decider.get(f"{API}/documents/{document}").json()["version"]
    answer = decider.post(
        f"{API}/documents/{document}/decisions",
        json={"action": "file", "position": "52.10"},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 202, answer.text
    hall.work()
    told = hall.sender().get(f"{API}/receipts/{receipt}")
    assert (told.status_code, told.json()["state"]) == (200, "filed")
    for stop in told.json()["history"]:
        assert (stop["file"], stop["position"], stop["office"], stop["actor"]) == ("", "", "", "")
