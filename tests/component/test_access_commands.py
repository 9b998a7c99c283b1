"""`poststelle account`, `key` and `procedure`: what an administrator hears of a name that leads nowhere."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from services.cli import main
from tests.component.browser import Browser
from tests.component.city_hall import CityHall

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs `poststelle …` against the hall; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(hall.access.add_key("command-line", rights=("administer",)))
    client = Browser(hall.app)

    def request(method: str, url: str, *, timeout: float, **how: Any) -> httpx.Response:
        return client.ask(method, urlsplit(url).path, **how)

    monkeypatch.setattr(httpx, "request", request)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["poststelle", *words, "--key-file", "key"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return run


def test_a_key_is_revoked_by_the_id_that_the_list_shows(hall: CityHall, command: Command) -> None:
    """Its source is no id: the sentence says what was looked for, and where ids are shown."""
    hall.access.add_key("foyer", rights=("deliver",))
    code, said = command("key", "revoke", "foyer")
    assert (code, said) == (1, "poststelle: no key has the id foyer; `poststelle key list` shows the ids\n")
    (line,) = (line for line in command("key", "list")[1].splitlines() if "foyer" in line)
    assert command("key", "revoke", line.split()[0])[0] == 0
    assert hall.access.everybody.keys[-1].revoked


@pytest.mark.parametrize("act", [("reset",), ("change", "--disable")])
def test_an_account_that_is_not_there_is_named(command: Command, act: tuple[str, ...]) -> None:
    """With the command that lists those which are."""
    code, said = command("account", *act, "niemand")
    assert code == 1
    assert "no account has the name niemand; `poststelle account list` shows the names" in said


@pytest.mark.parametrize("name", ["BAD NAME", "bau/amt", "bau?amt", "1bau", "b" * 33, ""])
def test_a_procedure_needs_a_name_that_is_allowed(hall: CityHall, command: Command, name: str) -> None:
    """The sentence is about a name and says of what it may be made; nothing is registered."""
    code, said = command("procedure", "add", name)
    assert (code, "a letter first" in said, "file" in said) == (1, True, False)
    assert hall.rooms["procedures"].procedures.procedures == ()
    answer = hall.key("administer").ask("PUT", "/api/v1/procedures/BAD NAME", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_name")
