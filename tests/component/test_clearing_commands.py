"""`poststelle clearing`: what waits for a clerk, listed and filed by who types."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from services.cli import main
from tests.component.browser import called
from tests.component.city_hall import API, CityHall, a_mail

Command = Callable[..., tuple[int, str]]
FIRST = f"52.10/1-{datetime.now(UTC).year}"


@pytest.fixture
def command(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs `poststelle clearing …` against the hall; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    key = hall.access.add_key("command-line", rights=("search", "decide"), all_offices=True)
    (tmp_path / "key").write_text(key)
    monkeypatch.setattr(httpx, "request", called(hall.app))

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["poststelle", "clearing", *words, "--key-file", "key"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return run


def test_what_waits_is_listed_oldest_first_and_page_by_page(hall: CityHall, command: Command) -> None:
    """A line each with its reason; filters narrow; JSON for programs."""
    first, second = (hall.deliver(a_mail(subject))["document"] for subject in ("Carport", "Zaun"))
    code, said = command("list", "--limit", "1")
    assert code == 0
    assert said.splitlines()[0] == "2 waiting"
    assert said.splitlines()[1].split()[::3] == [first, "unsure"]
    cursor = said.splitlines()[-1].removeprefix("there is more: --cursor ")
    assert second in command("list", "--limit", "1", "--cursor", cursor)[1]
    assert "0 waiting" in command("list", "--reason", "no_text")[1]
    assert "0 waiting" in command("list", "--office", "kasse")[1]
    assert [hit["title"] for hit in json.loads(command("list", "--json")[1])["items"]] == ["Carport", "Zaun"]


def test_a_document_is_filed_into_a_new_file_and_the_next_one_behind_it(hall: CityHall, command: Command) -> None:
    """The entry is printed; nothing waits any more."""
    first, second = (hall.deliver(a_mail(subject))["document"] for subject in ("Carport", "Zaun"))
    assert command("file", first, "--position", "52.10") == (0, f"{FIRST}-001\n")
    assert command("file", second, "--file", FIRST) == (0, f"{FIRST}-002\n")
    assert command("list")[1] == "0 waiting\n"


def test_a_document_is_filed_into_a_vorgang(hall: CityHall, command: Command) -> None:
    """The sign is printed behind the entry, and stands in the history; what is no Vorgang is told as a refusal."""
    context = hall.contexts["filing"]
    places = (replace(one, cases="optional") if one.code == "52.10" else one for one in context.plan.positions)
    context.configuration.force("plan", replace(context.plan, version="9", positions=tuple(places)))
    first, second, third = (hall.deliver(a_mail(subject))["document"] for subject in ("Carport", "Zaun", "Tor"))
    assert command("file", first, "--position", "52.10", "--case", "new") == (0, f"{FIRST}-001  {FIRST}#1\n")
    assert command("file", second, "--file", FIRST, "--case", "1") == (0, f"{FIRST}-002  {FIRST}#1\n")
    assert command("file", third, "--file", f"{FIRST}#2")[0] == 1
    assert command("file", third, "--file", FIRST, "--case", "9" * 5000)[0] == 2
    assert command("file", third, "--file", FIRST) == (0, f"{FIRST}-003\n")
    history = hall.key("search", all_offices=True).get(f"{API}/documents/{second}/history").json()["items"]
    assert [stop["case"] for stop in history if stop["stage"] == "filed"] == [1]


def test_a_refused_decision_is_one_sentence(hall: CityHall, command: Command) -> None:
    """No such file, no such document, nowhere to, or twice the same."""
    document = hall.deliver(a_mail())["document"]
    code, said = command("file", document, "--file", "52.10/99-2026")
    assert (code, said.startswith("poststelle: ")) == (1, True)
    assert command("file", "d" + "0" * 26, "--position", "52.10")[0] == 1
    assert command("file", document)[0] == command("file", document, "--file", "1", "--position", "2")[0] == 2
    assert command("file", document, "--position", "52.10")[0] == 0
    assert command("file", document, "--file", FIRST)[0] == 1
