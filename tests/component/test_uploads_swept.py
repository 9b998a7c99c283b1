"""Uploads that no submission waits with go after their time, and nothing else does."""

import uuid
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.core import keys
from services.core.keys import Bucket
from services.core.messages.procedures import Submitted
from services.core.model import record_files
from services.procedures.sweeping import Sweep
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall

NAME = "bauverfahren"


@pytest.fixture
def ours(hall: CityHall) -> Browser:
    """A procedure."""
    assert hall.key("administer").ask("PUT", f"{API}/procedures/{NAME}", json={"positions": ["52"]}).status_code == 201
    return Browser(hall.app, Authorization=f"Bearer {hall.access.add_procedure_key(NAME, NAME)}")


def later(hall: CityHall, days: int) -> Context:
    """The service so many days on."""
    context = hall.contexts["procedures"]
    clock = cast("Any", SimpleNamespace(now=lambda: hall.ports.clock.now() + timedelta(days=days)))
    ports = type(context.ports)(**{f: getattr(context.ports, f) for f in context.ports.__slots__} | {"clock": clock})
    return Context(
        service=context.service,
        ports=ports,
        settings=context.settings,
        configuration=context.configuration,
        log=context.log,
    )


def brought(ours: Browser, content: bytes) -> dict[str, Any]:
    """An upload."""
    answer: dict[str, Any] = ours.ask("POST", f"{API}/procedures/{NAME}/uploads", content=content).json()
    return answer


def lying(hall: CityHall) -> set[str]:
    """Uploads whose content or description is there."""
    found = set()
    for kind in ("content", "uploads"):
        below = f"main/procedures/{NAME}/{kind}/"
        found |= {Path(key).stem for key in hall.ports.blobs.keys(Bucket.RECORDS, below)}
    return found


def test_what_nobody_submits_goes_after_its_time(hall: CityHall, ours: Browser) -> None:
    """Content and description, not a day before; one that a submission without an outcome names stays."""
    left, waiting = brought(ours, b"left lying"), brought(ours, b"waits for its outcome")
    claim = Submitted(submission=str(uuid.uuid4()), upload=waiting["upload"], sha256=waiting["sha256"])
    key = keys.procedure("main", NAME, "submitted", claim.submission)
    hall.ports.blobs.create(Bucket.RECORDS, key, record_files.encode(claim))
    sweep = Sweep()
    sweep(later(hall, 6))
    assert lying(hall) == {left["upload"], waiting["upload"]}
    sweep(later(hall, 8))
    assert lying(hall) == {waiting["upload"]}


def test_content_that_was_never_described_goes_at_the_second_look(hall: CityHall, ours: Browser) -> None:
    """At the first it may be an upload under way; one that is described meanwhile stays."""
    died, under_way = str(uuid.uuid4()), brought(ours, b"under way")
    hall.ports.blobs.create(Bucket.RECORDS, keys.uploaded("main", NAME, died), b"of a process that died")
    description = under_way["metadata_key"]
    content = hall.ports.blobs.read(Bucket.RECORDS, description)
    hall.ports.blobs.delete(Bucket.RECORDS, description)
    sweep = Sweep()
    sweep(later(hall, 0))
    assert lying(hall) == {died, under_way["upload"]}
    hall.ports.blobs.create(Bucket.RECORDS, description, content)
    sweep(later(hall, 0))
    assert lying(hall) == {under_way["upload"]}


def test_a_description_that_nobody_can_read_holds_nothing_up(hall: CityHall, ours: Browser) -> None:
    """It stays and is told; the others go."""
    left, broken = brought(ours, b"left lying"), brought(ours, b"broken")
    hall.ports.blobs.delete(Bucket.RECORDS, broken["metadata_key"])
    hall.ports.blobs.create(Bucket.RECORDS, broken["metadata_key"], b"{")
    Sweep()(later(hall, 8))
    assert left["upload"] not in lying(hall)
    assert broken["upload"] in lying(hall)
