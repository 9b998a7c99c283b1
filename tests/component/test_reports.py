"""Reports: figures from the book, each office its own, as a page, a table and a paper."""

import csv
import io
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from services.core.ports.reports.course_book import Course
from services.ledger.rebuilding import rebuild
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_quality import decide

PATH = f"{API}/reports"


@pytest.fixture
def everybody(hall: CityHall) -> Browser:
    """Sees and decides everything."""
    return hall.key("administer", "search", "decide", all_offices=True)


@pytest.fixture
def history(hall: CityHall, everybody: Browser) -> dict[str, str]:
    """One letter filed at the building office, one at the treasury, one set aside, one waits; one was a scan."""
    told = {n: str(hall.deliver(a_mail(f"Carport {n}", f"Nr. {n}"))["document"]) for n in "abc"}
    told["d"] = str(hall.scan(b"Ein Brief", "brief.txt")["document"])
    decide(everybody, told["a"], action="file", position="52.10")
    decide(everybody, told["b"], action="file", position="20.1")
    decide(everybody, told["c"], action="no_record")
    return told


def of(answer: Any, office: str) -> dict[str, Any]:
    """The figures of one office."""
    return next(one for one in answer.json()["offices"] if one["office"] == office)


def test_figures_are_right(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """Four came, two were filed, one is open and named; times are those between receipt and filing."""
    answer = everybody.get(PATH)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["received"], told["channels"]) == (4, {"mail": 3, "scan": 1})
    assert (told["passage"]["filed"], told["passage"]["in_time"], told["open"], told["late"]) == (2, 2, 1, 0)
    assert told["oldest"]["document"] == history["d"]
    assert 0.0 <= told["passage"]["median_s"] <= told["passage"]["p90_s"] < 600.0
    assert (of(answer, "bauamt")["filed"], of(answer, "kasse")["filed"]) == (1, 1)
    assert sum(sum(step["channels"].values()) for step in told["steps"]) == 4
    assert (told["by"], len(told["steps"])) == ("month", 12)


def test_an_office_sees_its_own_figures_only(hall: CityHall, history: dict[str, str]) -> None:
    """Nothing of others in any part; no office, no figures; who neither decides nor administers gets none."""
    told = hall.key("decide", "search", offices=("kasse",)).get(PATH).json()
    assert ([one["office"] for one in told["offices"]], told["received"]) == (["kasse"], 0)
    assert (told["passage"]["filed"], told["open"], told["oldest"]) == (1, 0, None)
    assert hall.key("decide").get(PATH).json()["passage"]["filed"] == 0
    for path in (PATH, f"{PATH}/table", f"{PATH}/paper"):
        assert hall.key("deliver", "search").get(path).status_code == 403
        assert hall.stranger().get(path, headers={"Accept": "*/*"}).status_code == 401


def test_a_reopened_letter_is_open_again(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """It was filed once, and waits: it counts as both."""
    decide(everybody, history["a"], action="reopen")
    told = everybody.get(PATH).json()
    assert (told["passage"]["filed"], told["open"]) == (2, 2)
    assert told["oldest"]["document"] == history["a"]


def test_a_protected_letter_is_never_named(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """The oldest open one is told to those who may see it; others are told of the next, and of the count."""
    clerk = hall.key("decide", "search", offices=("poststelle",))
    decide(everybody, history["d"], action="assign", office="bauamt")
    assert clerk.get(PATH).json()["open"] == 0
    assert hall.key("decide", "search", offices=("bauamt",)).get(PATH).json()["oldest"]["document"] == history["d"]
    decide(everybody, history["d"], action="assign", office="poststelle")
    assert clerk.get(PATH).json()["oldest"]["document"] == history["d"]
    hidden = Course(
        tenant="main", document="d" + "0" * 26, version=9, channel="mail", office="poststelle",
        received_at=hall.ports.clock.now() - timedelta(days=9),
    )  # fmt: skip
    hall.ports.ledger.note_course(hidden)
    told = clerk.get(PATH).json()
    assert (told["open"], told["late"], told["oldest"]["document"]) == (2, 1, history["d"])


def test_figures_come_back_from_the_store(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """A book that was thrown away and written anew tells the same."""
    before = everybody.get(PATH).json()
    hall.ports.ledger.clear("main")
    assert everybody.get(PATH).json()["received"] == 0
    rebuild(hall.contexts["ledger"])
    assert everybody.get(PATH).json() | {"at": ""} == before | {"at": ""}


def test_periods_and_nonsense(everybody: Browser, history: dict[str, str]) -> None:
    """Last year had nothing; a short period goes by weeks; what ends before it begins, or lasts for ever, is 400."""
    last_year = everybody.get(PATH, params={"from": "2001-01-01", "to": "2001-12-31"}).json()
    assert (last_year["received"], last_year["open"], last_year["passage"]["filed"]) == (0, 0, 0)
    assert [step["begins"] for step in last_year["steps"]][:2] == ["2001-01-01", "2001-02-01"]
    weeks = everybody.get(PATH, params={"from": "2001-01-03", "to": "2001-01-15"}).json()
    assert [step["begins"] for step in weeks["steps"]] == ["2001-01-03", "2001-01-08", "2001-01-15"]
    for since, until in (
        ("2026-02-01", "2026-01-01"),
        ("2000-01-01", "2026-01-01"),
        ("x", ""),
        ("9999-01-01", "9999-12-31"),
    ):
        assert everybody.get(PATH, params={"from": since, "to": until}).status_code == 400


def test_page_has_plots_with_words_and_no_script(hall: CityHall, history: dict[str, str]) -> None:
    """Two pictures that say in words what they show, tables, links to files; wrong days are forgiven."""
    clerk = hall.clerk("berg", all_offices=True)
    page = clerk.get("/berichte").text
    assert page.count("<svg") == page.count('role="img" aria-label=') == 2
    assert "<script" not in page
    assert "4, davon 3 E-Mail, 1 Scan" in page
    assert f"/dokumente/{history['d']}" in page
    assert "/api/v1/reports/paper?from=" in page
    assert clerk.get("/berichte?von=morgen").status_code == 400
    assert "Voriges Jahr" in clerk.get("/berichte?von=2001-01-01&bis=2001-02-01").text
    assert hall.clerk("feld", rights=("search",)).get("/berichte").status_code == 403


def test_table_is_read_by_spreadsheets(everybody: Browser, history: dict[str, str]) -> None:
    """Semicolons, the mark of UTF-8, one figure a line; its sums are those of the report."""
    answer = everybody.get(f"{PATH}/table")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert sum(int(row["Wert"]) for row in rows if row["Kennzahl"] == "Eingänge") == 4
    assert {row["Amt"] for row in rows if row["Kennzahl"] == "Abgelegt" and row["Amt"]} >= {"Bauamt"}


def test_paper_says_what_the_page_says(everybody: Browser, history: dict[str, str]) -> None:
    """A4, German, with its fonts inside, and each page says of how many it is one."""
    answer = everybody.get(f"{PATH}/paper")
    assert answer.headers["content-type"] == "application/pdf"
    paper = pypdfium2.PdfDocument(answer.content)
    text = "".join(page.get_textpage().get_text_range() for page in paper)
    assert "Bericht der Poststelle" in text
    assert "4 (3 E-Mail, 1 Scan)" in text
    assert "Bauamt" in text
    assert f"Seite {len(paper)} von {len(paper)}" in text
    assert b"/FontFile2" in answer.content
    assert b"de-DE" in answer.content
    assert paper[0].get_size() == pytest.approx((595, 842), abs=1)
