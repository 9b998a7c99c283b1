"""What a procedure tells of a document's place: a submission with its file or position, and numbers of its own."""

import hashlib
import uuid
from typing import Any

import pytest
from msgspec.structs import replace

from services.core.keys import Bucket
from services.core.messages.procedures import Procedure
from services.core.protocol.pointers import references
from services.procedures.registering.registration import register
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.two_ways import ByHttp, an_event, data_of

NAME, OWN = "bauverfahren", "BG-2026-00815"


@pytest.fixture
def ours(hall: CityHall) -> ByHttp:
    """A procedure of the building office that is given what is filed below 52; another one beside it."""
    for procedure in (
        Procedure(name=NAME, positions=("52",), office="bauamt"),
        Procedure(name="archiv", positions=("52",)),
    ):
        register(procedure, hall.contexts["procedures"])
    return ByHttp(hall, NAME)


def submitted(hall: CityHall, way: ByHttp, content: bytes, **place: Any) -> dict[str, Any]:
    """What became of the document that was submitted with this place."""
    headers = {"Content-Type": "text/plain", "Content-Disposition": 'attachment; filename="bescheid.txt"'}
    path = f"{API}/procedures/{NAME}/uploads"
    upload = way.client.ask("POST", path, content=content, headers=headers).json()["upload"]
    said = {"submission": str(uuid.uuid4()), "upload": upload, "sha256": hashlib.sha256(content).hexdigest()}
    assert way.say(an_event("procedure.submitted"), data_of(**said, **place)) == ("", "")
    accepted = [event["data"] for event in way.inbox() if event["data"].get("submission") == said["submission"]]
    return told(hall, accepted[0]["receipt"])


def told(hall: CityHall, receipt: str) -> dict[str, Any]:
    """The document of a receipt, as a clerk is told."""
    clerk = hall.key("search", "administer", all_offices=True)
    document = clerk.get(f"{API}/receipts/{receipt}").json()["document"]
    answer: dict[str, Any] = clerk.get(f"{API}/documents/{document}").json()
    return answer


def filed(hall: CityHall, position: str, subject: str) -> tuple[str, str]:
    """A letter that a clerk filed into a new file there: the document and the file."""
    receipt: dict[str, Any] = hall.deliver(a_mail(subject, f"Sehr geehrte Damen und Herren, {subject}."))
    clerk = hall.key("search", "decide", all_offices=True)
    path = f"{API}/documents/{receipt['document']}"
    headers = {"If-Match": f'"{clerk.get(path).json()["version"]}"'}
    wanted = {"action": "file", "position": position}
    assert clerk.ask("POST", f"{path}/decisions", json=wanted, headers=headers).status_code == 202
    return receipt["document"], told(hall, receipt["receipt"])["filings"][0]["file"]


def test_a_procedure_is_told_of_the_vorgang_and_names_it(hall: CityHall, ours: ByHttp) -> None:
    """Into the one of its file that exists, delivered with it; one that the file does not have is a clerk's."""
    _, file = filed(hall, "52.10", "Bauantrag Garage")
    context = hall.contexts["filing"]
    places = (replace(one, cases="optional") if one.code == "52.10" else one for one in context.plan.positions)
    context.configuration.force("plan", replace(context.plan, version="9", positions=tuple(places)))
    opened = hall.deliver(a_mail("Nachtrag", "Sehr geehrte Damen und Herren, ein Nachtrag."))
    clerk, path = hall.key("search", "decide", all_offices=True), f"{API}/documents/{opened['document']}"
    headers = {"If-Match": f'"{clerk.get(path).json()["version"]}"'}
    wanted = {"action": "file", "file": file, "case": "new"}
    assert clerk.ask("POST", f"{path}/decisions", json=wanted, headers=headers).status_code == 202
    made = submitted(hall, ours, b"Der Bescheid zum Nachtrag ergeht.", file=file, case=1)
    assert made["state"] == "filed"
    held = submitted(hall, ours, b"Der Bescheid zu einem anderen Nachtrag ergeht.", file=file, case=2)
    assert (held["state"], held["reason"]["code"]) == ("held", "no_case")
    told_of = {event["data"]["document"]: event["data"] for event in ByHttp(hall, "archiv").inbox()}
    assert [told_of[one]["case"] for one in (opened["document"], made["document"])] == [1, 1]
    assert "case" not in next(iter(told_of.values()))


def test_a_submission_with_its_file_goes_there(hall: CityHall, ours: ByHttp) -> None:
    """Into the register of the file without a clerk, delivered to the other procedure and not back to its author."""
    _, file = filed(hall, "52.10", "Bauantrag Carport")
    before = len(ours.inbox())
    made = submitted(hall, ours, b"Der Bescheid zum Carport ergeht.", file=file)
    assert (made["state"], [filing["file"] for filing in made["filings"]]) == ("filed", [file])
    assert [event["type"] for event in ours.inbox()[before:]] == ["poststelle.submission.accepted.v1"]
    delivered = [event["data"]["document"] for event in ByHttp(hall, "archiv").inbox()]
    assert made["document"] in delivered


def test_a_place_that_cannot_be_puts_it_before_a_clerk_with_the_reason(hall: CityHall, ours: ByHttp) -> None:
    """A file that does not exist, one of another office, a position that is not in the plan or another office's."""
    _, foreign = filed(hall, "20.1", "Gebühr")
    for place, reason in (
        ({"file": "52.10/99-2026"}, "unknown_number"),
        ({"file": foreign}, "foreign_place"),
        ({"position": "99.9"}, "closed_position"),
        ({"position": "20.1"}, "foreign_place"),
        ({"position": "52.10"}, "unsure"),
    ):
        made = submitted(hall, ours, f"Ein Schreiben zu {place}".encode(), **place)
        assert (made["state"], made["reason"]["code"]) == ("held", reason), place


def test_a_position_is_offered_to_its_office(hall: CityHall, ours: ByHttp) -> None:
    """Which file it opens or belongs to a person says: the position is the first candidate, and the office has it."""
    made = submitted(hall, ours, b"Ein Schreiben ohne Akte.", position="52.10")
    assert made["office"] == "bauamt"
    assert [one["position"] for one in made["candidates"]][:1] == ["52.10"]


def acknowledged(hall: CityHall, ours: ByHttp, subject: str) -> tuple[str, str]:
    """A letter that was filed, delivered and taken over under the procedure's own number."""
    document, file = filed(hall, "52.10", subject)
    delivery = next(event["data"]["delivery"] for event in ours.inbox() if event["data"].get("document") == document)
    data = data_of(delivery=delivery, reference_key=OWN)
    assert ours.say(an_event("procedure.acknowledged"), data) == ("", "")
    return document, file


def test_its_number_finds_the_document_and_stands_in_the_history(hall: CityHall, ours: ByHttp) -> None:
    """Told once, however often it is acknowledged; found by the number as a whole."""
    document, _ = acknowledged(hall, ours, "Bauantrag Carport")
    delivery = ours.inbox()[0]["data"]["delivery"]
    ours.say(an_event("procedure.acknowledged"), data_of(delivery=delivery, reference_key=OWN))
    clerk = hall.key("search", all_offices=True)
    found = clerk.ask("POST", f"{API}/search", json={"q": f'"{OWN}"'}).json()["items"]
    assert [hit["document"] for hit in found] == [document]
    stops = clerk.get(f"{API}/documents/{document}/history").json()["items"]
    told = [(stop["actor"], stop["reference"]) for stop in stops if stop["stage"] == "referenced"]
    assert told == [(NAME, OWN)]


def test_the_next_letter_that_names_it_goes_to_its_file(hall: CityHall, ours: ByHttp) -> None:
    """However it is written there; a letter that names another number does not."""
    _, file = acknowledged(hall, ours, "Bauantrag Carport")
    made = hall.deliver(a_mail("Nachfrage", "Ihr Zeichen: bg 2026-00815\nZu BG/2026/00815 frage ich nach."))
    named = told(hall, made["receipt"])
    assert (named["state"], named["filings"][0]["file"]) == ("filed", file)
    other = hall.deliver(a_mail("Nachfrage", "Zu BG-2026-00816 frage ich nach."))
    assert told(hall, other["receipt"])["state"] == "held"


def test_numbers_of_two_files_put_a_letter_before_a_clerk(hall: CityHall, ours: ByHttp) -> None:
    """Never a silent guess: both places are offered."""
    acknowledged(hall, ours, "Bauantrag Carport")
    acknowledged(hall, ours, "Bauantrag Garage")
    made = hall.deliver(a_mail("Nachfrage", f"Zu {OWN} frage ich nach."))
    assert told(hall, made["receipt"])["reason"]["code"] == "conflicting"


def test_what_a_procedure_submits_under_its_number_is_kept_under_it(hall: CityHall, ours: ByHttp) -> None:
    """A submission names its number itself."""
    made = submitted(hall, ours, b"Der Bescheid ergeht.", reference_key=OWN)
    assert [*references.documents_of(hall.ports.blobs, "main", OWN)] == [made["document"]]
    keys = [*hall.ports.blobs.keys(Bucket.RECORDS, f"main/documents/{made['document']}/reference/")]
    assert len(keys) == 1


def test_a_number_that_says_nothing_files_no_letter() -> None:
    """`12` or `A-4` would be found in every letter."""
    for weak in ("1", "12", "A-4", "abcdef"):
        assert not references.is_telling(weak)
    assert references.is_telling(OWN)
