"""`poststelle demo`, run for real: the searches find their letters, and the Posteingang holds what it should."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli.demo.letters import Letter, bulk, letters, with_numbers
from services.cli.demo.procedure import ANSWERED, NAME
from services.cli.demo.trying import SEARCHES, typed
from services.filing.workbench.proposals import CHOICES
from tests.journeys.demo_instance import COMMAND, DemoInstance, environment

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("journeys")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoInstance]:
    """A demo whose post is in; ended orderly, and without having touched the folder above its own."""
    with DemoInstance(tmp_path_factory.mktemp("demo")) as process:
        yield process


def _of(demo: DemoInstance) -> dict[str, tuple[Letter, dict[str, Any]]]:
    """Each letter with its document, by the document's id; a letter that came twice is one."""
    note = demo.note
    found = {}
    for letter in letters():
        receipt = demo.ask("GET", f"/receipts/{note.receipts[letter.id]}")
        document = demo.ask("GET", f"/documents/{receipt['document']}")
        found[receipt["document"]] = (with_numbers(letter, note.files), document)
    return found


def test_the_posteingang_holds_what_it_should_and_says_why(demo: DemoInstance) -> None:
    """Exactly the letters that wait stand there, each for its reason, its place among those offered."""
    found = _of(demo)
    listed = {item["document"]: item for item in _listed(demo)}
    expected = {document: letter for document, (letter, _) in found.items() if letter.waits}
    assert listed.keys() == expected.keys()
    told = {letter.id: _why(found[document][1]) for document, letter in expected.items()}
    # Where no rule leads, likeness may offer a place: which one is the business of its own tests.
    for one in expected.values():
        waits, offered, problem = told[one.id]
        assert (waits, problem) == (one.waits, one.problem), one.id
        assert not one.proposed or one.proposed in offered, one.id
    reasons = {letter.waits for letter in expected.values()}
    assert reasons == {"unsure", "unknown_number", "conflicting", "closed_position", "no_text", "system_notice"}


def test_what_names_a_file_stands_in_its_register(demo: DemoInstance) -> None:
    """Each file holds the letter that opened it, and behind it, filed by nobody's hand, those that name it."""
    found, note = _of(demo), demo.note
    for first in (letter for letter in letters() if letter.opens):
        register = demo.ask("GET", f"/files/{note.files[first.id]}")["items"]
        if first.id == ANSWERED:
            register = [line for line in register if line["document"] != _answer(demo)]
        in_bulk = [line for line in register if line["document"] not in found]
        assert len(in_bulk) == sum(letter.follows == first.id for letter in bulk())
        register = [line for line in register if line["document"] in found]
        opening, *others = (found[line["document"]][0] for line in register)
        assert opening.id == first.id
        assert {one.id for one in others} == {one.id for one in letters() if one.follows == first.id}
        for line in register[1:]:
            (filing,) = found[line["document"]][1]["filings"]
            assert (filing["file"], filing["by"]) == (note.files[first.id], "automation")
    assert [letter.id for letter, document in found.values() if document["state"] == "no_record"] == ["rundblick"]


def test_the_procedure_has_answered_in_the_file(demo: DemoInstance) -> None:
    """Its letter stands behind the application, both are found by the number that it gave, and it owes no answer."""
    document = demo.ask("GET", f"/documents/{_answer(demo)}")
    assert [filing["file"] for filing in document["filings"]] == [demo.note.files[ANSWERED]]
    standing = demo.ask("GET", f"/procedures/{NAME}")
    assert (standing["deliveries"] > 0, standing["unanswered"]) == (True, 0)
    hits = demo.ask("POST", "/search", json={"q": f'"BV-{demo.note.day:%Y}-00001"'})["items"]
    application = demo.ask("GET", f"/receipts/{demo.note.receipts[ANSWERED]}")["document"]
    assert {hit["document"] for hit in hits} == {application, _answer(demo)}


def test_what_came_in_bulk_balances(demo: DemoInstance) -> None:
    """Every sheet of the batch and every mail of the import is accounted for, and the report became the mail inside."""
    assert "7 = 3 of theirs + 1 separator + 2 cover sheets + 1 blank." in demo.said
    assert "3 = 2 taken + 1 known already." in demo.said
    batch, mail = (_in_bulk(demo, name) for name in ("batch", "journal"))
    assert (batch["state"], batch["sheets"]["faults"]) == ("no_record", [])
    parts = [demo.ask("GET", f"/documents/{part['document']}") for part in batch["sheets"]["documents"]]
    assert [part["filings"][0]["file"] for part in parts] == [
        demo.note.files[name] for name in ("schulbus", "kastanie")
    ]
    assert [part["part_of"]["pages"] for part in parts] == ["2\N{EN DASH}3", "6"]
    assert mail["mail"]["sender"].endswith("<emre.yildiz@postfach.example>")
    hits = demo.ask("POST", "/search", json={"q": "an:umweltamt Kiosk"})["items"]
    assert [hit["document"] for hit in hits] == [mail["document"]], "who got it by blind copy finds it"


def test_it_learns_from_a_clerk(demo: DemoInstance) -> None:
    """The second letter about a matter was proposed where a clerk had filed the first, and both lie in one file."""
    documents = [demo.ask("GET", f"/receipts/{receipt}")["document"] for receipt in demo.note.lesson.values()]
    first, second = (demo.ask("GET", f"/documents/{document}") for document in documents)
    assert first["candidates"][0]["position"] != "53.40.03"
    assert second["candidates"][0]["position"] == "53.40.03"
    reasons = {(one["kind"], one["document"]) for one in second["classification"]["evidence"]}
    assert ("neighbour", documents[0]) in reasons
    assert first["filings"][0]["file"] == second["filings"][0]["file"]
    assert "names the first as the reason" in demo.said


def test_the_searches_are_those_that_it_promised(demo: DemoInstance) -> None:
    """A word of a scanned page, of an attachment's attachment, a compound, a file number, a sender: only theirs."""
    found, note = _of(demo), demo.note
    hits = {
        search.finds: {
            found[hit["document"]][0].id
            for hit in demo.ask("POST", "/search", json={"q": typed(search, note)})["items"]
            if hit["document"] != _answer(demo)
        }
        for search in SEARCHES
    }
    twice = "laterne-noch-einmal"  # one document: the letter that came last stands for it here
    assert hits["streuobstwiese"] == {"streuobstwiese"}
    assert hits["weitergeleitet"] == {"weitergeleitet"}
    assert hits["laterne"] == {twice}
    assert hits["statik"] >= {"carport", "statik", "nachbarin"}
    # Mails by their sender, and scanned letters by the name that was read off their letterhead.
    assert hits["bussgeld"] == {"bussgeld", "baulast", "einspruch-gruende", "widerspruch"}
    assert "Each was tried and found its letter." in demo.said
    assert "Kennwort setzen" in httpx.get(demo.link, trust_env=False).text


def test_other_folders_are_not_touched(tmp_path: Path) -> None:
    """Who names a folder with other things in it is refused, and everything in it stays."""
    (tmp_path / "wichtig.txt").write_text("nicht anfassen", encoding="utf-8")
    refused = subprocess.run(
        [*COMMAND, "--folder", str(tmp_path), "--exit"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (refused.returncode, "is no folder of a demo" in refused.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["wichtig.txt"]


def test_a_second_start_opens_the_same_post(demo: DemoInstance) -> None:
    """Stopped and started again, nothing is sent a second time, the searches find, and there is a fresh link."""
    before, link = demo.note, demo.link
    demo.stop()
    demo.start()
    assert "lies here already" in demo.said
    assert "Each was tried and found its letter." in demo.said
    assert demo.note == before
    assert demo.link != link
    assert "76 letters, 73 documents" in demo.said
    assert "7 = 3 of theirs" in demo.said


def _in_bulk(demo: DemoInstance, name: str) -> Any:
    """The document of a delivery that is no single letter."""
    return demo.ask("GET", f"/documents/{demo.ask('GET', f'/receipts/{demo.note.bulk[name]}')['document']}")


def _answer(demo: DemoInstance) -> str:
    """The document that the procedure submitted."""
    found: str = demo.ask("GET", f"/receipts/{demo.note.answer}")["document"]
    return found


def _why(document: dict[str, Any]) -> tuple[str, list[str], str]:
    """Reason, the places that the desk offers, and the problem, of a document that waits."""
    offered = [one["position"] for one in document["candidates"][:CHOICES]]
    return document["reason"]["code"], offered, "".join(problem["code"] for problem in document["problems"])


def _listed(demo: DemoInstance) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = demo.ask("POST", "/search", json={"q": "", "filter": ["status:held"], "limit": 20, "cursor": cursor})
        yield from page["items"]
        cursor = page["next"]
        if not cursor:
            return
