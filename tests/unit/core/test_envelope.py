"""The envelope: what stands in the headers of a record, and what is refused there."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.core.errors import EventBroken, EventNewer
from services.core.messages.envelope import NAMESPACE, Cause, Event, Message, decode, encode, event_id
from services.core.messages.events import DocumentIndexed
from services.core.messages.topics import emit

FACTS = DocumentIndexed(document=f"d{0:026d}", version=7)
EVENT = emit(FACTS, cause=Cause("main", "c1"), service="indexing", now=datetime(2026, 11, 22, 7, 14, tzinfo=UTC))
TIMES = st.datetimes(timezones=st.builds(timezone, st.builds(timedelta, minutes=st.integers(-1439, 1439))))
REFUSED = [
    ("ce_specversion", b"0.3", "no_cloudevent"),
    ("ce_id", None, "no_cloudevent"),
    ("ce_type", None, "no_cloudevent"),
    ("ce_source", None, "no_cloudevent"),
    ("ce_time", None, "no_cloudevent"),
    ("ce_id", b"\xff", "headers"),
    ("ce_source", b"/main", "source"),
    ("ce_source", b"/main/indexing/more", "source"),
    ("ce_type", b"poststelle.document.lost.v1", "unknown_type"),
    ("ce_type", b"poststelle.document.indexed.vx", "unknown_type"),
    ("ce_time", b"yesterday", "time"),
    ("ce_time", b"2026-11-22T07:14:00", "time"),
]


def with_header(name: str, value: bytes | None) -> Message:
    """The record of the event with another value of one header, or without it."""
    message = encode(EVENT)
    kept = [header for header in message.headers if header[0] != name]
    return replace(message, headers=(*kept, *([(name, value)] if value is not None else [])))


@given(now=TIMES.filter(lambda time: 1 < time.year < 9999))
def test_the_time_is_told_in_utc_with_milliseconds(now: datetime) -> None:
    """Whatever the zone and the microseconds, three digits and a Z stand there, and the same millisecond is read."""
    event = replace(EVENT, time=now)
    told = dict(encode(event).headers)["ce_time"].decode()
    assert told == f"{now.astimezone(UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
    assert timedelta(0) <= now - decode(encode(event)).time < timedelta(milliseconds=1)


@pytest.mark.parametrize("event", [EVENT, replace(EVENT, trace="00-1-2-01", replay=3), replace(EVENT, key="main/1.2")])
def test_what_is_encoded_is_decoded(event: Event) -> None:
    """Trace, replay and another key than the document survive."""
    assert decode(encode(event)) == event


@pytest.mark.parametrize(("name", "value", "code"), REFUSED)
def test_a_broken_head_is_refused_with_its_reason(name: str, value: bytes | None, code: str) -> None:
    """A record is no event of ours where an attribute is missing or is not what it has to be."""
    with pytest.raises(EventBroken) as refused:
        decode(with_header(name, value))
    assert refused.value.code == code


def test_data_that_break_the_schema_are_refused() -> None:
    """The value is validated against the facts of its type."""
    with pytest.raises(EventBroken) as refused:
        decode(replace(encode(EVENT), value=b'{"document":"Erika","version":7}'))
    assert refused.value.code == "schema"


def test_a_later_version_is_for_our_successors() -> None:
    """A version above ours is no broken event."""
    with pytest.raises(EventNewer):
        decode(with_header("ce_type", b"poststelle.document.indexed.v2"))


def test_without_a_partition_key_the_key_of_the_record_counts() -> None:
    """A procedure that writes for itself may leave the extension out."""
    assert decode(with_header("ce_partitionkey", None)).key == encode(EVENT).key


@given(st.text(), st.text(), st.integers(0, 9))
def test_ids_are_those_of_the_standard(cause: str, name: str, ordinal: int) -> None:
    """An id is the UUIDv5 of RFC 9562: logs hold ids of years, and other languages make them too."""
    assert event_id(cause, name, ordinal) == str(uuid.uuid5(NAMESPACE, f"{cause}/{name}/{ordinal}"))
