"""Figures of classification: right for a small history, each office its own, on the page without any script."""

import json
from typing import Any

import pytest

from services.core.ports.ledger_store import Judged
from services.ledger.quality.figures import MEASURED
from services.ledger.rebuilding import rebuild
from tests.component.browser import Browser
from tests.component.city_hall import API, PLAN, CityHall, a_mail

PATH = f"{API}/classification/quality"


@pytest.fixture
def everybody(hall: CityHall) -> Browser:
    """Sees and decides everything."""
    return hall.key("administer", "search", "decide", all_offices=True)


def decide(clerk: Browser, document: str, **wish: str) -> None:
    """A clerk's decision about a document as it is."""
    path = f"{API}/documents/{document}"
    answer = clerk.post(f"{path}/decisions", json=wish, headers={"If-Match": clerk.get(path).headers["etag"]})
    assert answer.status_code == 202, answer.text


@pytest.fixture
def history(hall: CityHall, everybody: Browser) -> dict[str, str]:
    """Two proposals of a rule, one right and one wrong; one filed by its number, one such corrected; one waits."""
    given: Any = PLAN["positions"]
    ruled = [p | {"rules": [{"words": ["Carport"], "confidence": 0.8}]} if p["code"] == "52.10" else p for p in given]
    plan = json.dumps(PLAN | {"positions": ruled, "version": "2"}).encode()
    assert everybody.ask("PUT", f"{API}/plan", content=plan).status_code == 200
    right, wrong, waiting = (str(hall.deliver(a_mail("Carport", f"Nr. {n}"))["document"]) for n in "abc")
    decide(everybody, right, action="file", position="52.10")
    decide(everybody, wrong, action="file", position="20.1")
    file = str(everybody.get(f"{API}/documents/{right}").json()["filings"][0]["file"])
    kept, corrected = (str(hall.deliver(a_mail(f"Nachtrag {n}", f"Ihr Zeichen: {file}"))["document"]) for n in "de")
    decide(everybody, corrected, action="move", position="20.1")
    return {"right": right, "wrong": wrong, "waiting": waiting, "kept": kept, "corrected": corrected}


def of(answer: Any, group: str, key: str) -> dict[str, Any]:
    """The figures of one key of a group."""
    return next(one for one in answer.json()[group] if one["key"] == key)


def test_figures_are_right(everybody: Browser, history: dict[str, str]) -> None:
    """Coverage 2 of 5, precision 1 of 2, hits 1 of 3, the office 1 of 3; by office, position and reason as well."""
    answer = everybody.get(PATH)
    assert answer.status_code == 200, answer.text
    whole = answer.json()["all"]
    assert (whole["judged"], whole["automatic"], whole["corrected"], whole["decided"], whole["waiting"]) == (
        5,
        2,
        1,
        3,
        1,
    )
    assert (whole["coverage"], whole["precision"]) == (0.4, 0.5)
    assert (whole["hit_rate"], whole["office_hit_rate"]) == (0.3333, 0.3333)
    assert (of(answer, "offices", "bauamt")["judged"], of(answer, "offices", "kasse")["judged"]) == (3, 2)
    assert of(answer, "positions", "52.10")["decided"] == 3
    assert {one["key"]: one["judged"] for one in answer.json()["reasons"]} == {"number": 2, "unsure": 3}
    assert len(answer.json()["weeks"]) == 1
    bins = {
        one["certainty"]: (one["decided"], one["promised"], one["came_true"]) for one in answer.json()["calibration"]
    }
    seen = everybody.get(f"{API}/documents/{history['wrong']}").json()["candidates"][0]["confidence"]
    assert bins.pop("0.9") == (1, 1.0, 0.0)
    assert list(bins.values()) == [(2, pytest.approx(seen, abs=0.01), 0.5)]
    assert answer.json()["calibration_error"] == pytest.approx((2 * (seen - 0.5) + 1) / 3, abs=0.01)
    assert answer.json()["drift"]["difference"] is None


def test_an_office_sees_its_own_figures_only(hall: CityHall, history: dict[str, str]) -> None:
    """Counts of others are in no part of the answer; whoever belongs to no office sees none; strangers are 401."""
    told = hall.key("decide", "search", offices=("kasse",)).get(PATH)
    assert (told.json()["all"]["judged"], [one["key"] for one in told.json()["offices"]]) == (2, ["kasse"])
    assert hall.key("decide").get(PATH).json()["all"]["judged"] == 0
    assert hall.key("deliver").get(PATH).status_code == 403
    assert hall.stranger().get(PATH, headers={"Accept": "*/*"}).status_code == 401


def test_figures_come_back_from_the_store(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """A book that was thrown away and written anew tells the same."""
    before = everybody.get(PATH).json()
    hall.ports.ledger.clear("main")
    assert everybody.get(PATH).json()["all"]["judged"] == 0
    rebuild(hall.contexts["ledger"])
    assert everybody.get(PATH).json() == before


def test_figures_of_one_office_and_of_one_position(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """Each part adds up to the whole, with its own reliability and drift; a foreign office is empty, not told."""
    assert everybody.get(PATH, params={"office": "bauamt"}).json()["all"]["judged"] == 3
    narrowed = everybody.get(PATH, params={"office": "kasse", "position": "52.10"})
    assert (narrowed.json()["all"]["judged"], [one["key"] for one in narrowed.json()["offices"]]) == (2, ["kasse"])
    assert of(narrowed, "offices", "kasse")["drift"]["difference"] is None
    assert everybody.get(PATH, params={"position": ""}).json()["all"]["judged"] == 0
    own = hall.key("decide", "search", offices=("kasse",))
    assert own.get(PATH, params={"office": "bauamt"}).json()["all"]["judged"] == 0
    page = hall.clerk("feld", offices=("kasse",)).get("/guete?amt=kasse&stelle=52.10").text
    assert '<option value="kasse" selected>' in page
    assert '<option value="bauamt"' not in page


def test_period_narrows_and_nonsense_is_refused(everybody: Browser, history: dict[str, str]) -> None:
    """Days outside count for nothing; a period that ends before it begins, or lasts for ever, is 400."""
    assert everybody.get(PATH, params={"from": "2001-01-01", "to": "2001-02-01"}).json()["all"]["judged"] == 0
    for since, until in (("2026-02-01", "2026-01-01"), ("2000-01-01", "2026-01-01"), ("x", "")):
        assert everybody.get(PATH, params={"from": since, "to": until}).status_code == 400


def test_page_shows_plots_without_a_script(hall: CityHall, history: dict[str, str]) -> None:
    """Seven pictures with words for who cannot see them, tables, and a form that forgives."""
    clerk = hall.clerk("berg", all_offices=True)
    page = clerk.get("/guete").text
    assert page.count("<svg") == 7
    assert page.count('role="img" aria-label=') == 7
    assert "<script" not in page
    assert "40,0 % ohne Zutun abgelegt" in page
    assert "52.10 Baugenehmigungen" in page
    assert clerk.get("/guete?von=morgen").status_code == 400
    assert "ist nichts geprüft worden" in clerk.get("/guete?von=2001-01-01&bis=2001-02-01").text
    assert hall.clerk("feld", rights=("search",)).get("/guete").status_code == 403


def test_metrics_tell_the_same(hall: CityHall, everybody: Browser, history: dict[str, str]) -> None:
    """By office: judged, filed without a clerk, corrected, decided, hits."""
    text = everybody.get("/metrics").text
    assert 'poststelle_classification_documents{office="kasse",outcome="judged"} 2.0' in text
    assert 'poststelle_classification_documents{office="bauamt",outcome="automatic"} 1.0' in text


def test_each_office_tells_what_its_probabilities_rest_on(hall: CityHall, everybody: Browser) -> None:
    """An office that decided a hundred times is measured by itself; one that decided less says that it is not yet."""
    book, now = hall.ports.ledger, hall.ports.clock.now()
    for office, count in (("bauamt", MEASURED), ("kasse", MEASURED - 1)):
        for number in range(count):
            book.note_judged(
                Judged(
                    tenant="main",
                    document=f"{office}-{number}",
                    version=1,
                    judged_at=now,
                    office=office,
                    proposed_office=office,
                    position="52.10",
                    confidence=0.96 if number % 2 else 0.6,
                    reason="unsure",
                    automatic=False,
                    corrected=False,
                    decided=True,
                    final="52.10" if number % 4 else "20.1",
                )
            )
    book.commit()
    told = everybody.get(PATH)
    own, starter = (of(told, "offices", office)["reliability"] for office in ("bauamt", "kasse"))
    assert (own["measured_by"], own["decided"]) == ("own", MEASURED)
    assert [(one["promised"], one["came_true"]) for one in own["bins"]] == [(0.6, 0.5), (0.96, 1.0)]
    assert own["calibration_error"] == pytest.approx(0.07)
    assert (starter["measured_by"], starter["bins"], starter["calibration_error"]) == ("starter", [], None)
    page = hall.clerk("berg", all_offices=True).get("/guete").text
    assert "Anfangswerte, eigene ab 100 Entscheidungen" in page
    assert "eigene Entscheidungen" in page
    assert "60,0 %: 50,0 % (50)" in page
