"""A procedure for life: paused, resumed, told again, shown, its key changed, removed."""

from datetime import timedelta
from typing import Any

import pytest

from services.core.messages import topics
from services.core.messages.events import ProcedureDelivered
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.surroundings import Shifted
from tests.component.test_procedures import filed, say, speaker

NAME = "bauverfahren"
MINE = f"{API}/procedures/{NAME}"


@pytest.fixture
def ours(hall: CityHall) -> Browser:
    """A procedure that is given what is filed below 52."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    return speaker(hall, NAME)


@pytest.fixture
def admin(hall: CityHall) -> Browser:
    """Who administers the mail room."""
    return hall.key("administer")


def told(client: Browser, **asked: str) -> list[str]:
    """The documents in the inbox."""
    answer = client.ask("GET", f"{MINE}/inbox", params=asked)
    assert answer.status_code == 200, answer.text
    return [event["data"]["document"] for event in answer.json()["items"]]


def published(hall: CityHall) -> list[str]:
    """The documents of the deliveries on its topic, each time they were told."""
    events = [event for event in hall.log.published if event.topic == topics.inbox_of(NAME)]
    return [event.facts.document for event in events if isinstance(event.facts, ProcedureDelivered)]


def test_what_is_filed_while_it_is_paused_waits_for_it(
    hall: CityHall, ours: Browser, admin: Browser, clock: Shifted
) -> None:
    """Neither way tells it anything meanwhile, and it says nothing; resumed, it has all, once and in order."""
    first = filed(hall, "52.10", "Erstes")
    clock.ahead += timedelta(minutes=1)
    assert admin.ask("POST", f"{MINE}/pause").json()["paused_since"]
    clock.ahead += timedelta(minutes=1)
    others = [filed(hall, "52.10", subject) for subject in ("Zweites", "Drittes")]
    for refused in (ours.get(f"{MINE}/inbox"), say(ours, "procedure.acknowledged", delivery="x")):
        assert (refused.status_code, refused.json()["code"]) == (409, "procedure_paused")
    assert published(hall) == [first]
    assert not hall.contexts["procedures"].procedures.names
    assert admin.ask("POST", f"{MINE}/resume").json()["paused_since"] is None
    assert told(ours) == [first, *others]
    assert published(hall) == [first, *others]
    assert list(hall.contexts["procedures"].procedures.names) == [NAME]


def test_a_change_of_its_places_does_not_resume_it(
    hall: CityHall, ours: Browser, admin: Browser, clock: Shifted
) -> None:
    """Registered anew, a paused one is paused; and to pause it twice or to resume it twice changes nothing."""
    since = admin.ask("POST", f"{MINE}/pause").json()["paused_since"]
    clock.ahead += timedelta(minutes=1)
    assert admin.ask("PUT", MINE, json={"positions": ["52.10"]}).json()["paused_since"] == since
    assert admin.ask("POST", f"{MINE}/pause").json()["paused_since"] == since
    for _ in range(2):
        assert admin.ask("POST", f"{MINE}/resume").json()["paused_since"] is None
    assert told(ours) == []


def test_it_is_told_again_from_a_moment_on(hall: CityHall, ours: Browser, admin: Browser, clock: Shifted) -> None:
    """By HTTP it asks for itself; on Kafka the operator has it told again, under the same ids."""
    documents, moments = [], []
    for subject in ("Erstes", "Zweites", "Drittes"):
        moments.append(clock.now())
        documents.append(filed(hall, "52.10", subject))
        clock.ahead += timedelta(hours=1)
    assert told(ours, since=moments[1].isoformat()) == documents[1:]
    assert told(ours, since=clock.now().isoformat()) == []
    answer = admin.ask("POST", f"{MINE}/replays", json={"since": moments[2].isoformat()})
    assert answer.json() == {"first": 3, "last": 3}
    assert published(hall) == [*documents, documents[2]]
    assert admin.ask("POST", f"{MINE}/replays", json={"since": "gestern"}).status_code == 400


def test_its_standing_is_shown(hall: CityHall, ours: Browser, admin: Browser, clock: Shifted) -> None:
    """How many lines its inbox has, and what it has not answered since when."""
    filed(hall, "52.10", "Erstes")
    clock.ahead += timedelta(hours=1)
    second = clock.now()
    filed(hall, "52.10", "Zweites")
    deliveries = [event["data"]["delivery"] for event in ours.get(f"{MINE}/inbox").json()["items"]]
    assert say(ours, "procedure.acknowledged", delivery=deliveries[0]).status_code == 202
    shown = admin.get(MINE).json()
    assert (shown["lines"], shown["deliveries"], shown["unanswered"]) == (2, 2, 1)
    assert shown["oldest_unanswered"] >= second.isoformat()[:19]
    assert shown["positions"] == ["52"]
    assert ours.get(MINE).status_code == 403


def test_a_removed_one_is_nobody(hall: CityHall, ours: Browser, admin: Browser) -> None:
    """It is given nothing more, its keys open nothing, not even what was delivered; unknown names are 404."""
    document = filed(hall, "52.10")
    assert ours.get(f"{API}/documents/{document}/original").status_code == 200
    assert admin.ask("DELETE", MINE).json() == {"name": NAME, "removed": True}
    assert ours.get(f"{MINE}/inbox").status_code == 401
    assert ours.get(f"{API}/documents/{document}/original").status_code == 401
    filed(hall, "52.10", "Danach")
    assert published(hall) == [document]
    answers: list[Any] = [admin.ask("DELETE", MINE), admin.get(MINE), admin.ask("POST", f"{MINE}/pause")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_what_is_not_answered_or_rejected_is_listed(hall: CityHall, ours: Browser, admin: Browser) -> None:
    """Each with its file; what was acknowledged is on neither list, and a rejection stands there with its reason."""
    documents = [filed(hall, "52.10", subject) for subject in ("Erstes", "Zweites", "Drittes")]
    events = {event["data"]["document"]: event["data"] for event in ours.get(f"{MINE}/inbox").json()["items"]}
    first, second, third = (events[document] for document in documents)
    say(ours, "procedure.acknowledged", delivery=first["delivery"])
    say(ours, "procedure.rejected", delivery=second["delivery"], reason_code="not_ours")
    (waiting,) = admin.get(f"{MINE}/deliveries").json()["items"]
    assert (waiting["document"], waiting["file"], waiting["entry"]) == (documents[2], third["file"], third["entry"])
    (rejected,) = admin.ask("GET", f"{MINE}/deliveries", params={"state": "rejected"}).json()["items"]
    assert (rejected["document"], rejected["reason_code"]) == (documents[1], "not_ours")
