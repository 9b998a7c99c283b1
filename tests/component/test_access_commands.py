"""`poststelle account`, `key` and `procedure`: keys into files, and what is heard of a name that leads nowhere."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from services.cli import main
from tests.component.browser import Browser, called
from tests.component.city_hall import CityHall

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    hall: CityHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs `poststelle …` against the hall; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(hall.access.add_key("command-line", rights=("administer",)))
    monkeypatch.setattr(httpx, "request", called(hall.app))

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
    assert hall.contexts["procedures"].procedures.procedures == ()
    answer = hall.key("administer").ask("PUT", "/api/v1/procedures/BAD NAME", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_name")


def sources(hall: CityHall) -> list[str]:
    """Whose keys were made here."""
    return [key.source for key in hall.access.everybody.keys if key.source.startswith("bv")]


def test_a_key_is_written_into_a_new_file(hall: CityHall, command: Command, tmp_path: Path) -> None:
    """Readable to its owner alone; JSON names file and id, never the key."""
    code, said = command("key", "add", "bv", "--to-file", "bv.key", "--json")
    key = (tmp_path / "bv.key").read_text().strip()
    assert code == 0
    assert hall.access.by_key(key)
    assert (tmp_path / "bv.key").stat().st_mode & 0o777 == 0o600
    assert json.loads(said) == {"id": key.split("_")[1], "file": "bv.key"}


@pytest.mark.parametrize("place", ["bv.key", "nowhere/bv.key"])
def test_a_file_that_cannot_be_had_makes_no_key(hall: CityHall, command: Command, tmp_path: Path, place: str) -> None:
    """One that is there holds a key that is still good, and one that cannot be made would lose the new one: exit 2."""
    (tmp_path / "bv.key").write_text("psk_k-1_old")
    code, said = command("key", "add", "bv", "--to-file", place)
    assert code == 2
    assert place in said
    assert (tmp_path / "bv.key").read_text() == "psk_k-1_old"
    assert not sources(hall)


def test_a_refused_key_leaves_no_file(hall: CityHall, command: Command, tmp_path: Path) -> None:
    """No procedure of that name is there: exit 1 with the sentence, and the same call may be made again."""
    code, said = command("key", "add", "bv", "--procedure", "gibtsnicht", "--to-file", "bv.key")
    assert (code, said) == (1, "poststelle: There is no such procedure.\n")
    assert not (tmp_path / "bv.key").exists()
    assert not sources(hall)


def test_the_key_of_a_procedure_is_changed(hall: CityHall, command: Command) -> None:
    """The new one is printed once and opens its inbox, the old one nothing; with --keep-old both go on."""
    command("procedure", "add", "bv")
    old = command("key", "add", "bv", "--procedure", "bv")[1].strip()
    second = command("procedure", "rotate-key", "bv")[1].strip()
    third = command("procedure", "rotate-key", "bv", "--keep-old")[1].strip()
    path = "/api/v1/procedures/bv/inbox"
    opened = [Browser(hall.app, Authorization=f"Bearer {key}").get(path).status_code for key in (old, second, third)]
    assert opened == [401, 200, 200]


def test_a_procedure_is_shown_paused_resumed_and_removed(hall: CityHall, command: Command) -> None:
    """Each in a sentence; the beginning of a settings file is JSON; a removed one has no key and no name any more."""
    command("procedure", "add", "bv", "--office", "bauamt")
    command("procedure", "rotate-key", "bv")
    assert command("procedure", "pause", "bv") == (0, "bv is paused.\n")
    assert command("procedure", "list") == (0, "bv\tbauamt\tpaused\n")
    code, said = command("procedure", "show", "bv")
    assert (code, "unanswered\t0" in said, "paused\tno" in said) == (0, True, False)
    assert command("procedure", "resume", "bv") == (0, "bv takes part again.\n")
    assert json.loads(command("procedure", "show", "bv", "--starter")[1])["name"] == "bv"
    assert command("procedure", "replay", "bv", "--since", "2026-01-01T00:00:00Z") == (0, "0 events were told again.\n")
    assert command("procedure", "remove", "bv")[0] == 0
    assert [key.revoked for key in hall.access.everybody.keys if key.procedure] == [True]
    code, said = command("procedure", "show", "bv")
    assert (code, "no procedure has the name bv" in said) == (1, True)
