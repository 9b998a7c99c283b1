"""Cover sheets in a batch: they lead to a file or an office, and what is wrong with one is a case for a clerk."""

import copy
import json
from typing import Any, cast

import pytest

from services.core.model import record
from services.core.model.batches import covers
from services.core.model.record import Record
from tests.component.city_hall import API, PLAN, CityHall
from tests.component.piles import parts_of, scanned
from tests.fakes.readers import SHEETS


def covered(hall: CityHall, *codes: str) -> Record:
    """The document behind these cover sheets."""
    sheets = "\f".join(f"[{code}]" for code in codes)
    batch = scanned(hall, SHEETS + f"{sheets}\fEin Lageplan ohne jedes Zeichen".encode())
    (part,) = parts_of(hall, batch)
    return part


def an_open_file(hall: CityHall, **how: str) -> str:
    """The number of a file that has a document."""
    clerk = hall.key("search", "decide", all_offices=True)
    letter = hall.scan(b"Antrag auf Baugenehmigung", "antrag.txt")["document"]
    version = clerk.get(f"{API}/documents/{letter}").json()["version"]
    answer = clerk.post(
        f"{API}/documents/{letter}/decisions",
        json={"action": "file", "position": "52.10", **how},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code in (200, 201, 202), answer.text
    return cast("str", clerk.get(f"{API}/documents/{letter}").json()["filings"][0]["file"])


def test_a_cover_sheet_leads_to_its_file(hall: CityHall) -> None:
    """Without a word in the letter; the evidence is of its own kind. The same sheet twice says no more than once."""
    file = an_open_file(hall)
    for copies in (1, 2):
        part = covered(hall, *[covers.written("main", file=file)] * copies)
        now = record.standing(part)
        assert (now.state, [filing.file for filing in now.filings]) == ("filed", [file])
        assert part.classification
        assert (part.classification.reason, part.classification.evidence[0].kind) == ("cover_sheet", "cover_sheet")


def divided(hall: CityHall, cases: str) -> None:
    """The files of 52.10 have Vorgänge from now on."""
    plan: dict[str, Any] = copy.deepcopy(PLAN)
    next(place for place in plan["positions"] if place["code"] == "52.10")["cases"] = cases
    hall.configuration.store("plan", json.dumps(plan | {"version": "2026.2"}).encode(), base=1)


@pytest.mark.parametrize(
    ("cases", "sign", "ending"),
    [
        ("optional", "#1", ("filed", "", 1)),
        ("required", "#1", ("filed", "", 1)),
        ("optional", "", ("filed", "", None)),
        ("required", "", ("held", "no_case", None)),
        ("optional", "#2", ("held", "no_case", None)),
    ],
)
def test_a_cover_sheet_leads_to_its_case(
    hall: CityHall, cases: str, sign: str, ending: tuple[str, str, int | None]
) -> None:
    """By its sign; where the file does not have it, or the plan asks for one and none is named, a clerk is asked."""
    divided(hall, cases)
    file = an_open_file(hall, case="new")
    now = record.standing(covered(hall, covers.written("main", file=f"{file}{sign}")))
    case = now.filings[0].case if now.filings else None
    assert (now.state, now.reason, case) == ending


def test_sheets_for_two_cases_of_a_file_contradict_each_other(hall: CityHall) -> None:
    """Nothing between them says which one counts."""
    divided(hall, "optional")
    file = an_open_file(hall, case="new")
    now = record.standing(covered(hall, *(covers.written("main", file=f"{file}{sign}") for sign in ("#1", ""))))
    assert (now.state, now.reason) == ("held", "cover_faulty")


def test_a_cover_sheet_leads_to_its_office(hall: CityHall) -> None:
    """Its clerks see the document and decide about it, others do not."""
    part = covered(hall, covers.written("main", office="kasse"))
    assert (record.standing(part).state, record.standing(part).office) == ("held", "kasse")
    assert hall.key("search", offices=("kasse",)).get(f"{API}/documents/{part.document}").status_code == 200
    assert hall.key("search", offices=("bauamt",)).get(f"{API}/documents/{part.document}").status_code == 404


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ((covers.written("main", file="52.10/1-2026")[:-1] + "x",), "cover_faulty"),
        ((covers.written("main", file="52.10/1-2026").replace("52", "25"),), "cover_faulty"),
        ((covers.written("nachbarstadt", file="52.10/1-2026"),), "cover_faulty"),
        ((covers.written("main", office="hafenamt"),), "cover_faulty"),
        (("PS2|main|AZ=52.10/1-2026|C=00000000",), "cover_faulty"),
        ((covers.written("main", office="kasse"), covers.written("main", office="bauamt")), "cover_faulty"),
        ((covers.written("main", file="52.10/999-2026"),), "unknown_number"),
    ],
)
def test_a_wrong_cover_sheet_is_a_case_for_a_clerk(hall: CityHall, codes: tuple[str, ...], reason: str) -> None:
    """Nothing is guessed: no file is taken, and the reason is told."""
    now = record.standing(covered(hall, *codes))
    assert (now.state, now.reason, now.filings) == ("held", reason, ())
