"""One contract for both ways: what a procedure may say, and each refusal, is the same by HTTP and on its topic."""

import hashlib
import uuid
from typing import Any

import pytest

from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from tests.component.city_hall import API, CityHall
from tests.component.two_ways import ByHttp, ByTopic, an_event, data_of

NAME = "bauverfahren"
SOURCES = ("/main/bau", "/bau", "urn:bau", "https://bau.example/system")
UPLOAD = str(uuid.uuid4())
WRONG = [
    ({"specversion": ""}, "bad_specversion", "specversion"),
    ({"specversion": "0.3"}, "bad_specversion", "specversion"),
    ({"id": ""}, "bad_id", "id"),
    ({"source": ""}, "bad_source", "source"),
    ({"source": "a b"}, "bad_source", "source"),
    ({"type": ""}, "bad_type", "type"),
    ({"type": "poststelle.document.filed.v1"}, "bad_type", "type"),
    ({"type": "poststelle.procedure.submitted.v9"}, "unknown_version", "type"),
    ({"time": "yesterday"}, "bad_time", "time"),
    ({"time": "2026-11-29T12:00:00"}, "bad_time", "time"),
]
WRONG_DATA = [
    (b"", "bad_data", "data"),
    (b"\xff", "bad_data", "data"),
    (b"[" * 60_000, "bad_data", "data"),
    (data_of(upload=UPLOAD, sha256="0" * 64), "bad_data", "submission"),
    (data_of(submission=UPLOAD, upload="../x", sha256="0" * 64), "bad_data", "upload"),
    (data_of(submission=UPLOAD, upload=UPLOAD, sha256=7), "bad_data", "sha256"),
    (data_of(submission=UPLOAD, upload=UPLOAD, sha256="0" * 64, metadata_key="x"), "bad_data", "metadata_key"),
]


@pytest.fixture(params=[ByHttp, ByTopic])
def way(request: pytest.FixtureRequest, hall: CityHall) -> Any:
    """A procedure that is given what is filed below 52, on one way or the other."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    return request.param(hall, NAME)


@pytest.fixture
def topic(hall: CityHall) -> ByTopic:
    """The same by its topic only."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    return ByTopic(hall, NAME)


def uploaded(way: ByHttp, content: bytes) -> dict[str, str]:
    """The content as it is to be submitted."""
    upload = way.client.ask("POST", f"{API}/procedures/{NAME}/uploads", content=content).json()["upload"]
    return {"submission": str(uuid.uuid4()), "upload": upload, "sha256": hashlib.sha256(content).hexdigest()}


def test_any_source_will_do_and_no_time_need_be_said(way: ByHttp) -> None:
    """CloudEvents asks for a URI reference and leaves the time out: who speaks is known by key or topic."""
    for source in SOURCES:
        said = way.say(an_event("procedure.submitted", source=source), data_of(**uploaded(way, b"Bescheid")))
        assert said == ("", ""), source
    assert {event["type"] for event in way.inbox()} == {"poststelle.submission.accepted.v1"}


def test_a_wrong_attribute_is_named(way: ByHttp) -> None:
    """The code and the field say which one, by the answer of the request or by `submission.refused`."""
    data = data_of(**uploaded(way, b"Bescheid"))
    for changed, code, field in WRONG:
        assert way.say(an_event("procedure.submitted", **changed), data) == (code, field), changed


def test_a_wrong_field_of_the_data_is_named(way: ByHttp) -> None:
    """Missing, of another form, or no JSON at all."""
    for data, code, field in WRONG_DATA:
        assert way.say(an_event("procedure.submitted"), data) == (code, field), data[:80]


def test_what_cannot_be_is_refused_with_its_reason(way: ByHttp) -> None:
    """An unknown delivery, and an id that was used for other content."""
    unknown = data_of(delivery=str(uuid.uuid4()))
    assert way.say(an_event("procedure.acknowledged"), unknown) == ("unknown_delivery", "delivery")
    first = uploaded(way, b"Bescheid")
    assert way.say(an_event("procedure.submitted"), data_of(**first)) == ("", "")
    other = uploaded(way, b"Anderes") | {"submission": first["submission"]}
    assert way.say(an_event("procedure.submitted"), data_of(**other))[0] == "submission_reused"


def test_a_refusal_says_whose_it_is_why_and_in_german(topic: ByTopic) -> None:
    """The writer finds its own ids, the reason for a machine and a sentence for people; the record is dead as well."""
    said = uploaded(topic, b"Bescheid") | {"sha256": "x"}
    topic.say(an_event("procedure.submitted"), data_of(**said))
    [event] = topic.inbox()
    assert event["type"] == "poststelle.submission.refused.v1"
    assert event["data"] == {
        "submission": said["submission"],
        "reason_codes": ["bad_data"],
        "field": "sha256",
        "sentence": "Die Daten des Ereignisses passen nicht zu ihrem Schema.",
    }
    assert topic.dead() == 1


def test_a_refusal_of_an_answer_names_delivery_and_event(topic: ByTopic) -> None:
    """Where the record has no submission, the event's own id stands there, and the delivery beside it."""
    delivery, event_id = str(uuid.uuid4()), str(uuid.uuid4())
    topic.say(an_event("procedure.acknowledged", id=event_id), data_of(delivery=delivery))
    [event] = topic.inbox()
    assert (event["data"]["submission"], event["data"]["delivery"]) == (event_id, delivery)


def test_a_record_that_comes_again_is_refused_once(topic: ByTopic) -> None:
    """The same record is the same refusal under the same id; another one of the same id is another."""
    attributes = an_event("procedure.submitted", id="1")
    for data in (b"{", b"{", b"["):
        topic.say(attributes, data)
    ids = [event["id"] for event in topic.inbox()]
    assert len(ids) == len(set(ids)) == 2


def test_a_record_without_readable_attributes_is_answered_too(topic: ByTopic) -> None:
    """The topic says whose it is; the loop goes on."""
    broken: tuple[tuple[str, bytes], ...] = (("ce_specversion", b"1.0"), ("ce_source", b"\xff"))
    for number, headers in enumerate(((), broken[1:], broken)):  # without an id the content tells records apart
        code, field = topic.write(headers, bytes([number]))
        assert code == f"bad_{field}", headers
    assert topic.say(an_event("procedure.submitted"), data_of(**uploaded(topic, b"x"))) == ("", "")


def test_what_is_too_large_is_refused(topic: ByTopic) -> None:
    """As by HTTP, where it is 413."""
    assert topic.say(an_event("procedure.submitted"), b" " * 70_000)[0] == "too_large"
