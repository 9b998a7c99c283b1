"""Documents judged anew: a list of differences first, then applied, then taken back; a clerk's decision stays."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import poststelle
from services.core.model import record
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail

DIFFERENCES, RUNS = f"{API}/classification/differences", f"{API}/classification/runs"


@pytest.fixture
def administrator(hall: CityHall) -> Browser:
    """May do all that is needed here, and sees every letter."""
    return hall.key("administer", "search", "decide", all_offices=True)


def with_rule(hall: CityHall, administrator: Browser, word: str, code: str) -> None:
    """The hall's plan with a rule at a position, as a new version."""
    given: Any = PLAN["positions"]
    positions = [p | {"rules": [{"words": [word]}]} if p["code"] == code else p for p in given]
    plan = PLAN | {"positions": positions, "version": f"{word}-{code}"}
    assert administrator.ask("PUT", f"{API}/plan", content=json.dumps(plan).encode()).status_code == 200


def standing(hall: CityHall, document: str) -> tuple[str, str, str]:
    """State, office and file of a document, by its record."""
    found = record.load(hall.ports.blobs, hall.settings.tenant, document)
    now = record.standing(found)
    return now.state, now.office, now.filings[-1].file or "" if now.filings else ""


def first(hall: CityHall, document: str) -> str:
    """The position that is proposed first."""
    found = record.load(hall.ports.blobs, hall.settings.tenant, document)
    return (
        found.classification.candidates[0].position if found.classification and found.classification.candidates else ""
    )


def seen(answer: Any) -> dict[str, Any]:
    """The body of a run for the differences of a dry run."""
    return {"documents": [{k: d[k] for k in ("document", "version")} for d in answer["differences"]]}


def a_file(hall: CityHall, administrator: Browser, subject: str) -> str:
    """The number of a file that a clerk opened at 52.10."""
    path = f"{API}/documents/{hall.deliver(a_mail(subject))['document']}"
    wish = {"action": "file", "position": "52.10"}
    headers = {"If-Match": administrator.get(path).headers["etag"]}
    assert administrator.post(f"{path}/decisions", json=wish, headers=headers).status_code == 202
    return str(administrator.get(path).json()["filings"][0]["file"])


def test_dry_run_says_what_would_change_and_changes_nothing(hall: CityHall, administrator: Browser) -> None:
    """A new rule leads one letter elsewhere; the other is the same; versions and records stay."""
    carport = hall.deliver(a_mail("Carport", "Wir bauen."))["document"]
    other = hall.deliver(a_mail("Gruß", "Nur ein Gruß."))["document"]
    with_rule(hall, administrator, "Carport", "52.10")
    before = record.load(hall.ports.blobs, "main", carport)
    answer = administrator.post(DIFFERENCES, json={"documents": [carport, other]})
    assert answer.status_code == 200, answer.text
    (difference,) = answer.json()["differences"]
    assert (difference["document"], difference["effect"]) == (carport, "passes_on")
    assert (difference["before"]["position"], difference["after"]["position"]) == ("", "52.10")
    assert answer.json()["left"] == {other: "same"}
    assert record.load(hall.ports.blobs, "main", carport) == before


def test_run_is_applied_and_taken_back(hall: CityHall, administrator: Browser) -> None:
    """The letter goes to the office of its new proposal, and back to where it waited; asking twice changes nothing."""
    document = hall.deliver(a_mail("Carport", "Wir bauen."))["document"]
    assert standing(hall, document) == ("held", "poststelle", "")
    with_rule(hall, administrator, "Carport", "52.10")
    asked = seen(administrator.post(DIFFERENCES, json={"documents": [document]}).json())
    run = administrator.post(RUNS, json=asked).json()
    assert (standing(hall, document), first(hall, document)) == (("held", "bauamt", ""), "52.10")
    version = record.load(hall.ports.blobs, "main", document).version
    assert administrator.post(RUNS, json=asked).json()["run"] == run["run"]
    assert record.load(hall.ports.blobs, "main", document).version == version
    undone = administrator.post(f"{RUNS}/{run['run']}/undo")
    assert undone.json()["left"] == {}
    assert (standing(hall, document), first(hall, document)) == (("held", "poststelle", ""), "")
    assert administrator.post(DIFFERENCES, json={"documents": [document]}).json()["differences"] != []


def test_what_a_run_filed_waits_again_when_it_is_taken_back(hall: CityHall, administrator: Browser) -> None:
    """A number that named no file names one later: the run files the letter, taking it back lets it wait."""
    template = a_file(hall, administrator, "Erster Antrag")
    following = template.replace("/1-", "/2-")
    document = hall.deliver(a_mail("Nachtrag", f"Ihr Zeichen: {following}"))["document"]
    assert standing(hall, document)[0] == "held"
    assert a_file(hall, administrator, "Zweiter Antrag") == following
    compared = administrator.post(DIFFERENCES, json={"documents": [document]}).json()
    assert [(d["effect"], d["after"]["file"]) for d in compared["differences"]] == [("files", following)]
    run = administrator.post(RUNS, json=seen(compared)).json()["run"]
    assert standing(hall, document) == ("filed", "bauamt", following)
    assert administrator.post(f"{RUNS}/{run}/undo").status_code == 200
    assert standing(hall, document)[0] == "held"
    register = administrator.get(f"{API}/files/{following}").json()["items"]
    assert [(line["entry"], line["state"]) for line in register] == [(1, "filed"), (2, "moved")]
    again = administrator.post(DIFFERENCES, json={"documents": [document]}).json()
    administrator.post(RUNS, json=seen(again))
    assert standing(hall, document) == ("filed", "bauamt", following)
    assert len(administrator.get(f"{API}/files/{following}").json()["items"]) == 2


def test_clerks_decision_is_never_touched(hall: CityHall, administrator: Browser) -> None:
    """Before the run it leaves the document out, after it the undo does; a version that went on is left too."""
    document = hall.deliver(a_mail("Carport", "Wir bauen."))["document"]
    with_rule(hall, administrator, "Carport", "52.10")
    asked = seen(administrator.post(DIFFERENCES, json={"documents": [document]}).json())
    run = administrator.post(RUNS, json=asked).json()["run"]
    path = f"{API}/documents/{document}"
    headers = {"If-Match": administrator.get(path).headers["etag"]}
    wish = {"action": "file", "position": "20.1"}
    assert administrator.post(f"{path}/decisions", json=wish, headers=headers).status_code == 202
    filed = standing(hall, document)
    assert administrator.post(f"{RUNS}/{run}/undo").json()["left"] == {document: "decided"}
    assert administrator.post(DIFFERENCES, json={"documents": [document]}).json()["left"] == {document: "decided"}
    assert standing(hall, document) == filed
    other = hall.deliver(a_mail("Carport", "Noch einer."))["document"]
    stale = {"documents": [{"document": other, "version": 1}]}
    assert administrator.post(RUNS, json=stale).json()["left"] == {other: "changed"}


def test_only_who_may_and_only_what_one_may_see(hall: CityHall, administrator: Browser) -> None:
    """Without the right 403; another office's letters are not there; nobody's run is 404; too many are 400."""
    document = hall.deliver(a_mail("Carport", "Wir bauen."))["document"]
    assert hall.key("search", "decide").post(DIFFERENCES, json={"documents": [document]}).status_code == 403
    narrow = hall.key("administer", offices=("kasse",))
    assert narrow.post(DIFFERENCES, json={"documents": [document]}).json() == {
        "differences": [], "left": {document: "not_found"}, "run": "",
    }  # fmt: skip
    assert administrator.post(f"{RUNS}/{'0' * 8}-0000-0000-0000-{'0' * 12}/undo").status_code == 404
    assert administrator.post(f"{RUNS}/..%2f..%2faccounts/undo").status_code in (400, 404)
    assert administrator.post(DIFFERENCES, json={"documents": [document] * 101}).status_code == 400
    assert administrator.post(DIFFERENCES, json={"documents": ["../x"]}).status_code == 400


def test_run_whose_news_could_not_be_told_goes_on(hall: CityHall, administrator: Browser) -> None:
    """With the log away it is 503; asked for again it tells of what is stored, once."""
    document = hall.deliver(a_mail("Carport", "Wir bauen."))["document"]
    with_rule(hall, administrator, "Carport", "52.10")
    asked = seen(administrator.post(DIFFERENCES, json={"documents": [document]}).json())
    hall.log.away = True
    assert administrator.post(RUNS, json=asked).status_code == 503
    hall.log.away = False
    assert standing(hall, document)[1] == "poststelle"
    assert administrator.post(RUNS, json=asked).status_code == 200
    assert standing(hall, document) == ("held", "bauamt", "")


def test_command_compares_applies_and_takes_back(hall: CityHall, administrator: Browser, options: list[str]) -> None:
    """`reclassify diff`, `apply` and `undo` over what a query finds; each says what it did and how much was left."""
    document = hall.deliver(a_mail("Carport", "Wir bauen."))["document"]
    with_rule(hall, administrator, "Carport", "52.10")

    def run(*arguments: str) -> str:
        answer = CliRunner().invoke(poststelle, ["reclassify", *arguments, *options])
        assert answer.exit_code == 0, answer.output
        return answer.output

    sentence = f"{document} waits at bauamt instead of poststelle\n1 differ\n"
    assert run("diff", "status:held") == sentence
    assert standing(hall, document)[1] == "poststelle"
    first_line, rest = run("apply", "status:held").split("\n", 1)
    assert rest == sentence
    assert run("diff", "status:held") == "0 differ; left: 1 same\n"
    assert "1 differ" in run("undo", first_line.removeprefix("run "))
    assert standing(hall, document)[1] == "poststelle"
