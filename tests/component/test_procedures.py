"""What a procedure may and may not do at its HTTP listener, and what becomes of its own writing to the topic."""

import hashlib
import json
import uuid
from typing import Any

import pytest

from services.core.errors import EventBroken
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause
from services.core.messages.events import Facts, ProcedureAcknowledged, ProcedureSubmitted
from services.procedures.handler import handle
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail

NAME, OTHER = "bauverfahren", "kassenverfahren"
HEAD = b'{"specversion":"1.0","id":"1","source":"/x","type":"poststelle.'
STRUCTURED = {"Content-Type": "application/cloudevents+json"}


@pytest.fixture
def ours(hall: CityHall) -> Browser:
    """A procedure that is given what is filed below 52; another one beside it gets the treasury's."""
    admin = hall.key("administer")
    for name, wanted in ((NAME, {"positions": ["52"]}), (OTHER, {"offices": ["kasse"]})):
        assert admin.ask("PUT", f"{API}/procedures/{name}", json=wanted).status_code == 201
    return speaker(hall, NAME)


def speaker(hall: CityHall, name: str) -> Browser:
    """The client of a procedure."""
    return Browser(hall.app, Authorization=f"Bearer {hall.access.add_procedure_key(name, name)}")


def filed(hall: CityHall, position: str, subject: str = "Bauantrag") -> str:
    """A letter that a clerk files into a new file there."""
    document: str = hall.deliver(a_mail(subject))["document"]
    decide(hall, document, action="file", position=position)
    return document


def decide(hall: CityHall, document: str, **wanted: str) -> None:
    """What a clerk says."""
    clerk = hall.key("search", "decide", all_offices=True)
    version = clerk.get(f"{API}/documents/{document}").json()["version"]
    headers = {"If-Match": f'"{version}"'}
    answer = clerk.ask("POST", f"{API}/documents/{document}/decisions", json=wanted, headers=headers)
    assert answer.status_code == 202, answer.text


def inbox(client: Browser, name: str = NAME, **asked: str) -> list[dict[str, Any]]:
    """The events of the inbox."""
    answer = client.ask("GET", f"{API}/procedures/{name}/inbox", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def say(client: Browser, kind: str, name: str = NAME, **data: str) -> Any:
    """One event into the outbox."""
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": f"poststelle.{kind}.v1", "data": data}
    body = json.dumps(event).encode()
    return client.ask("POST", f"{API}/procedures/{name}/outbox", content=body, headers=STRUCTURED)


def submit(client: Browser, content: bytes, submission: str) -> Any:
    """Upload and submit."""
    upload = client.ask("POST", f"{API}/procedures/{NAME}/uploads", content=content).json()
    sha256 = hashlib.sha256(content).hexdigest()
    return say(client, "procedure.submitted", submission=submission, upload=upload["upload"], sha256=sha256)


def test_what_is_filed_below_its_position_is_delivered_once(hall: CityHall, ours: Browser) -> None:
    """One delivery with references only; its key reads this original, and that of no other document."""
    document, another = filed(hall, "52.10"), filed(hall, "20.1", "Gebühr")
    [event] = inbox(ours)
    assert event["data"]["document"] == document
    assert ours.get(event["data"]["content_path"]).status_code == 200
    assert ours.get(f"{API}/documents/{another}/original").status_code == 404
    assert ours.get(f"{API}/documents/{document}").status_code == 403
    assert [e["data"]["document"] for e in inbox(speaker(hall, OTHER), OTHER)] == [another]


def test_a_move_is_a_delivery_to_the_new_place(hall: CityHall, ours: Browser) -> None:
    """Moved, a document is delivered to the procedure of the new place too; moved back, it is a new delivery."""
    document = filed(hall, "52.10")
    decide(hall, document, action="move", position="20.1")
    decide(hall, document, action="move", position="52.10")
    deliveries = [event["data"]["delivery"] for event in inbox(ours)]
    assert len(set(deliveries)) == len(deliveries) == 2
    assert len(inbox(speaker(hall, OTHER), OTHER)) == 1


def test_an_answer_counts_once(hall: CityHall, ours: Browser) -> None:
    """Repeated it is accepted again; another answer to the same delivery is 409."""
    filed(hall, "52.10")
    delivery = inbox(ours)[0]["data"]["delivery"]
    first = say(ours, "procedure.acknowledged", delivery=delivery, reference_key="BG-1")
    again = say(ours, "procedure.acknowledged", delivery=delivery, reference_key="BG-1")
    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())
    assert say(ours, "procedure.rejected", delivery=delivery, reason_code="not_ours").status_code == 409


def test_anothers_delivery_is_not_there(hall: CityHall, ours: Browser) -> None:
    """404 for the delivery of another procedure, for an unknown one, and for another's inbox and outbox."""
    filed(hall, "20.1")
    foreign = inbox(speaker(hall, OTHER), OTHER)[0]["data"]["delivery"]
    for delivery in (foreign, str(uuid.uuid4())):
        assert say(ours, "procedure.acknowledged", delivery=delivery).status_code == 404
    assert say(ours, "procedure.acknowledged", OTHER, delivery=foreign).status_code == 404
    assert ours.get(f"{API}/procedures/{OTHER}/inbox").status_code == 404
    assert hall.key("search").get(f"{API}/procedures/{NAME}/inbox").status_code == 403


def test_a_submission_is_received_once(hall: CityHall, ours: Browser) -> None:
    """Accepted with a receipt; repeated the same; the id used for other content is 409."""
    submission = str(uuid.uuid4())
    first, again = (submit(ours, b"Bescheid", submission) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert submit(ours, b"Anderes", submission).status_code == 409
    [event] = inbox(ours)
    assert event["type"] == "poststelle.submission.accepted.v1"
    told = hall.key("administer", "search", all_offices=True).get(f"{API}/receipts/{event['data']['receipt']}").json()
    assert told["document"].startswith("d")


def test_each_upload_of_a_submission_is_told_and_goes(hall: CityHall, ours: Browser) -> None:
    """Uploaded again by a procedure that died in between: no repeat, and the service deletes both; so is a third."""
    submission = str(uuid.uuid4())
    told = {submit(ours, b"Bescheid", submission).json()["id"] for _ in range(3)}
    assert len(told) == 3
    kinds = {key.split("/")[3] for key in hall.ports.blobs.keys(Bucket.RECORDS, f"main/procedures/{NAME}/")}
    assert kinds == {"inbox", "outcomes", "submitted"}


def test_a_submission_without_its_content_is_refused_with_a_reason(hall: CityHall, ours: Browser) -> None:
    """An upload that is not there, or whose hash is another."""
    sha256 = hashlib.sha256(b"y").hexdigest()
    upload = ours.ask("POST", f"{API}/procedures/{NAME}/uploads", content=b"x").json()["upload"]
    for one in (str(uuid.uuid4()), upload):
        said = say(ours, "procedure.submitted", submission=str(uuid.uuid4()), upload=one, sha256=sha256)
        assert said.status_code == 202
    reasons = [event["data"]["reason_codes"] for event in inbox(ours)]
    assert reasons == [["unknown_upload"], ["digest_mismatch"]]


def test_a_refused_upload_stays_until_it_is_received(hall: CityHall, ours: Browser) -> None:
    """Whoever named a wrong hash submits the same upload again under a new id; only then does it go."""
    upload = ours.ask("POST", f"{API}/procedures/{NAME}/uploads", content=b"x").json()["upload"]
    for content in (b"y", b"x"):
        said = {"upload": upload, "sha256": hashlib.sha256(content).hexdigest()}
        assert say(ours, "procedure.submitted", submission=str(uuid.uuid4()), **said).status_code == 202
    refused, accepted = inbox(ours)
    assert refused["data"]["reason_codes"] == ["digest_mismatch"]
    assert accepted["type"] == "poststelle.submission.accepted.v1"
    kinds = {key.split("/")[3] for key in hall.ports.blobs.keys(Bucket.RECORDS, f"main/procedures/{NAME}/")}
    assert kinds == {"inbox", "outcomes", "submitted"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_event"),
        (b"\xff", "bad_event"),
        (b"[" * 60_000, "bad_event"),
        (b"{}", "bad_specversion"),
        (HEAD + b'document.filed.v1","data":{}}', "bad_type"),
        (HEAD + b'procedure.rejected.v9","data":{}}', "unknown_version"),
        (HEAD + b'procedure.rejected.v1","data":' + b"[" * 60_000, "bad_event"),
        (HEAD + b'procedure.rejected.v1","data":{"delivery":"../x"}}', "bad_data"),
    ],
)
def test_nonsense_is_422(ours: Browser, body: bytes, code: str) -> None:
    """No event, none of a procedure's, or one that breaks its schema; the code says which attribute it is."""
    answer = ours.ask("POST", f"{API}/procedures/{NAME}/outbox", content=body, headers=STRUCTURED)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_an_event_in_binary_mode_is_understood(hall: CityHall, ours: Browser) -> None:
    """Attributes in headers `ce-…`, the data as body."""
    filed(hall, "52.10")
    body = json.dumps({"delivery": inbox(ours)[0]["data"]["delivery"]}).encode()
    head = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/x", "ce-type": "poststelle.procedure.acknowledged.v1"}
    headers = {**head, "Content-Type": "application/json"}
    assert ours.ask("POST", f"{API}/procedures/{NAME}/outbox", content=body, headers=headers).status_code == 202


def test_what_is_too_large_is_413(ours: Browser) -> None:
    """An event is small."""
    answer = ours.ask("POST", f"{API}/procedures/{NAME}/outbox", content=b" " * 70_000, headers=STRUCTURED)
    assert answer.status_code == 413


def test_a_cursor_beyond_the_inbox_is_410(hall: CityHall, ours: Browser) -> None:
    """The cursor of another life: the procedure begins without one. At the end nothing comes, and that is no error."""
    filed(hall, "52.10")
    assert inbox(ours, cursor="1") == []
    assert ours.get(f"{API}/procedures/{NAME}/inbox?cursor=7").status_code == 410


def test_a_registration_is_checked_against_the_plan(hall: CityHall) -> None:
    """201 new, 200 known, 422 for a place or an office that is not, 403 for a procedure itself."""
    admin = hall.key("administer")
    statuses = [
        admin.ask("PUT", f"{API}/procedures/{name}", json=wanted).status_code
        for name, wanted in (
            (NAME, {"positions": ["52"]}),
            (NAME, {"positions": ["20"]}),
            (NAME, {"positions": ["99"]}),
            (NAME, {"offices": ["niemand"]}),
            ("Nein.nein", {}),
        )
    ]
    assert statuses == [201, 200, 422, 422, 422]
    assert speaker(hall, NAME).ask("PUT", f"{API}/procedures/{NAME}", json={}).status_code == 403


def test_nonsense_on_its_topic_is_the_procedures_fault(hall: CityHall, ours: Browser) -> None:
    """Whoever writes to the topic itself is held to the same: an unknown delivery or a foreign event breaks there."""
    said: tuple[Facts, ...] = (
        ProcedureAcknowledged(delivery=str(uuid.uuid4())),
        ProcedureSubmitted(submission=str(uuid.uuid4()), upload=str(uuid.uuid4()), sha256="0" * 64, metadata_key="x"),
    )
    context = hall.contexts["procedures"]
    for facts in said:
        event = topics.emit_to(NAME, facts, cause=Cause("main", str(uuid.uuid4())), now=hall.ports.clock.now())
        with pytest.raises(EventBroken):
            handle(event, context)
