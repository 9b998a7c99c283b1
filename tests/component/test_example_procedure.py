"""The procedure of the documentation, turn by turn; a journey shows that it outlives deaths."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.core.messages.procedures import Procedure
from services.procedures.registering.registration import register
from services.procedures.registering.testing import sent
from tests.component.browser import Browser
from tests.component.city_hall import CityHall
from tests.component.test_procedures import filed
from tests.invoices.made import Made
from tests.invoices.ubl import ubl

NAME = "bauverfahren"
PATIENCE_S = 5


@pytest.fixture(scope="module")
def example(project: Path) -> ModuleType:
    """The file as a reader copies it."""
    spec = importlib.util.spec_from_file_location("example", project / "docs/examples/procedure.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Line:
    """The way to the hall; notes the acts and how long the inbox was to wait, and waits for nothing."""

    def __init__(self, hall: CityHall) -> None:
        key = hall.access.add_procedure_key(NAME, NAME)
        self._client = Browser(hall.app, Authorization=f"Bearer {key}")
        self.acts: list[str] = []
        self.waits: list[float] = []

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        """One request of the example."""
        parts = urlsplit(path)
        self.acts.append(parts.path.rpartition("/")[2])
        self.waits += [float(wait) for wait in parse_qs(parts.query).get("wait", ())]
        answer = self._client.ask(method, path.partition("&wait=")[0], content=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.content


@pytest.fixture
def line(hall: CityHall) -> Line:
    """A registered procedure's."""
    register(Procedure(name=NAME, positions=("52",)), hall.contexts["procedures"])
    return Line(hall)


@pytest.fixture
def procedure(example: ModuleType, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example at work in a folder."""
    made = example.Procedure("", NAME, "", tmp_path / "folder")
    monkeypatch.setattr(made, "_ask", line.ask)
    return made


def test_a_new_file_is_submitted_soon_and_once(line: Line, procedure: Any, tmp_path: Path) -> None:
    """It waits for the end of a short look into the inbox at most, goes out before the next one, and not again."""
    procedure.turn()
    (tmp_path / "folder/out/bescheid.txt").write_text("Bescheid")
    procedure.turn()
    assert line.acts == ["inbox", "uploads", "outbox", "inbox"]
    assert max(line.waits) <= PATIENCE_S
    procedure.turn()
    assert [path.suffix for path in (tmp_path / "folder/in").iterdir()] == [".json"]
    assert line.acts.count("uploads") == 1


def test_an_outcome_that_lets_one_wait_brings_no_second_upload(
    hall: CityHall, line: Line, procedure: Any, tmp_path: Path
) -> None:
    """While the service is behind, the file lies there and nothing is sent again."""
    hall.log.prompt = False
    (tmp_path / "folder/out/bescheid.txt").write_text("Bescheid")
    for _ in range(3):
        procedure.turn()
    assert line.acts.count("uploads") == 1


def test_what_is_still_being_written_is_left_alone(line: Line, procedure: Any, tmp_path: Path) -> None:
    """A name with a dot first, and a folder."""
    (tmp_path / "folder/out/.bescheid.txt").write_text("Besch")
    (tmp_path / "folder/out/entwürfe").mkdir()
    procedure.turn()
    assert line.acts == ["inbox"]


def test_what_it_does_not_know_is_passed_over(hall: CityHall, line: Line, procedure: Any, tmp_path: Path) -> None:
    """An invoice that is told in its inbox stops no client: it goes on to the delivery behind it."""
    register(Procedure(name=NAME, positions=("52",), invoices=True), hall.contexts["procedures"])
    hall.scan(ubl(Made()), "rechnung.xml")
    filed(hall, "52.10")
    procedure.turn()
    (kept,) = (tmp_path / "folder/in").iterdir()
    assert b"Bauantrag" in kept.read_bytes()
    assert line.acts.count("outbox") == 1


def test_a_test_message_is_acknowledged(hall: CityHall, line: Line, procedure: Any, tmp_path: Path) -> None:
    """It answers, and keeps nothing."""
    sent(NAME, hall.contexts["procedures"])
    procedure.turn()
    assert line.acts == ["inbox", "outbox"]
    assert not list((tmp_path / "folder/in").iterdir())
