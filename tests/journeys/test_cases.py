"""The level between file and document on both stacks: one plan, one file, two Vorgänge, found by their signs."""

import json
from pathlib import Path

import pytest

from tests.journeys.filing import settled
from tests.journeys.instance import Api, Json
from tests.journeys.letters import a_mail
from tests.journeys.stacks import Stack

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]

POSITION = "52.10.02"


def _decide(process: Api, document: str, **place: str | int) -> None:
    version = process.get(f"/documents/{document}")["version"]
    answer = process.http.post(
        f"/documents/{document}/decisions",
        json={"action": "file", **place},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 202, answer.text


def _filed(process: Api, words: str, **place: str | int) -> tuple[str, Json]:
    """A letter that a clerk filed there: its document, and what its history says of the place."""
    receipt = process.send(a_mail(words))
    document = str(settled(process, receipt, "held")["document"])
    _decide(process, document, **place)
    told: Json = settled(process, receipt, "filed")["history"][-1]
    return document, told


def test_a_file_is_divided_and_its_parts_are_found(stack: Stack, tmp_path: Path) -> None:
    """Numbers count within the file, a second letter joins the first, and each sign finds what lies there."""
    process = stack.process
    plan, after = json.loads(process.command("plan", "export")), tmp_path / "after.json"
    for position in plan["positions"]:
        if position["code"] == POSITION:
            position.update(cases="optional", filing="case")
    after.write_text(json.dumps({**plan, "version": f"{plan['version']}-vorgaenge"}), encoding="utf-8")
    process.command("plan", "activate", str(after))
    first, told = _filed(process, "Erstes Schreiben zur Halle.", position=POSITION, case="new")
    file = str(told["file"])
    second, _ = _filed(process, "Zweites Schreiben zur Halle.", file=file, case=1)
    other, _ = _filed(process, "Etwas ganz anderes: der Zaun.", file=file, case="new")
    lines = process.get(f"/files/{file}")["items"]
    assert [(line["document"], line["case"]) for line in lines] == [(first, 1), (second, 1), (other, 2)]
    assert {hit["document"] for hit in process.search(f"vorgang:{file}#1")} == {first, second}
    assert [hit["document"] for hit in process.search(f"vorgang:{file}#2")] == [other]
    assert stack.dead_letters() == []
