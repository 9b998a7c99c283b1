"""The demo's letters and its folder, without sending anything."""

import io
import json
import zipfile
from datetime import date
from email import message_from_bytes
from pathlib import Path

import pytest
from PIL import Image

from services.cli.demo import folder, mails, scans
from services.cli.demo.enclosures import docx
from services.cli.demo.letters import Letter, letters, people, with_numbers
from services.core.errors import Misconfigured
from services.settings import Settings

DAY = date(2026, 11, 24)


def test_each_letter_has_one_fate_that_can_come_true(project: Path) -> None:
    """Opened, followed, set aside or waiting; places are of the plan, and who follows names the file."""
    plan = json.loads((project / "deploy/file-plans/musterstadt.json").read_text(encoding="utf-8"))
    open_places = {position["code"] for position in plan["positions"] if not position.get("closed")}
    by_id = {letter.id: letter for letter in letters()}
    assert len(by_id) == len(letters())
    for letter in letters():
        fates = [letter.opens, letter.follows, letter.filed, letter.set_aside, letter.waits]
        assert sum(bool(fate) for fate in fates) == 1, letter.id
        assert {place for place in (letter.opens, letter.filed, letter.proposed) if place} <= open_places, letter.id
        assert not letter.follows or letter.needs == {letter.follows}, letter.id
        assert all(by_id[name].opens and not by_id[name].needs for name in letter.needs), letter.id


def test_nobody_in_it_can_be_reached() -> None:
    """Every address ends in `.example` (RFC 2606)."""
    assert all(person.mail.endswith(".example") for person in people().values())
    assert {letter.sender for letter in letters()} <= people().keys()


def test_the_same_letter_is_the_same_bytes() -> None:
    """Mails, Word and PDF files and pictures do not depend on time or chance, so a second try makes no second one."""
    for letter in _ready():
        if letter.form is None:
            assert mails.mail(letter, day=DAY, minute=3) == mails.mail(letter, day=DAY, minute=3), letter.id
    paper = next(letter for letter in _ready() if letter.form == "pdf" and "\f" not in letter.text)
    assert scans.scan(paper, day=DAY, number=1) == scans.scan(paper, day=DAY, number=1)


def test_the_second_delivery_is_the_first_once_more() -> None:
    """A letter that comes again has the identity of the one before."""
    again = next(letter for letter in _ready() if letter.again)
    first = next(letter for letter in _ready() if letter.id == again.again)
    assert mails.mail(again, day=DAY, minute=3) == mails.mail(first, day=DAY, minute=3)


def test_a_mail_holds_what_people_attach() -> None:
    """A mail in a mail brings its PDF, a locked PDF says that it is locked, a Word file opens."""
    by_id = {letter.id: letter for letter in _ready()}
    forwarded = message_from_bytes(mails.mail(by_id["weitergeleitet"], day=DAY, minute=0))
    assert [part.get_filename() for part in forwarded.walk() if part.get_filename()] == [
        "Nachricht.eml",
        "Baugrundgutachten.pdf",
    ]
    locked = message_from_bytes(mails.mail(by_id["wohngeld"], day=DAY, minute=0))
    (file,) = [part.get_payload(decode=True) for part in locked.walk() if part.get_filename()]
    assert isinstance(file, bytes)
    assert b"/Encrypt" in file
    with zipfile.ZipFile(io.BytesIO(docx("Erste Zeile\nmit <Klammern>"))) as word:
        assert "mit &lt;Klammern&gt;" in word.read("word/document.xml").decode()


def test_pages_are_scanned_as_scanners_do() -> None:
    """A fax-like page is black and white at 300 dpi, the others grey at 200."""
    by_id = {letter.id: letter for letter in _ready()}
    with Image.open(io.BytesIO(scans.scan(by_id["pflege"], day=DAY, number=1)[1])) as fax:
        assert (fax.mode, fax.info["dpi"], fax.size) == ("1", (300, 300), (2480, 3508))
    with Image.open(io.BytesIO(scans.scan(by_id["hund"], day=DAY, number=1)[1])) as grey:
        assert (grey.mode, grey.format, grey.size) == ("L", "JPEG", (1654, 2339))


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    """An empty or missing folder becomes a demo's and is known again; one with anything else stays as it is."""
    note = folder.claim(tmp_path / "demo")
    assert folder.claim(tmp_path / "demo") == note
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "format.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Misconfigured, match="no folder of a demo"):
        folder.claim(tmp_path / "data")
    (tmp_path / "demo" / folder.NOTE).write_text("{", encoding="utf-8")
    with pytest.raises(Misconfigured, match="cannot be read"):
        folder.claim(tmp_path / "demo")


def test_real_settings_stay_outside(tmp_path: Path) -> None:
    """Of a city's settings the demo takes Tika, OCR and limits, and nothing that leads to its post or its servers."""
    city = Settings.model_validate(
        {
            "stack": "kafka",
            "tenant": "stadt",
            "prefix": "real-",
            "storage": {"folder": tmp_path / "real", "cache": tmp_path / "cache"},
            "mail_intake": {"host": "127.0.0.9", "domains": ["stadt.example"]},
            "ocr": {"workers": 7},
        }
    )
    mine = folder.settings_for(tmp_path / "demo", city)
    assert (mine.stack, mine.tenant, mine.prefix) == ("embedded", "main", "")
    assert (mine.storage.folder, mine.storage.cache) == (tmp_path / "demo", tmp_path / "cache")
    assert (mine.mail_intake.host, mine.mail_intake.domains, mine.ocr.workers) == ("127.0.0.1", (), 7)
    changed = {name for name in Settings.model_fields if getattr(mine, name) != Settings.model_fields[name].default}
    assert changed <= {"storage", "http", "mail_intake", "logging", *folder.KEPT}


def _ready() -> list[Letter]:
    return [with_numbers(one, dict.fromkeys(one.needs, "52.10.02/1-2026")) for one in letters()]
