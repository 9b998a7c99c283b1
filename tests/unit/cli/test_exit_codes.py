"""What `poststelle` ends with: 0 done, 1 failed, 2 wrong usage, 69 service away, 75 try again."""

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli import main

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder of its own that has a key, and gives its exit code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("psk_k-1_secret\n")

    def command(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["poststelle", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0)

    return command


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts an instance at every address that answers like this."""

    def answer(status: int, body: Any) -> None:
        monkeypatch.setattr(httpx, "request", lambda *_, **__: httpx.Response(status, json=body))

    return answer


def test_done(run: Run) -> None:
    """A command that did what it should ends with 0."""
    assert run("settings", "show") == 0
    assert run("--help") == 0
    assert run("--version") == 0


def test_wrong_usage(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown commands and options, what is no receipt, and wrong settings end with 2 and say what is wrong."""
    assert run("nonsense") == 2
    assert run("status", "--nonsense") == 2
    assert run("status", "PE-1", "--key-file", "key") == 2
    assert run("run", "nonsense") == 2
    assert run("status") == 2
    assert "--key-file" in capsys.readouterr().err
    monkeypatch.setenv("POSTSTELLE_HTTP__PORT", "many")
    assert run("settings", "show") == 2
    assert "http.port" in capsys.readouterr().err


def test_nobody_answers(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """No instance at the address ends with 69 and one sentence that helps."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert run("status", "--url", url, "--key-file", "key") == 69
    told = capsys.readouterr().err
    assert url in told
    assert "poststelle run" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(("status", "code"), [(503, 75), (429, 75), (401, 1), (404, 1), (422, 1), (500, 1)])
def test_refusals(
    run: Run, answered: Callable[..., None], capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    """What passes by itself ends with 75, what does not with 1; the sentence is the instance's."""
    answered(status, {"title": "It is like this."})
    assert run("status", "--key-file", "key") == code
    assert capsys.readouterr().err == "poststelle: It is like this.\n"


def test_check_that_finds_something_fails(run: Run, answered: Callable[..., None]) -> None:
    """So that a script notices: 1 where something is not there, 0 where all is."""
    item = {"name": "disk", "text": "full"}
    answered(200, {"items": [item | {"good": False, "todo": "Make room."}]})
    assert run("check", "--key-file", "key") == 1
    answered(200, {"items": [item | {"good": True, "todo": ""}]})
    assert run("check", "--key-file", "key") == 0


def test_plan_with_faults_fails(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1 with the line of each fault."""
    (tmp_path / "plan.json").write_text("{")
    assert run("plan", "check", "plan.json") == 1
    assert "plan.json:1" in capsys.readouterr().out


def test_settings_show_no_secret(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files with secrets are named, never opened."""
    (tmp_path / "poststelle.toml").write_text(
        '[s3]\nsecret_key_file = "secret"\n[http]\nsession_secret_file = "secret"'
    )
    (tmp_path / "secret").write_text("hunter2-hunter2")
    assert run("settings", "show") == 0
    shown = capsys.readouterr().out
    assert '"secret_key_file": "secret"' in shown
    assert "hunter2" not in shown
    assert run("settings", "show", "--json") == 0
    line = capsys.readouterr().out
    assert (line.count("\n"), json.loads(line)) == (1, json.loads(shown))
    assert run("settings", "show", "--quiet") == 0
    assert capsys.readouterr().out == ""
