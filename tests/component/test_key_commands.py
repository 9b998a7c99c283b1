"""`poststelle key`: a key into a file that is nobody's yet."""

import json
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
    """Runs `poststelle key add …` against the hall; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(hall.access.add_key("command-line", rights=("administer",)))
    client = Browser(hall.app)

    def request(method: str, url: str, *, timeout: float, **how: Any) -> httpx.Response:
        return client.ask(method, urlsplit(url).path, **how)

    monkeypatch.setattr(httpx, "request", request)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["poststelle", "key", "add", *words, "--key-file", "key"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return run


def sources(hall: CityHall) -> list[str]:
    """Whose keys were made here."""
    return [key.source for key in hall.access.everybody.keys if key.source.startswith("bv")]


def test_a_key_is_written_into_a_new_file(hall: CityHall, command: Command, tmp_path: Path) -> None:
    """Readable to its owner alone; JSON names file and id, never the key."""
    code, said = command("bv", "--to-file", "bv.key", "--json")
    key = (tmp_path / "bv.key").read_text().strip()
    assert code == 0
    assert hall.access.by_key(key)
    assert (tmp_path / "bv.key").stat().st_mode & 0o777 == 0o600
    assert json.loads(said) == {"id": key.split("_")[1], "file": "bv.key"}


@pytest.mark.parametrize("place", ["bv.key", "nowhere/bv.key"])
def test_a_file_that_cannot_be_had_makes_no_key(hall: CityHall, command: Command, tmp_path: Path, place: str) -> None:
    """One that is there holds a key that is still good, and one that cannot be made would lose the new one: exit 2."""
    (tmp_path / "bv.key").write_text("psk_k-1_old")
    code, said = command("bv", "--to-file", place)
    assert code == 2
    assert place in said
    assert (tmp_path / "bv.key").read_text() == "psk_k-1_old"
    assert not sources(hall)


def test_a_refused_key_leaves_no_file(hall: CityHall, command: Command, tmp_path: Path) -> None:
    """No procedure of that name is there: exit 1 with the sentence, and the same call may be made again."""
    code, said = command("bv", "--procedure", "gibtsnicht", "--to-file", "bv.key")
    assert (code, said) == (1, "poststelle: There is no such procedure.\n")
    assert not (tmp_path / "bv.key").exists()
    assert not sources(hall)
