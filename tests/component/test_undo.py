"""A decision of the desk waits, is seen to wait, and can be taken back; what comes too late leads to the way back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.core import keys
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import event_id
from services.core.model import record
from services.core.protocol.revise import append
from services.filing import postponing
from tests.component.arranged import LETTER, arrange
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.piles import found, scanned

PAUSE = timedelta(seconds=8)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """A hall whose desk waits for eight seconds, and where nobody looks what is due."""
    hall = CityHall(tmp_path, filing={"undo_within": PAUSE})
    yield hall
    hall.close()


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A person of the mail room."""
    return hall.clerk("berg", all_offices=True)


def submit(browser: Browser, document: str, action: str, **fields: str) -> str:
    """Send a form of the letter's page; the page that follows."""
    path = f"/posteingang/{document}"
    version = re.search(r'name="version" value="(\d+)"', browser.get(path).text)
    assert version
    answer = browser.submit(path, action=action, version=version[1], **fields)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def take_back(browser: Browser, page: str, about: str) -> str:
    """Press "Rückgängig" on a page that offers it; the page that follows."""
    bundle = re.search(r'name="bundle" value="([^"]+)"', page)
    assert bundle
    fields = {"bundle": bundle[1], "about": about}
    answer = browser.submit("/posteingang", at="/posteingang/rueckgaengig", **fields)
    assert answer.status_code == 303
    return browser.get(answer.headers["location"]).text


def carry_out(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The round, when every decision is due."""
    monkeypatch.setattr(postponing, "_is_due", lambda _one, _now: True)
    postponing.apply_due(hall.contexts["filing"])


def state(hall: CityHall, document: str) -> str:
    """Where the document stands, as a program is told."""
    return str(hall.key("search", all_offices=True).get(f"{API}/documents/{document}").json()["state"])


def files(hall: CityHall) -> list[str]:
    """Every entry of a register."""
    return list(hall.ports.blobs.keys(Bucket.RECORDS, keys.files("main")))


def test_a_decision_waits_and_is_then_carried_out(
    hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter leaves the list at once, no number is given before the pause is over, then there is its entry."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    page = submit(clerk, document, "open", position="52.10")
    assert "Das Dokument wird gleich abgelegt." in page
    assert "Rückgängig" in page
    assert "Nichts wartet" in page
    assert "Eine Entscheidung ist vorgemerkt" in clerk.get(f"/posteingang/{document}").text
    postponing.apply_due(hall.contexts["filing"])
    assert (state(hall, document), files(hall)) == ("held", [])
    carry_out(hall, monkeypatch)
    assert state(hall, document) == "filed"
    assert len(files(hall)) == 1
    carry_out(hall, monkeypatch)
    assert len(record.load(hall.ports.blobs, "main", document).decisions) == 1


def test_what_was_taken_back_leaves_nothing_behind(
    hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter lies where it lay, no number is burnt, and it can be decided about anew."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    before = record.load(hall.ports.blobs, "main", document).version
    shown = take_back(clerk, submit(clerk, document, "open", position="52.10"), document)
    assert "Rückgängig gemacht" in shown
    assert "1 Dokument wartet" in shown
    carry_out(hall, monkeypatch)
    assert record.load(hall.ports.blobs, "main", document).version == before
    assert files(hall) == []
    submit(clerk, document, "no_record")
    carry_out(hall, monkeypatch)
    assert state(hall, document) == "no_record"


def test_too_late_leads_to_the_way_back(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the pause "Rückgängig" undoes nothing, says so, and shows the button that brings the letter back."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    page = submit(clerk, document, "open", position="52.10")
    carry_out(hall, monkeypatch)
    shown = take_back(clerk, page, document)
    assert "Die Entscheidung ist schon ausgeführt." in shown
    assert "Zurück in den Posteingang" in shown
    assert state(hall, document) == "filed"


def test_several_are_taken_back_together(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """One "Rückgängig" brings back all that were decided at one time, and only those."""
    other = hall.deliver(a_mail("Zaun"))["document"]
    both = [hall.deliver(a_mail(f"Gartenhaus {number}"))["document"] for number in range(2)]
    submit(clerk, other, "no_record")
    ticked = {f"wahl_{document}": str(_version(hall, document)) for document in both}
    answer = clerk.submit("/posteingang", action="no_record", **ticked)
    page = clerk.get(answer.headers["location"]).text
    assert "Nichts wartet" in page
    assert "2 Dokumente warten" in take_back(clerk, page, "")
    carry_out(hall, monkeypatch)
    assert [state(hall, document) for document in (other, *both)] == ["no_record", "held", "held"]


def _version(hall: CityHall, document: str) -> int:
    return record.load(hall.ports.blobs, "main", document).version


def test_nobody_takes_back_what_another_decided(hall: CityHall, clerk: Browser) -> None:
    """A colleague sees that a decision waits, has no button for it, and is refused one of their own."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    colleague = hall.clerk("feld", all_offices=True)
    version = str(_version(hall, document))
    page = submit(clerk, document, "no_record")
    shown = colleague.get(f"/posteingang/{document}").text
    assert "Eine Entscheidung ist vorgemerkt" in shown
    assert "Rückgängig" not in re.sub(r"<dialog.*</dialog>", "", shown, flags=re.DOTALL)
    answer = colleague.submit(f"/posteingang/{document}", action="open", version=version, position="52.10")
    assert answer.status_code == 412
    assert "1 Dokument wartet" not in take_back(colleague, page, document)
    assert "Nichts wartet" in colleague.get("/posteingang").text


def test_a_program_that_was_first_is_not_overruled(
    hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its decision takes effect at once; the one that waited is not carried out, and its clerk is told why."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    submit(clerk, document, "open", position="52.10")
    program = hall.key("search", "decide", all_offices=True)
    headers = {"If-Match": f'"{_version(hall, document)}"'}
    told = program.post(f"{API}/documents/{document}/decisions", json={"action": "no_record"}, headers=headers)
    assert told.status_code == 202
    carry_out(hall, monkeypatch)
    assert (state(hall, document), files(hall)) == ("no_record", [])
    assert "Die Entscheidung über „Gartenhaus“ wurde nicht ausgeführt." in clerk.get("/posteingang").text


def test_another_copy_changes_nothing(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt of the same letter that comes in the pause is no reason to refuse what was decided."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    submit(clerk, document, "no_record")
    assert hall.deliver(a_mail("Gartenhaus"))["document"] == document
    carry_out(hall, monkeypatch)
    assert state(hall, document) == "no_record"


def test_a_crash_in_the_middle_decides_once(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claimed, and the store away before the decision is stored; claimed and stored, and not forgotten."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    page = submit(clerk, document, "open", position="52.10")

    def away(*_: object, **__: object) -> None:
        raise TryLater

    with monkeypatch.context() as broken:
        broken.setattr(postponing, "decide", away)
        with pytest.raises(TryLater):
            carry_out(hall, broken)
    assert "schon ausgeführt" in take_back(clerk, page, document)
    with monkeypatch.context() as broken:
        broken.setattr(postponing, "_forget", away)
        with pytest.raises(TryLater):
            carry_out(hall, broken)
    carry_out(hall, monkeypatch)
    assert len(record.load(hall.ports.blobs, "main", document).decisions) == 1
    assert list(hall.ports.blobs.keys(Bucket.RECORDS, keys.postponed_open("main"))) == []


def test_what_came_of_old_decisions_is_swept(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends stay for two days, so that no stalled process takes one for open, and go then."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    submit(clerk, document, "no_record")
    carry_out(hall, monkeypatch)
    context = hall.contexts["filing"]
    ends = keys.postponed_ends("main")
    postponing.sweep_ends(context)
    assert len(list(hall.ports.blobs.keys(Bucket.RECORDS, ends))) == 1
    monkeypatch.setattr(postponing, "ENDS_KEPT", timedelta(days=-2))
    postponing.sweep_ends(context)
    assert list(hall.ports.blobs.keys(Bucket.RECORDS, ends)) == []


def test_who_comes_second_hears_who_was_first(hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, with the time and what was decided: while the decision waits, and once it stands in its file."""
    document = hall.deliver(a_mail("Gartenhaus"))["document"]
    page = clerk.get(f"/posteingang/{document}").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    weiss = hall.clerk("a.weiss", all_offices=True)
    submit(weiss, document, "open", position="52.10")
    second = clerk.submit(f"/posteingang/{document}", action="no_record", version=version[1])
    assert second.status_code == 412
    when = r"Inzwischen hat a\.weiss „Gartenhaus“ um \d\d:\d\d Uhr"
    assert re.search(when + r" in eine neue Akte unter 52\.10 abgelegt\.", second.text)
    carry_out(hall, monkeypatch)
    second = clerk.submit(f"/posteingang/{document}", action="no_record", version=version[1])
    assert re.search(when + r" in Akte 52\.10/1-\d{4} abgelegt\.", second.text)
    program = hall.key("decide", all_offices=True)
    headers = {"If-Match": f'"{version[1]}"'}
    told = program.post(f"/api/v1/documents/{document}/decisions", json={"action": "no_record"}, headers=headers).json()
    assert (told["code"], told["state"], told["by"]) == ("stale", "filed", hall.access.everybody.accounts[-1].id)


def test_while_pages_are_arranged_a_decision_waits(
    hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan is read anew in the pause, and its arrangement follows: the decision is carried out after that."""
    scan = scanned(hall, LETTER)
    hall.sheets.clumsy = True
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    submit(clerk, scan, "assign", office="kasse")
    there = found(hall, scan)
    assert there.extraction
    assert there.extraction.sheets
    anew = replace(there.extraction, sheets=None, cause=event_id(scan, "anew"))
    revision = append(hall.ports.blobs, there, "extraction", anew)
    for _ in range(2):
        carry_out(hall, monkeypatch)
    assert len(found(hall, scan).decisions) == 1
    assert "konnte nicht ausgeführt" not in clerk.get("/posteingang").text
    hall.ports.blobs.delete(Bucket.RECORDS, keys.stage("main", scan, "extraction", revision or 0))
    carry_out(hall, monkeypatch)
    assert [made.action for made in found(hall, scan).decisions] == ["arrange", "assign"]


def test_a_decision_waits_a_day_for_pages_and_no_longer(
    hall: CityHall, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then its clerk is told that it was not carried out."""
    scan = scanned(hall, LETTER)
    hall.sheets.clumsy = True
    assert arrange(hall, scan, [1, 2], [3, 4]).status_code == 202
    submit(clerk, scan, "assign", office="kasse")
    there = found(hall, scan)
    assert there.extraction
    append(hall.ports.blobs, there, "extraction", replace(there.extraction, sheets=None, cause=event_id(scan, "anew")))
    monkeypatch.setattr(postponing, "TRIED_FOR", timedelta(0))
    monkeypatch.setattr(postponing, "_is_due", lambda _one, _now: True)
    monkeypatch.setattr(hall.ports.clock, "now", lambda: datetime.now(UTC) + 2 * PAUSE)
    postponing.apply_due(hall.contexts["filing"])
    assert len(found(hall, scan).decisions) == 1
    assert not postponing.open_ones(hall.contexts["filing"])
