"""Searches that a procedure keeps: their new hits come into its inbox, and none that is not its to see."""

from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import poststelle
from services.core.messages import topics
from services.core.messages.events import SearchMatched
from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from services.runtime.context.service import Context
from services.search.saved import keeping, looking, matching
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.hooked import courier, hook, sent
from tests.component.test_procedures import decide, filed
from tests.component.two_ways import ByHttp, ByTopic, an_event, data_of
from tests.component.webhook_receiver import Receiver

NAME, OTHER = "bauverfahren", "kassenverfahren"
SEARCHES = f"{API}/procedures/{NAME}/searches"
MATCHED = "poststelle.search.matched.v1"
FENCES = {"name": "Zäune", "q": "Zaun"}


@pytest.fixture(params=[ByHttp, ByTopic])
def way(request: pytest.FixtureRequest, hall: CityHall) -> Any:
    """A procedure that is given what is filed below 52 up to level 2, on one way or the other; one of the treasury."""
    register(Procedure(name=NAME, positions=("52",), protection=2), hall.contexts["procedures"])
    register(Procedure(name=OTHER, positions=("20",)), hall.contexts["procedures"])
    return request.param(hall, NAME)


def kept(way: ByHttp, **wanted: Any) -> str:
    """A search of the procedure's own."""
    answer = way.client.ask("POST", SEARCHES, json=FENCES | wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["search"])


def looked(hall: CityHall) -> None:
    """A round over all searches, and what follows of it."""
    hall.work()
    matching.tell_matches(hall.contexts["search"])
    hall.work()


def matches(way: ByHttp) -> list[tuple[str, str]]:
    """Which search told the procedure of which document, in order."""
    found = [event["data"] for event in way.inbox() if event["type"] == MATCHED]
    return [(data["search"], data["document"]) for data in found]


def test_a_new_hit_at_its_places_is_told_once(hall: CityHall, way: ByHttp) -> None:
    """On Kafka under the same id as by HTTP; what it found before is known, what lies elsewhere is not its."""
    filed(hall, "52.10", "Zaun von früher")
    hall.work()
    search = kept(way)
    looked(hall)
    assert matches(way) == []
    mine = filed(hall, "52.10", "Zaun am Mühlweg")
    filed(hall, "20.1", "Zaun der Kasse")
    hall.deliver(a_mail("Zaun, den niemand abgelegt hat"))
    filed(hall, "52.10", "Mauer am Mühlweg")
    for _ in range(2):
        looked(hall)
    assert matches(way) == [(search, mine)]
    [event] = [event for event in way.inbox() if event["type"] == MATCHED]
    assert event["data"] == {"document": mine, "procedure": NAME, "search": search}
    told = [one for one in hall.log.published if isinstance(one.facts, SearchMatched)]
    assert {one.id for one in told} == {event["id"]}
    assert {one.topic for one in told} == {topics.MATCHED, topics.inbox_of(NAME)}
    assert MATCHED not in [event["type"] for event in ByHttp(hall, OTHER).inbox()]


def test_a_letter_becomes_a_hit_whenever_it_is_filed_there(hall: CityHall, way: ByHttp) -> None:
    """It arrived before the search was kept, and is filed after it."""
    document = hall.deliver(a_mail("Zaun im Wartestand"))["document"]
    hall.work()
    search = kept(way)
    looked(hall)
    assert matches(way) == []
    decide(hall, document, action="file", position="52.10")
    looked(hall)
    assert matches(way) == [(search, document)]


def test_what_it_was_told_of_it_may_read_while_it_is_there(hall: CityHall, way: ByHttp) -> None:
    """Also what was filed before it took part, and so was never delivered; not once it is filed elsewhere."""
    register(Procedure(name=NAME, positions=("20",)), hall.contexts["procedures"])
    document = filed(hall, "52.10", "Zaun von früher")
    hall.work()
    original = f"{API}/documents/{document}/original"
    assert way.client.ask("GET", original).status_code == 404
    search = kept(way)
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    looked(hall)
    assert matches(way) == [(search, document)]
    assert b"Zaun von" in way.client.ask("GET", original).content
    decide(hall, document, action="move", position="20.1")
    hall.work()
    assert way.client.ask("GET", original).status_code == 404


def test_nothing_above_its_level_or_moved_on_meanwhile_is_told(hall: CityHall, way: ByHttp) -> None:
    """Asked of the index with its level; what was found, and is elsewhere when it would be told, is not told."""
    search = kept(way)
    context = hall.contexts["search"]
    one = hall.contexts["procedures"].procedures.named(NAME)
    assert one
    caller = matching.owner_of(context, one)
    document = filed(hall, "20.1", "Zaun auf Reisen")
    hall.work()
    matching._publish(context, caller, keeping.one_of(context, caller, search), [document])
    hall.work()
    assert matches(way) == []
    viewer = caller.viewer
    assert (viewer.places, viewer.protection) == (frozenset({"52"}), 2)
    assert not viewer.offices
    assert not viewer.all_offices


def test_its_own_letter_is_not_told_back(hall: CityHall, way: ByHttp) -> None:
    """As it is not delivered back either."""
    kept(way)
    content = b"Zaun, vom Fachverfahren selbst"
    upload = way.client.ask("POST", f"{API}/procedures/{NAME}/uploads", content=content).json()
    said = data_of(submission="00000000-0000-4000-8000-000000000001", upload=upload["upload"], sha256=upload["sha256"])
    assert way.say(an_event("procedure.submitted"), said) == ("", "")
    hall.work()
    [accepted] = [event for event in way.inbox() if event["type"] == "poststelle.submission.accepted.v1"]
    receipt = hall.key("search", all_offices=True).get(f"{API}/receipts/{accepted['data']['receipt']}").json()
    decide(hall, receipt["document"], action="file", position="52.10")
    looked(hall)
    assert matches(way) == []


def test_all_of_very_many_hits_are_told(hall: CityHall, way: ByHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than are remembered by name, over several pages; each once."""
    for name, value in {"REMEMBERED": 2, "PAGE": 2}.items():
        monkeypatch.setattr(looking, name, value)
    monkeypatch.setattr(matching, "PAGE", 2)
    monkeypatch.setattr(matching, "KNOWN_AT_MOST", 3)
    search = kept(way)
    there = {filed(hall, "52.10", f"Zaun {number}") for number in range(7)}
    for _ in range(2):
        looked(hall)
    assert sorted(matches(way)) == sorted((search, document) for document in there)
    late = filed(hall, "52.10", "Zaun 8")
    looked(hall)
    assert matches(way)[7:] == [(search, late)]


def test_a_webhook_is_sent_it(hall: CityHall, outgoing: Context, receiver: Receiver) -> None:
    """Signed, as all else, and the same event as by long poll."""
    admin = hall.key("administer")
    way = ByHttp(hall, NAME)
    secret = hook(admin, receiver.url)
    search = kept(way)
    document = filed(hall, "52.10", "Zaun am Mühlweg")
    looked(hall)
    sent(courier(outgoing))
    [post] = [post for post in receiver.posts if post.event["type"] == MATCHED]
    assert post.event["data"] == {"document": document, "procedure": NAME, "search": search}
    assert post.is_signed_by(secret)
    assert post.event in way.inbox()


def test_of_two_processes_and_a_death_in_between_nothing_is_told_twice(hall: CityHall, way: ByHttp) -> None:
    """Whoever tells before it is put down as known leaves it to be told again: under the same id, by the same line."""
    search = kept(way)
    document = filed(hall, "52.10", "Zaun am Mühlweg")
    hall.work()
    context = hall.contexts["search"]
    one = hall.contexts["procedures"].procedures.named(NAME)
    assert one
    caller = matching.owner_of(context, one)
    (before,) = keeping.all_of(context, caller)
    matching.tell_matches(context)
    matching._publish(context, caller, before, [document])
    matching._tell(context, caller, before)
    hall.work()
    assert matches(way) == [(search, document)]


def test_only_itself_and_administrators_arrange_what_it_looks_for(hall: CityHall, way: ByHttp) -> None:
    """Another procedure's is not there; way and year of arrival are the office's to know."""
    search = kept(way)
    admin, other, clerk = hall.key("administer"), ByHttp(hall, OTHER).client, hall.key("search", all_offices=True)
    for client, expected in ((admin, 200), (way.client, 200), (other, 404), (clerk, 403)):
        assert client.ask("GET", SEARCHES).status_code == expected
        assert client.ask("DELETE", f"{SEARCHES}/{'0' * 8}").status_code == (404 if expected == 200 else expected)
    assert [one["search"] for one in admin.get(SEARCHES).json()["items"]] == [search]
    for wanted in (
        {"filter": ["kanal:mail"]},
        {"filter": ["jahr:2026"]},
        {"filter": ["bearbeitung:a-1"]},
        {"q": '"offen'},
        {"q": ""},
    ):
        answer = way.client.ask("POST", SEARCHES, json=FENCES | wanted)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_query"), wanted
    admin.ask("POST", f"{API}/procedures/{NAME}/pause")
    assert way.client.ask("GET", SEARCHES).status_code == 409
    assert admin.ask("GET", SEARCHES).status_code == 200


def test_a_removed_search_and_that_of_a_removed_procedure_end(hall: CityHall, way: ByHttp) -> None:
    """Nothing is told any more, and nothing of what was looked for stays in the store."""
    first, second = kept(way), kept(way, name="Mauern", q="Mauer")
    assert way.client.ask("DELETE", f"{SEARCHES}/{first}").status_code == 200
    filed(hall, "52.10", "Zaun am Mühlweg")
    mine = filed(hall, "52.10", "Mauer am Mühlweg")
    looked(hall)
    assert matches(way) == [(second, mine)]
    assert hall.key("administer").ask("DELETE", f"{API}/procedures/{NAME}").status_code == 200
    looked(hall)
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    assert hall.key("administer").get(SEARCHES).json()["items"] == []


def test_commands_keep_list_and_forget(hall: CityHall, way: ByHttp, options: list[str]) -> None:
    """By an administrator, whose words the index checks."""
    run = CliRunner()
    words = ["procedure", "search", "add", NAME, "Widersprüche", "Zaun", "--filter", "art:objection", *options]
    made = run.invoke(poststelle, words)
    assert made.exit_code == 0, made.output
    search = made.output.split("\t")[0]
    listed = run.invoke(poststelle, ["procedure", "search", "list", NAME, *options])
    assert listed.output == f"{search}\tWidersprüche\tZaun art:objection\n"
    gone = run.invoke(poststelle, ["procedure", "search", "remove", NAME, search, *options])
    assert gone.exit_code == 0, gone.output
    assert way.client.get(SEARCHES).json()["items"] == []
