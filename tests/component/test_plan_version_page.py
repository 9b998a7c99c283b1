"""A new version of the plan comes in by a form of the desk: looked at first, then put in force or dropped."""

import json
import re
import time
from pathlib import Path
from typing import get_args

import httpx
import pytest

from services.cli.commands.plan import SENTENCES
from services.core import keys
from services.core.keys import Bucket
from services.core.plan.plan_changes import Kind
from services.filing.plan.version_pages import LIMIT_BYTES
from services.filing.plan.words import FAULTS, KINDS
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_plan_moves import FIRST, FORMULA, OFFICES, SECOND, administrator, letters, plan

__all__ = ("administrator", "letters")

PAGE = "/planfassung"
CORE = Path(__file__).parents[2] / "services/core/plan"


@pytest.fixture
def chief(hall: CityHall) -> Browser:
    """Whoever puts plans in force and reads no letter."""
    return hall.clerk("plan", rights=("administer", "search"))


def send(browser: Browser, content: bytes, name: str = "plan.json", **fields: str) -> httpx.Response:
    """Send the form as a browser does."""
    form = re.search(r'name="form" value="([^"]+)"', browser.get(PAGE).text)
    assert form
    return browser.post(PAGE, data={"form": form[1], **fields}, files=[("file", (name, content, "text/plain"))])


def drafted(browser: Browser, content: bytes) -> str:
    """The address of the preview."""
    answer = send(browser, content)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def base(page: str) -> str:
    """The version in force that the page compares with."""
    found = re.search(r'name="base" value="(\d+)"', page)
    assert found
    return found[1]


def drafts(hall: CityHall) -> list[str]:
    """All that are kept, of everybody."""
    return list(hall.ports.blobs.keys(Bucket.RECORDS, f"{hall.settings.tenant}/drafts/"))


def test_a_version_is_looked_at_and_put_in_force(hall: CityHall, chief: Browser, letters: dict[str, str]) -> None:
    """The preview says what changes and which letters go where; until the button is pressed nothing has changed."""
    address = drafted(chief, plan("2", SECOND))
    page = chief.get(address).text
    assert hall.configuration.version("plan") == 2
    assert "Fassung 2 prüfen" in page
    for told in ("Position kommt hinzu", "wird geschlossen", "Übergeordnete Position", "Anbau", "Baugebühren"):
        assert told in page
    assert "Betroffene Schreiben: 1 geht mit, 2 brauchen eine Entscheidung" in page
    assert "Stadtkasse → Bauamt" in page
    assert "wartet im Posteingang" in page
    done = chief.submit(address, action="activate", base=base(page))
    assert done.status_code == 303
    assert "gilt ab jetzt. Die Suche zieht von selbst nach." in chief.get(PAGE).text
    assert hall.configuration.version("plan") == 3
    assert hall.contexts["filing"].written_plan.version == "2"
    assert chief.get(address).status_code == 404
    assert not drafts(hall)


def test_titles_are_told_to_whoever_may_read_them(hall: CityHall, chief: Browser, letters: dict[str, str]) -> None:
    """Who puts plans in force learns that a letter is concerned, and of which file; its title with the right to it."""
    content = plan("2", SECOND)
    assert "Schreiben zu 20.1" not in chief.get(drafted(chief, content)).text
    everything = hall.clerk("alles", rights=("administer", "search"), all_offices=True)
    assert "Schreiben zu 20.1" in everything.get(drafted(everything, content)).text


def test_a_version_is_dropped_or_replaced(hall: CityHall, chief: Browser) -> None:
    """One version is looked at at a time, by its account alone; what was dropped is gone, and nothing has changed."""
    first = drafted(chief, plan("1", FIRST))
    second = drafted(chief, plan("1.1", FIRST))
    assert chief.get(first).status_code == 404
    assert len(drafts(hall)) == 1
    assert second in chief.get(PAGE).text
    assert hall.clerk("andere", rights=("administer",)).get(second).status_code == 404
    dropped = chief.submit(second, action="drop")
    assert dropped.headers["location"] == PAGE
    assert "verworfen" in chief.get(PAGE).text
    assert not drafts(hall)
    assert hall.configuration.version("plan") == 1


def test_a_position_with_files_cannot_go(hall: CityHall, chief: Browser, letters: dict[str, str]) -> None:
    """It is named, there is no button, and a forged form is refused."""
    address = drafted(chief, plan("2", FIRST[:4]))
    page = chief.get(address).text
    assert "Es fehlen 2 Positionen, unter denen Akten liegen (20.1, 20.2)" in page
    assert "In Kraft setzen" not in page
    forged = chief.submit(address, action="activate", base=base(page))
    assert forged.status_code == 409
    assert "nur geschlossen werden" in forged.text
    assert hall.configuration.version("plan") == 2


def test_what_is_looked_at_is_what_comes_into_force(hall: CityHall, chief: Browser) -> None:
    """Where another plan came into force since, the button does nothing but show the comparison anew."""
    address = drafted(chief, plan("2", FIRST))
    before = base(chief.get(address).text)
    hall.key("administer").ask("PUT", f"{API}/plan", content=plan("1", FIRST))
    late = chief.submit(address, action="activate", base=before)
    assert late.status_code == 412
    assert "Inzwischen gilt ein anderer Aktenplan." in late.text
    assert "Am Plan ändert sich nichts" in late.text
    assert chief.submit(address, action="activate", base="9" * 40).status_code == 412
    assert chief.submit(address, action="anders").status_code == 400
    assert hall.contexts["filing"].written_plan.version == "1"
    assert chief.submit(address, action="activate", base=base(late.text)).status_code == 303
    assert hall.contexts["filing"].written_plan.version == "2"


def test_only_administrators_and_forms_of_ours(hall: CityHall, chief: Browser) -> None:
    """Clerks, strangers and another site's form bring no plan in."""
    clerk = hall.clerk("berg", rights=("decide", "search", "deliver"), all_offices=True)
    assert clerk.get(PAGE).status_code == 403
    file = [("file", ("plan.json", plan("2", FIRST), "application/json"))]
    assert clerk.post(PAGE, data={"form": "x"}, files=file).status_code == 403
    assert hall.stranger().post(PAGE, data={"form": "x"}, files=file).status_code == 303
    assert chief.post(PAGE, data={"form": "falsch"}, files=file).status_code == 403
    assert not drafts(hall)
    for path in ("x", "a" * 64, "..%2F..%2Fconfiguration%2Fplan%2F1.json"):
        assert chief.get(f"{PAGE}/{path}").status_code == 404


ODD_COLUMN = b"Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung;<script>alert(1)</script>\n"
ODD_FIELD = plan("2", ({"code": "1", "title": "A", "<b>x</b>": 1},))
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Es ist keine Datei ausgewählt."),
        (b"{", "Das ist kein gültiges JSON."),
        (b"[" * 200_000, "Das ist kein gültiges JSON."),
        (b"\xff\xfe\xff", "Die Datei ist kein UTF-8-Text."),
        (b"%PDF-1.7 \x00\x01", "Keine Zeile beginnt mit dem Spaltenkopf „Kennzeichen“."),
        (b"PK\x03\x04" + b"\x00" * 90, "Keine Zeile beginnt mit dem Spaltenkopf „Kennzeichen“."),
        (BOMB, "Dokumenttyp-Definition"),
        (b"<a>" * 10_000, "keinen Aktenplan"),
        (FORMULA, "Eine Zelle beginnt wie eine Formel."),
        (ODD_COLUMN, "Diese Spalte ist nicht bekannt: „&lt;"),
        (b"Aktenplan;P\nFassung;1\nKennzeichen;Bezeichnung;Datenschutzstufe\n1;A;drei\n", "Spalte „Datenschutzstufe“"),
        (ODD_FIELD, "Dieses Feld gibt es nicht: „&lt;b&gt;x"),
        (plan("2", ({"code": "1", "title": "A", "parent": "9"},)), 'Zeile 1, Position <span class="code">1</span>'),
        (plan("2", tuple({"code": "1", "title": "A"} for _ in range(3_000))), "sehr viele Fehler, hier die ersten 200"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_with_their_reason(
    hall: CityHall, chief: Browser, content: bytes, reason: str
) -> None:
    """In German, with the line, on a page of bearable size, soon; nothing of the file is kept."""
    began = time.process_time()  # of ours: what others take of the machine does not count
    answer = send(chief, content)
    assert time.process_time() - began < 20
    assert answer.status_code == 422
    assert reason in answer.text
    assert "<script>" not in answer.text
    assert len(answer.text) < 100_000
    assert not drafts(hall)


def test_too_large_and_misshapen_forms(hall: CityHall, chief: Browser) -> None:
    """More bytes than any plan has, fields beyond measure, no form at all: refused before anything is read."""
    assert send(chief, b"x" * (LIMIT_BYTES + 1)).status_code == 413
    assert send(chief, plan("2", FIRST), feld="x" * 1_000).status_code == 400
    assert chief.post(PAGE, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 400
    assert not drafts(hall)


def test_a_large_plan_is_a_bearable_page(chief: Browser) -> None:
    """Two thousand new positions with long titles: counted, and some of them shown, shortened."""
    many = tuple({"code": f"7.{n}", "title": f"Sache {n} " + "lang " * 300, "parent": "7"} for n in range(2_000))
    content = plan("2", ({"code": "7", "title": "Viel"}, *many))
    page = chief.get(drafted(chief, content)).text
    assert re.search(r"20\d\d Änderungen, gezeigt sind 200", page)
    assert len(page) < 100_000


def test_whatever_a_plan_changes_is_told(hall: CityHall, chief: Browser) -> None:
    """How files are formed, Vorgänge, where invoices go and whom a Leitweg-ID names are changes too."""
    one = {"code": "20", "title": "Geld", "office": "kasse"}
    other = {"code": "40", "title": "Schulen"}
    old = {"name": "P", "version": "1", "offices": OFFICES, "positions": [one, other]}
    hall.key("administer").ask("PUT", f"{API}/plan", content=json.dumps(old).encode())
    new = old | {
        "invoices": "20",
        "leitweg_ids": {"14999999-0001-51": "kasse"},
        "positions": [one | {"filing": "collective"}, other | {"cases": "required"}],
    }
    page = chief.get(drafted(chief, json.dumps(new).encode())).text
    assert "4 Änderungen" in page
    for told in ("Vorgänge", "nötig", "Aktenbildung", "Sammelakte im Jahr", "Platz für Rechnungen", "Leitweg-ID"):
        assert told in page


def test_every_code_has_a_sentence() -> None:
    """A fault or a kind of change that somebody adds is told in German too."""
    source = "".join(file.read_text("utf-8") for file in CORE.rglob("*.py"))
    said = set(re.findall(r'Fault\(line=[^"]*code="(\w+)"', source))
    said |= set(re.findall(r'(?:\.fault\(|Unreadable\()(?:[\w.]+, )?"(\w+)", f?"', source))
    assert len(said) > 20
    assert said <= FAULTS.keys()
    assert set(get_args(Kind)) == KINDS.keys() == SENTENCES.keys()


def test_looking_changes_no_letter(hall: CityHall, chief: Browser) -> None:
    """A letter that waits is untouched by looking: the preview writes nothing but the version that is looked at."""
    hall.deliver(a_mail("Gartenhaus"))
    before = set(hall.ports.blobs.keys(Bucket.RECORDS, keys.documents(hall.settings.tenant)))
    chief.get(drafted(chief, plan("1", FIRST)))
    assert set(hall.ports.blobs.keys(Bucket.RECORDS, keys.documents(hall.settings.tenant))) == before
