"""What was found is given out as a list and as documents, within rights, and no cell is run by a table program."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.core.ports.entries import Hit
from services.runtime.access.visibility import visible
from services.search.exporting import archive, routes, walking
from services.search.exporting.listing import COLUMNS, as_csv, as_json, harmless, places_of
from services.search.exporting.paper import as_pdf
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.protected import SECRET, filed, protected_hall

LIST, ZIP = f"{API}/search/export", f"{API}/search/archive"
FORMULA = '=HYPERLINK("http://boese.example";"Zaun")'


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """Two letters about fences to one office, one to another; the title of one is a formula."""
    offices = {"bau@stadt.example": "bauamt", "kasse@stadt.example": "kasse"}
    hall = CityHall(tmp_path, mail_intake={"offices": offices})
    for box, subject in (("bau", FORMULA), ("bau", "Zaun; zwei"), ("kasse", "Zaun der Kasse")):
        hall.deliver(a_mail(subject, f"Es geht um einen Zaun: {subject}"), f"{box}@stadt.example")
    hall.work()
    yield hall
    hall.close()


def rows(answer: str) -> list[list[str]]:
    """The lines of a list, without its head."""
    head, *found = csv.reader(io.StringIO(answer.removeprefix("\ufeff")), delimiter=";")
    assert tuple(head) == COLUMNS
    return found


def unpacked(content: bytes) -> tuple[dict[str, bytes], dict[str, Any]]:
    """What lies in a zip, and its manifest."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        files = {name: packed.read(name) for name in packed.namelist()}
    return files, json.loads(files[archive.MANIFEST])


def test_a_list_names_the_cases() -> None:
    """Beside the file in the table; on paper in place of it, and the number where it lies in none of a file."""
    hit = Hit(
        document="d1", version=1, state="filed", complete=True, title="Zaun", sender="", channel="mail",
        received_at=None, files=("1/2-2026", "1/3-2026"), cases=("1/3-2026#12",),
    )  # fmt: skip
    [line] = rows(b"".join(as_csv([hit])).decode())
    assert (line[COLUMNS.index("Akten")], line[COLUMNS.index("Vorgänge")]) == ("1/2-2026, 1/3-2026", "1/3-2026#12")
    assert places_of(hit) == "1/3-2026#12, 1/2-2026"
    assert json.loads(b"".join(as_json([hit])))["items"][0]["cases"] == ["1/3-2026#12"]


def test_a_list_has_every_hit_of_the_caller_and_no_formula(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV and JSON name the same documents, page after page; a title that is a formula is text."""
    monkeypatch.setattr(walking, "PAGE", 1)
    machine = hall.key("search", offices=("bauamt",))
    answer = machine.get(LIST, params={"q": "Zaun"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="poststelle-')
    found = rows(answer.text)
    assert sorted(row[1] for row in found) == [f"'{FORMULA}", "Zaun; zwei"]
    told = machine.get(LIST, params={"q": "Zaun", "format": "json"}).json()["items"]
    assert [hit["document"] for hit in told] == [row[0] for row in found]
    assert machine.post(LIST, json={"q": "Kasse"}).status_code == 200
    assert rows(machine.post(LIST, json={"q": "Kasse"}).text) == []


@given(st.text())
@example("\x1f@")
def test_no_cell_begins_with_what_a_table_runs(cell: str) -> None:
    """Whatever somebody wrote, behind which blanks ever, and each cell is one line."""
    told = harmless(cell)
    assert not told.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    assert len(told.splitlines()) <= 1


def test_documents_come_with_manifest_and_sums(hall: CityHall) -> None:
    """Each original lies in the zip as the caller gets it alone, and its hash is that of the manifest and the sums."""
    machine = hall.key("search", offices=("bauamt",))
    files, manifest = unpacked(machine.get(ZIP, params={"q": "Zaun"}).content)
    documents = manifest["documents"]
    assert len(documents) == 2
    for one in documents:
        content = files[one["path"]]
        assert content == machine.get(f"{API}/documents/{one['document']}/original").content
        assert (one["sha256"], one["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
        assert f"{one['sha256']}  {one['path']}\n" in files[archive.SUMS].decode()
        assert one["path"].startswith("dokumente/")
        assert ".." not in one["path"]
    assert len(rows(files[archive.LIST].decode())) == 2


def test_each_gets_the_copy_of_the_own_occurrence(hall: CityHall) -> None:
    """Of a letter that came to two offices nobody is told the other's receipt, envelope or trace."""
    letter = a_mail("Zaun an zwei", "Zwei Ämter lesen das.")
    told = [hall.deliver(letter, f"{box}@stadt.example") for box in ("bau", "kasse")]
    hall.work()
    assert told[0]["document"] == told[1]["document"]
    for own, other, office in ((0, 1, "bauamt"), (1, 0, "kasse")):
        files, manifest = unpacked(hall.key("search", offices=(office,)).get(ZIP, params={"q": "lesen"}).content)
        [one] = manifest["documents"]
        assert one["receipt"] == told[own]["receipt"]
        assert told[other]["receipt"] not in json.dumps(manifest)
        assert told[other]["receipt"].encode() not in b"".join(files.values())


def test_protected_documents_are_audited_and_kept_from_others(tmp_path: Path) -> None:
    """A look is put down for the document that is in the zip; who may not see its level gets neither line nor bytes."""
    hall = protected_hall(tmp_path)
    document = filed(hall, SECRET, "51")
    above = hall.key("search", all_offices=True)
    below = hall.key("search", all_offices=True, protection=2)
    auditor = hall.key("audit")
    files, manifest = unpacked(above.get(ZIP, params={"q": SECRET}).content)
    assert [one["document"] for one in manifest["documents"]] == [document]
    assert SECRET.encode() in b"".join(files.values())
    looks = auditor.get(f"{API}/audit").json()["items"]
    assert any(one["document"] == document and one["door"].endswith("/search/archive") for one in looks)
    files, manifest = unpacked(below.get(ZIP, params={"q": SECRET}).content)
    assert manifest["documents"] == []
    assert SECRET.encode() not in b"".join(files.values())
    assert rows(below.get(LIST, params={"q": SECRET}).text) == []
    hall.close()


def test_what_cannot_be_given_is_named_with_its_reason(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document too many for the bytes of one zip stands in the manifest, and the others are whole."""
    monkeypatch.setattr(archive, "MOST_BYTES", 10)
    machine = hall.key("search", offices=("bauamt",))
    files, manifest = unpacked(machine.get(ZIP, params={"q": "Zaun"}).content)
    documents = manifest["documents"]
    assert [(one["left_out"], one.get("path", "")) for one in documents] == [("too_large", "")] * 2
    assert sorted(files) == sorted([archive.MANIFEST, archive.SUMS, archive.LIST])


def test_what_is_too_much_is_refused_before_anything_is_given(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """More hits than one list or zip holds are an answer that says how many, as is a malformed line."""
    machine = hall.key("search", all_offices=True)
    monkeypatch.setattr(routes, "MOST_LISTED", 2)
    monkeypatch.setattr(routes, "MOST_PACKED", 2)
    for path in (LIST, ZIP):
        refused = machine.get(path, params={"q": "Zaun"})
        assert (refused.status_code, refused.json()["code"], refused.json()["total"]) == (422, "too_many_to_export", 3)
        assert machine.get(path, params={"q": '"offen'}).status_code == 400
    assert Browser(hall.app).get(LIST).status_code == 401
    assert hall.key("deliver").get(ZIP).status_code == 403


def test_memory_does_not_grow_with_a_document(hall: CityHall) -> None:
    """A mail of 16 MB goes through the zip in pieces: beside its record, a few of them are held."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "eva@beispiel.test", "bau@stadt.example", "Plan"
    mail.set_content("Der Gartenpavillon.")
    mail.add_attachment(bytes(12_000_000), maintype="application", subtype="octet-stream", filename="plan.bin")
    hall.deliver(mail.as_bytes(), "bau@stadt.example")
    hall.work()
    caller = hall.access.by_key(hall.access.add_key("taker", rights=("search",), offices=("bauamt",)))
    assert caller
    context = hall.contexts["search"]
    question = walking.Question("Gartenpavillon", [], sort="newest", exact=False)
    hits = question.hits(context, caller.viewer, question.begin(context, caller.viewer, 10))
    document = question.begin(context, caller.viewer, 10).hits.items[0].document
    tracemalloc.start()
    visible(context, caller.viewer, document)
    record = tracemalloc.get_traced_memory()[1]
    size = sum(len(piece) for piece in archive.archive(context, caller.viewer, hits))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 16_000_000
    assert peak < record + 3_000_000


def test_the_page_offers_what_it_shows(hall: CityHall) -> None:
    """The links below the hits lead to the same documents, filters and all."""
    clerk = hall.clerk(offices=("bauamt", "kasse"))
    page = clerk.get("/suche?q=Zaun&amt=kasse").text
    for path in (LIST, ZIP):
        start = page.index(path)
        address = page[start : page.index('"', start)].replace("&amp;", "&")
        answer = clerk.get(address)
        assert answer.status_code == 200
        if path == LIST and "format=csv" in address:
            assert [row[1] for row in rows(answer.text)] == ["Zaun der Kasse"]


def text_of(content: bytes) -> str:
    """What stands on the pages of a PDF."""
    with pypdfium2.PdfDocument(content) as paper:
        return "\n".join(page.get_textpage().get_text_range() for page in paper)


def test_a_list_on_paper_has_every_hit_of_the_caller(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what was asked and how many there are; markup in a title is text; nothing is another office's."""
    monkeypatch.setattr(walking, "PAGE", 1)
    hall.deliver(a_mail("<b>Zaun & <para>", "Zaun " + "x" * 5000), "bau@stadt.example")
    hall.work()
    answer = hall.key("search", offices=("bauamt",)).get(LIST, params={"q": "Zaun", "format": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    assert 'filename="poststelle-' in answer.headers["content-disposition"]
    told = text_of(answer.content)
    assert "Gesucht: Zaun. 3 Treffer am" in told
    assert "<b>Zaun & <para>" in told
    assert "Zaun der Kasse" not in told
    assert hall.key("search", offices=()).get(LIST, params={"q": "Zaun", "format": "pdf"}).content[:5] == b"%PDF-"


def test_a_list_too_long_for_paper_is_refused(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """And said so, with the number that would do; as a table it is given out."""
    monkeypatch.setattr(routes, "MOST_ON_PAPER", 1)
    machine = hall.key("search", offices=("bauamt",))
    answer = machine.get(LIST, params={"q": "Zaun", "format": "pdf"})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_to_export")
    assert machine.get(LIST, params={"q": "Zaun"}).status_code == 200


@pytest.mark.parametrize(
    "title", ["", "\x00\x07\u202eneztesrev", "<" * 300, "Ж" * 300, "x" * 5000, "&#1;&lt;", "\U00020000" * 9]
)
def test_no_title_breaks_the_paper(title: str) -> None:
    """Whatever a stranger wrote, a page is made."""
    hit = Hit(
        document="d1",
        version=1,
        state="held",
        complete=True,
        title=title,
        sender=title,
        channel="mail",
        received_at=None,
    )
    (content,) = as_pdf([hit] * 3, question=title, at=datetime(2026, 11, 30, tzinfo=UTC))
    assert "3 Treffer" in text_of(content)
