"""A test message: sent by whoever administers, acknowledged like a delivery, and never a document nor a count."""

import json
import threading
import time
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import poststelle
from services.cli.errors import Refused
from services.core.messages import topics
from services.core.messages.events import ProcedureTested
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from services.runtime.context.service import Context
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.hooked import courier, hook, sent
from tests.component.test_procedures import filed
from tests.component.two_ways import ByHttp, ByTopic, an_event, data_of
from tests.component.webhook_receiver import Receiver

NAME = "bauverfahren"
MINE = f"{API}/procedures/{NAME}"
TESTED = "poststelle.procedure.tested.v1"


@pytest.fixture
def admin(hall: CityHall) -> Browser:
    """Who administers the mail room."""
    return hall.key("administer")


@pytest.fixture(params=[ByHttp, ByTopic])
def way(request: pytest.FixtureRequest, hall: CityHall) -> Any:
    """A procedure that is given what is filed below 52, on one way or the other."""
    register(Procedure(name=NAME, positions=("52",), answer_days=1), hall.contexts["procedures"])
    return request.param(hall, NAME)


def sent_test(admin: Browser) -> dict[str, Any]:
    """A test message as the API tells of it."""
    answer = admin.ask("POST", f"{MINE}/tests")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def shown(admin: Browser, delivery: str) -> dict[str, Any]:
    """What became of it."""
    made: dict[str, Any] = admin.get(f"{MINE}/tests/{delivery}").json()
    return made


def test_it_is_acknowledged_as_a_delivery_is(hall: CityHall, admin: Browser, way: ByHttp) -> None:
    """Whichever way it is answered, a repeat too; another answer is refused, as with a delivery."""
    made = sent_test(admin)
    assert (made["answered"], made["reference_key"]) == (False, None)
    [event] = way.inbox()
    assert (event["type"], event["data"]) == (TESTED, {"delivery": made["delivery"]})
    (published,) = (one for one in hall.log.published if isinstance(one.facts, ProcedureTested))
    assert (published.topic, published.id) == (topics.inbox_of(NAME), event["id"])
    said = data_of(delivery=made["delivery"], reference_key="BV-2026-0001")
    for _ in range(2):
        assert way.say(an_event("procedure.acknowledged"), said) == ("", "")
    told = shown(admin, made["delivery"])
    assert (told["answered"], told["reference_key"], told["reason_code"]) == (True, "BV-2026-0001", None)
    other = data_of(delivery=made["delivery"], reason_code="not_ours")
    assert way.say(an_event("procedure.rejected"), other)[0] == "already_answered"


def test_it_may_be_rejected(admin: Browser, way: ByHttp) -> None:
    """So the other answer is tried as well; nobody has to look at anything."""
    delivery = sent_test(admin)["delivery"]
    assert way.say(an_event("procedure.rejected"), data_of(delivery=delivery, reason_code="only_a_test")) == ("", "")
    assert shown(admin, delivery)["reason_code"] == "only_a_test"


def test_it_is_no_document_and_counts_nowhere(hall: CityHall, admin: Browser, way: ByHttp) -> None:
    """Neither answered nor unanswered it is among the deliveries; no record, no receipt, no dead letter comes of it."""
    document = filed(hall, "52.10")
    before = admin.get(MINE).json()
    receipts = hall.key("search", all_offices=True).get(f"{API}/receipts").json()["items"]
    answered, _ = sent_test(admin)["delivery"], sent_test(admin)
    number = data_of(delivery=answered, reference_key="BV-2026-0815")
    assert way.say(an_event("procedure.acknowledged"), number) == ("", "")
    after = admin.get(MINE).json()
    assert after == before | {"lines": before["lines"] + 2}
    for state in ("unanswered", "rejected"):
        items = admin.get(f"{MINE}/deliveries?state={state}").json()["items"]
        assert [item["document"] for item in items] == ([document] if state == "unanswered" else [])
    assert hall.key("search", all_offices=True).get(f"{API}/receipts").json()["items"] == receipts
    assert "BV-2026-0815" not in hall.key("search", all_offices=True).get(f"{API}/documents/{document}").text
    assert not getattr(way, "dead", lambda: 0)()


def test_a_webhook_is_sent_it(hall: CityHall, outgoing: Context, admin: Browser, receiver: Receiver) -> None:
    """Signed, as all else, and the same event as by long poll."""
    secret = hook(admin, receiver.url)
    made = sent_test(admin)
    sent(courier(outgoing))
    [post] = receiver.posts
    assert (post.event["type"], post.event["data"]["delivery"]) == (TESTED, made["delivery"])
    assert post.is_signed_by(secret)
    assert [post.event] == ByHttp(hall, NAME).inbox()


def test_a_test_of_nobody_or_of_a_paused_one_is_refused(hall: CityHall, admin: Browser, way: ByHttp) -> None:
    """And only who administers may send one."""
    assert admin.ask("POST", f"{API}/procedures/nobody/tests").status_code == 404
    admin.ask("POST", f"{MINE}/pause")
    answer = admin.ask("POST", f"{MINE}/tests")
    assert (answer.status_code, answer.json()["code"]) == (409, "procedure_paused")
    assert way.client.ask("POST", f"{MINE}/tests").status_code == 403
    assert admin.get(f"{MINE}/tests/{'0' * 8}-0000-4000-8000-{'0' * 12}").status_code == 404


def test_command_waits_for_the_answer(hall: CityHall, options: list[str]) -> None:
    """It says after how long; where none comes it fails and says where the message is."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    silent = CliRunner().invoke(poststelle, ["procedure", "test", NAME, "--wait", "0", *options])
    assert isinstance(silent.exception, Refused)
    assert "has not answered the test" in silent.exception.sentence
    procedure = ByHttp(hall, NAME)

    def answer() -> None:
        while len(found := procedure.inbox()) < 2:
            time.sleep(0.05)
        procedure.say(an_event("procedure.acknowledged"), data_of(delivery=found[1]["data"]["delivery"]))

    answering = threading.Thread(target=answer, daemon=True)
    answering.start()
    done = CliRunner().invoke(poststelle, ["procedure", "test", NAME, "--wait", "60", *options])
    answering.join(60)
    assert done.exit_code == 0, done.output
    assert f"{NAME} acknowledged it, after " in done.output
    told = CliRunner().invoke(poststelle, ["procedure", "show", NAME, "--json", *options])
    assert json.loads(told.output)["unanswered"] == 0
