"""What another city's plan takes over by title, service, product or likeness; and which positions know little."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from services.classification.knowledge.starter import Source, examples_for, sources_of
from services.cli import poststelle
from services.core.plan import plan_check
from services.core.plan.file_plan import FilePlan, PlanPosition
from tests.component.city_hall import API, CityHall
from tests.component.registry_office import RegistryOffice
from tests.evaluation.judging import shipped_plan

PATH = f"{API}/classification/knowledge"
HOLE = "Vor unserem Haus ist die Straße aufgebrochen, die Reifen schlagen in ein tiefes Loch, bitte teeren Sie es zu."


def another_plan(*positions: PlanPosition) -> FilePlan:
    """A plan of another city: none of its codes is ours."""
    offices = {"tiefbau": "Tiefbauamt", "kasse": "Stadtkasse"}
    return FilePlan(name="Andernorts", version="1", offices=offices, positions=positions)


TITLE = PlanPosition(code="A1", title="Hundesteuer", office="kasse")
PRODUCT = PlanPosition(code="A2", title="Fahrbahnen", kgst=("54.1-01",), description="Schlaglöcher und Gehwege")
LIKE = PlanPosition(code="A3", title="Beisetzung", description="Grabstätte, Nutzungsrecht, Friedhof, Urne, Bestattung")
NOTHING = PlanPosition(code="A4", title="Quantenelektronik", description="Versuche mit Lasern", office="tiefbau")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the words of our letters are kept."""
    return tmp_path_factory.mktemp("cache")


def test_letters_are_taken_over_by_the_surest_sign(cache: Path) -> None:
    """The same title, else the product, else texts that are like no other's; what is like nothing takes nothing."""
    ours = shipped_plan().by_code
    found = sources_of(another_plan(TITLE, PRODUCT, LIKE, NOTHING), cache)
    assert {code: source.by for code, source in found.items()} == {"A1": "title", "A2": "product", "A3": "likeness"}
    assert ours[found["A1"].code].title == "Hundesteuer"
    assert found["A2"].code.startswith("54.10")
    assert found["A3"].code.startswith("54.20")


def test_a_service_names_its_matter(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Applying for something and changing it are one matter: the first eight digits of the key say which."""
    plan = shipped_plan()
    keyed = [
        msgspec.structs.replace(p, leika=("99999001012000",)) if p.code == "61.20.03" else p for p in plan.positions
    ]
    marked = msgspec.structs.replace(plan, positions=tuple(keyed))
    monkeypatch.setattr("services.classification.knowledge.starter._ours", lambda: marked)
    tax = PlanPosition(code="B1", title="Vierbeiner", leika=("99999001999000",))
    assert sources_of(another_plan(tax), cache) == {"B1": Source("61.20.03", "service")}


def test_the_shipped_plan_has_its_own_letters(cache: Path) -> None:
    """Every open position its own, whatever else its texts are like."""
    plan = shipped_plan()
    found = sources_of(plan, cache)
    own = {code: source.code for code, source in found.items()}
    assert own == {code: code for code in own}
    assert set(own) == set(examples_for(plan, cache))


def test_what_is_taken_over_judges(cache: Path) -> None:
    """A letter that shares no word with the position finds it by the letters of ours; without the product it cannot."""
    bare = msgspec.structs.replace(PRODUCT, title="Fahrbahnen", description="", kgst=())
    first = []
    for position in (bare, PRODUCT):
        office = RegistryOffice(classification={"meaning": False}, storage={"cache": cache})
        office.configuration.force("plan", another_plan(TITLE, position, NOTHING))
        made = office.classify(HOLE)
        first.append(made.candidates[0].position if made.candidates else "")
    assert first[0] != "A2"
    assert first[1] == "A2"


def test_codes_are_checked() -> None:
    """A service key has fourteen digits, a product number letters and digits; the fault names the line."""
    position = {"code": "A", "title": "A", "leika": ["123"], "kgst": ["<b>"]}
    text = json.dumps({"name": "S", "version": "1", "positions": [position]})
    assert [fault.code for fault in plan_check.faults_of(text)] == ["wrong_type", "wrong_type"]


def test_which_positions_know_little(hall: CityHall, options: list[str]) -> None:
    """API, page and command tell them, each office its own; accounts are told to administrators alone."""
    everything = hall.key("administer", all_offices=True).get(PATH).json()
    assert everything["positions"]
    assert everything["little"] == sum(one["little"] for one in everything["positions"])
    mine = hall.key("decide", offices=("kasse",)).get(PATH).json()
    assert {one["office"] for one in mine["positions"]} <= {"kasse"}
    assert mine["accounts"] == []
    assert hall.key("deliver").get(PATH).status_code == 403
    page = hall.clerk("feld", rights=("decide",), all_offices=True).get("/wissen").text
    poor = next(one for one in everything["positions"] if one["little"])
    assert f"{poor['code']} {poor['title']}" in page
    assert "Nach Konto" not in page
    ran = CliRunner().invoke(poststelle, ["plan", "knowledge", *options])
    assert ran.exit_code == 0, ran.output
    assert f"{everything['little']} of {len(everything['positions'])} positions know little" in ran.output
