"""`poststelle backup` and `restore` as a person calls them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.adapters.event_log.sqlite import SqliteEventLog
from services.cli import poststelle
from services.core.errors import Misconfigured
from services.runtime.operations import instance_folder


@pytest.fixture(autouse=True)
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder with a data folder in it."""
    monkeypatch.chdir(tmp_path)
    instance_folder.claim(tmp_path / "data")
    SqliteEventLog(tmp_path / "data" / "log.sqlite").close()


def _call(*words: str) -> Result:
    return CliRunner().invoke(poststelle, words)


def test_a_backup_is_restored_into_the_folder_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what it made, how much and how fast, and what to do next."""
    made = [_call("backup", "kept", "--keep", "2").output for _ in range(3)]
    assert all("files" in said for said in made)
    assert ["removed kept" in said for said in made] == [False, False, True]
    assert len(list((tmp_path / "kept").glob("*Z"))) == 2
    assert "as written" in _call("restore", "--verify", "kept").output
    monkeypatch.setenv("POSTSTELLE_STORAGE__FOLDER", "again")
    restored = _call("restore", "kept")
    assert restored.exit_code == 0
    assert "MB/s" in restored.output
    assert "poststelle run" in restored.output
    assert (tmp_path / "again" / "log.sqlite").is_file()


def test_a_refusal_is_a_sentence(tmp_path: Path) -> None:
    """Exit code 1; nothing is touched."""
    assert _call("backup", "kept").exit_code == 0
    refused = _call("restore", "kept")
    assert refused.exit_code == 1
    assert "Error: data is not empty" in refused.output
    (tmp_path / "data" / "log.sqlite").unlink()
    assert "nothing was ever started there" in _call("backup", "kept").output


def test_servers_are_backed_up_by_their_own_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kafka stack is refused with the name of the setting."""
    monkeypatch.setenv("POSTSTELLE_STACK", "kafka")
    assert isinstance(_call("backup", "kept").exception, Misconfigured)


def test_programs_read_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--json` tells of backup, verifying and restore in one line each, `--quiet` tells nothing."""
    first = json.loads(_call("backup", "kept", "--json").output)
    second = json.loads(_call("backup", "kept", "--keep", "1", "--json").output)
    assert second["removed"] == [first["backup"]]
    assert (second["files"], second["new_bytes"] <= second["bytes"]) == (2, True)
    monkeypatch.setenv("POSTSTELLE_STORAGE__FOLDER", "again")
    told = {"backup": second["backup"], "files": 2, "bytes": second["bytes"]}
    assert json.loads(_call("restore", "--verify", "kept", "--json").output) == told | {"folder": None}
    assert json.loads(_call("restore", "kept", "--json").output) == told | {"folder": "again"}
    monkeypatch.setenv("POSTSTELLE_STORAGE__FOLDER", "once-more")
    assert [_call(*words, "--quiet").output for words in (("restore", "kept"), ("backup", "kept"))] == ["", ""]
