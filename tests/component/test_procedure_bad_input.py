"""What a procedure should not do, and what comes of it: a reason for the machine, and nothing else is disturbed."""

import hashlib
import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.surroundings import Shifted
from tests.component.test_procedures import decide, filed
from tests.component.two_ways import ByHttp, ByTopic, an_event, data_of

NAME, OTHER = "bauverfahren", "kassenverfahren"
MINE = f"{API}/procedures/{NAME}"
ACKNOWLEDGED, SUBMITTED = "procedure.acknowledged", "procedure.submitted"


@pytest.fixture(params=[ByHttp, ByTopic])
def way(request: pytest.FixtureRequest, hall: CityHall) -> Any:
    """A procedure that is given what is filed below 52, on one way or the other."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    return request.param(hall, NAME)


def uploaded(way: ByHttp, content: bytes) -> dict[str, str]:
    """The content as it is to be submitted."""
    upload = way.client.ask("POST", f"{MINE}/uploads", content=content).json()["upload"]
    return {"submission": str(uuid.uuid4()), "upload": upload, "sha256": hashlib.sha256(content).hexdigest()}


def works(hall: CityHall, way: ByHttp) -> None:
    """A delivery comes, is acknowledged, and a letter is received."""
    document = filed(hall, "52.10", str(uuid.uuid4()))
    delivery = next(e["data"]["delivery"] for e in way.inbox() if e["data"].get("document") == document)
    assert way.say(an_event(ACKNOWLEDGED), data_of(delivery=delivery)) == ("", "")
    assert way.say(an_event(SUBMITTED), data_of(**uploaded(way, document.encode()))) == ("", "")
    assert way.inbox()[-1]["type"] == "poststelle.submission.accepted.v1"


def test_who_has_no_key_or_anothers_learns_nothing(hall: CityHall, way: ByHttp) -> None:
    """Without a right key 401 everywhere; with that of another procedure nothing is there."""
    document = filed(hall, "52.10")
    register(Procedure(name=OTHER, positions=("20",)), hall.contexts["procedures"])
    token = hall.access.add_procedure_key(OTHER, OTHER)
    paths = (("GET", "inbox"), ("POST", "outbox"), ("POST", "uploads"))
    for key, status in ((token[:-1] + "x", 401), ("ps_k-0_0", 401), (token, 404)):
        stranger = Browser(hall.app, Authorization=f"Bearer {key}")
        answers = [stranger.ask(method, f"{MINE}/{path}", content=b"{}") for method, path in paths]
        answers.append(stranger.get(f"{API}/documents/{document}/original"))
        told = {(answer.status_code, answer.json()["code"]) for answer in answers}
        assert {code for code, _ in told} == {status}, told
    works(hall, way)


def test_an_event_of_two_megabytes_is_refused_and_stored_nowhere(hall: CityHall, way: ByHttp) -> None:
    """On both ways by the same code; what comes behind it is taken."""
    before = set(hall.ports.blobs.keys(Bucket.RECORDS, "main/documents/"))
    padded = data_of(**uploaded(way, b"x"), file="5" * 2_000_000)
    assert way.say(an_event(SUBMITTED), padded)[0] == "too_large"
    assert set(hall.ports.blobs.keys(Bucket.RECORDS, "main/documents/")) == before
    works(hall, way)


def test_replaying_an_old_outbox_changes_nothing(hall: CityHall, clock: Shifted) -> None:
    """A year later every record comes once more: no document, no line, no decision, no refusal comes of it."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    way = ByTopic(hall, NAME)
    kept, refused = (filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites"))
    first, second = (event["data"]["delivery"] for event in way.inbox())
    way.say(an_event(ACKNOWLEDGED), data_of(delivery=first, reference_key="BV-2026-4711"))
    way.say(an_event("procedure.rejected"), data_of(delivery=second, reason_code="not_ours"))
    way.say(an_event(SUBMITTED), data_of(**uploaded(way, b"Bescheid"), reference_key="BV-2026-4712"))
    way.say(an_event(SUBMITTED), data_of(**uploaded(way, b"Bescheid") | {"upload": str(uuid.uuid4())}))
    way.say(an_event(SUBMITTED), b"{")
    decide(hall, refused, action="move", position="20.1")
    clock.ahead += timedelta(days=365)
    before, stored = way.inbox(), set(hall.ports.blobs.keys(Bucket.RECORDS, "main/"))
    records = [*way.log.topics[topics.outbox_of(NAME)]]
    for record in records:
        way.write(record.headers, record.value or b"")
    assert way.inbox() == before
    changed = set(hall.ports.blobs.keys(Bucket.RECORDS, "main/")) ^ stored
    assert {key for key in changed if not key.startswith("main/dead/")} == set()
    told = hall.key("search", all_offices=True).get(f"{API}/documents/{refused}").json()
    assert (told["state"], [filing["position"] for filing in told["filings"]]) == ("filed", ["20.1"])
    assert hall.key("search", all_offices=True).get(f"{API}/documents/{kept}").json()["state"] == "filed"
    works(hall, way)
