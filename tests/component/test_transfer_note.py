"""The transfer note of a scan: what the scanner told, what was counted and decided, and what nobody told."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from services.cli import poststelle
from tests.component.arranged import arrange
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall
from tests.component.damage import file_of, flip, walk
from tests.component.piles import found, parts_of
from tests.fakes.readers import SHEETS

PAGES = (b"Antrag von Frau Ahorn", b"", b"[PATCHT]", b"Widerspruch von Herrn Birke")
BATCH = SHEETS + b"\f".join(PAGES)
TOLD: dict[str, Any] = {
    "schema": "scan-sidecar:1",
    "batch": "2026-11-30-001",
    "device": "scanner-foyer",
    "software": "ScanDirect 4.2",
    "operator": "s-017",
    "profile": "posteingang-300",
    "dpi": 300,
    "colour": "grey",
    "page_count": 4,
    "blanks_dropped": 2,
    "scanned_at": "2026-11-30T07:14:00Z",
    "check": "passed",
    "checked_by": "s-020",
    "checked_at": "2026-11-30T07:20:00Z",
    "remarks": "Blatt 2 eingerissen",
    "protection_class": "high",
    "originals_until": "2027-05-31",
}


def scanned(hall: CityHall, content: bytes, **told: Any) -> str:
    """The document of a scan of which a scanner tells this."""
    headers = {"Authorization": f"Bearer {hall.post_key}", "Content-Type": "application/pdf"}
    headers |= {"Scan-Sidecar": json.dumps(told)} if told else {}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/stapel.pdf", content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["document"])


def note_of(hall: CityHall, document: str) -> dict[str, Any]:
    """The one that whoever may see everything reads."""
    reader = hall.key("search", all_offices=True)
    [note] = reader.get(f"{API}/documents/{document}/transfer-notes").json()["items"]
    return dict(note)


def test_what_the_scanner_told_stands_in_the_note_of_the_batch_and_of_each_part(hall: CityHall) -> None:
    """Device, operator, settings, time and check travel to each document; pages and hash are its own."""
    batch = scanned(hall, BATCH, **TOLD)
    first, second = parts_of(hall, batch)
    for document in (batch, first.document, second.document):
        note = note_of(hall, document)
        assert [note[name] for name in ("form", "device", "operator", "dpi", "colour", "batch", "software")] == [
            "transfer-note:1", "scanner-foyer", "s-017", 300, "grey", "2026-11-30-001", "ScanDirect 4.2",
        ]  # fmt: skip
        assert note["scanned_at"] == "2026-11-30T07:14:00Z"
        assert note["check"] == {
            "result": "passed", "by": "s-020", "at": "2026-11-30T07:20:00Z", "remarks": "Blatt 2 eingerissen",
        }  # fmt: skip
        assert (note["protection_class"], note["originals_until"]) == ("high", "2027-05-31")
        assert note["completeness"]["state"] == "complete"
        assert note["missing"] == []
        receipt = found(hall, document).receipts[0]
        assert (note["integrity"]["sha256"], note["integrity"]["outcome"]) == (receipt.sha256, "whole")
    assert note_of(hall, batch)["pages"] == {
        "told": 4, "scanned": 4, "in_documents": 2, "separators": 1, "covers": 0, "blank": 1, "left_out": 0,
        "dropped_by_scanner": 2,
    }  # fmt: skip
    part = note_of(hall, second.document)
    assert (part["part_of"]["document"], part["part_of"]["pages"], part["pages"]["scanned"]) == (batch, "4", 1)


def test_what_nobody_told_is_named_and_never_made_up(hall: CityHall) -> None:
    """A scan without a word of its scanner has a note all the same, and it says what it lacks."""
    note = note_of(hall, scanned(hall, SHEETS + b"Ein Brief"))
    assert [one["code"] for one in note["missing"]] == [
        "device", "operator", "scanned_at", "dpi", "colour", "page_count", "check",
    ]  # fmt: skip
    assert (note["completeness"]["state"], note["check"]["result"]) == ("not_told", "not_told")
    assert (note["operator"], note["scanned_at"]) == ("", None)


@pytest.mark.parametrize("told", [{"page_count": 5}, {"complete": False}])
def test_a_scan_that_is_not_whole_says_so(hall: CityHall, told: dict[str, Any]) -> None:
    """By the count, or because the operator said so."""
    batch = scanned(hall, BATCH, schema="scan-sidecar:1", **told)
    assert note_of(hall, batch)["completeness"]["state"] == "incomplete"
    assert note_of(hall, parts_of(hall, batch)[0].document)["completeness"]["state"] == "incomplete"


def test_who_decided_about_a_fault_stands_in_the_note(hall: CityHall) -> None:
    """The fault goes on being told: that a person looked makes no page come back."""
    batch = scanned(hall, BATCH, schema="scan-sidecar:1", page_count=5)
    assert arrange(hall, batch, [1, 4]).status_code == 202
    completeness = note_of(hall, batch)["completeness"]
    assert (completeness["state"], [fault["code"] for fault in completeness["faults"]]) == (
        "incomplete",
        ["pages_differ"],
    )
    assert completeness["settled_by"] == found(hall, batch).decisions[-1].actor
    assert note_of(hall, batch)["pages"]["left_out"] == 0


def test_a_damaged_original_is_told(hall: CityHall) -> None:
    """The note says how the file was found when it was last looked at."""
    scan = scanned(hall, SHEETS + b"Ein Brief")
    flip(file_of(hall, scan))
    walk(hall)
    assert note_of(hall, scan)["integrity"]["outcome"] == "changed"


def test_the_command_tells_it_and_what_nobody_told(
    hall: CityHall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where it did not come from a scanner, the exit code says so."""
    reader = hall.key("search", all_offices=True)
    monkeypatch.setattr(httpx, "request", lambda method, url, **_: reader.ask(method, httpx.URL(url).path))
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("any", encoding="utf-8")
    scan = scanned(hall, SHEETS + b"Ein Brief", schema="scan-sidecar:1", operator="s-017", device="foyer")
    answer = CliRunner().invoke(poststelle, ["transfer-notes", scan, "--key-file", str(key)])
    assert answer.exit_code == 0, answer.output
    assert "by s-017 on foyer" in answer.output
    assert "nobody told: scanned_at, dpi" in answer.output
    mail = hall.deliver(b"From: a@example.org\r\nSubject: Zaun\r\n\r\nText")["document"]
    assert CliRunner().invoke(poststelle, ["transfer-notes", mail, "--key-file", str(key)]).exit_code == 1


def test_the_note_is_for_those_who_may_see_the_arrival(hall: CityHall) -> None:
    """Others' scans of the same letter are nobody's business, and what came as a mail has no such note."""
    scan = scanned(hall, SHEETS + b"Ein Brief", schema="scan-sidecar:1", office="kasse", operator="s-017")
    path = f"{API}/documents/{scan}/transfer-notes"
    assert len(hall.key("search", offices=("kasse",)).get(path).json()["items"]) == 1
    assert hall.key("search", offices=("bauamt",)).get(path).status_code == 404
    mail = hall.deliver(b"From: a@example.org\r\nSubject: Zaun\r\n\r\nText")["document"]
    assert hall.key("search", all_offices=True).get(f"{API}/documents/{mail}/transfer-notes").json() == {"items": []}


def test_the_page_shows_the_note_and_what_it_lacks(hall: CityHall) -> None:
    """In German, with the name of who decided; the file to keep is one click away."""
    clerk = hall.clerk("berg", all_offices=True)
    page = clerk.get(f"/dokumente/{scanned(hall, BATCH, **TOLD)}").text
    for said in ("Transfervermerk", "scanner-foyer", "s-017", "300 dpi, Graustufen", "bestanden, s-020", "31.05.2027"):
        assert said in page
    assert "Vom Scanner nicht mitgeteilt" not in page
    bare = scanned(hall, SHEETS + b"Ein Brief")
    page = clerk.get(f"/dokumente/{bare}").text
    assert "Vom Scanner nicht mitgeteilt: Gerät, Bediener" in page
    assert f"/api/v1/documents/{bare}/transfer-notes" in page


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ('{"schema": "scan-sidecar:1", "wrong": 1}', "sidecar_broken"),
        ("no sidecar", "sidecar_broken"),
        ('{"schema": "scan-sidecar:1", "size_bytes": 1}', "digest_mismatch"),
        (json.dumps({"schema": "scan-sidecar:1", "sha256": "0" * 64}), "digest_mismatch"),
    ],
)
def test_a_sidecar_in_the_header_that_lies_is_refused_with_its_scan(hall: CityHall, told: str, code: str) -> None:
    """As in the hot folder: nothing of it is taken in."""
    headers = {"Authorization": f"Bearer {hall.post_key}", "Scan-Sidecar": told}
    answer = Browser(hall.app).ask("PUT", f"{API}/scans/a.pdf", content=BATCH, headers=headers)
    assert (answer.status_code // 100, answer.json()["code"]) == (4, code)
