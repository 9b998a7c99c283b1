"""Docker and Compose of our own inside `alone`: own socket, own data, its own command line."""

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.compose import packages
from tests.compose.alone import DEVICE, GROUP, RESOLVER, WORLD

READY_S = 90.0
PATIENCE_S = 900.0
KEPT_OF_BUILDS = "5gb"
PLUGINS = "usr/libexec/docker/cli-plugins"
SYSTEM_FOLDER = "/run"
"""Where Docker, iptables and we keep what only lives now: hidden under a folder in memory, for those inside."""


class EngineFailed(Exception):
    """The engine or its command line failed; carries what it said."""


class Engine:
    """The engine; images and what they were built of stay in the cache, containers and volumes do not."""

    def __init__(self) -> None:
        self._root = packages.engine()
        self._folder = Path(SYSTEM_FOLDER, "poststelle-engine")
        self._socket = self._folder / "docker.sock"
        self._log = self._folder / "dockerd.log"
        self._daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        _furnish()
        self._folder.mkdir()
        data = packages.home() / "images"
        words = ["dockerd", "--data-root", str(data), "--exec-root", str(self._folder / "run"), "--host", self._host]
        (self._folder / "daemon.json").write_text("{}", encoding="ascii")  # not what the machine says of its own engine
        words += ["--config-file", str(self._folder / "daemon.json")]
        words += ["--pidfile", str(self._folder / "pid"), "--cgroup-parent", f"/{GROUP}"]
        with self._log.open("wb") as log:
            self._daemon = subprocess.Popen(words, env=packages.environment(), stdout=log, stderr=log)
        self._wait_ready()
        self._forget()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._daemon is not None
        self._forget()
        self.docker("image", "prune", "--force")
        self.docker("builder", "prune", "--force", "--keep-storage", KEPT_OF_BUILDS)
        self._daemon.terminate()
        self._daemon.wait(timeout=60)

    def docker(self, *words: str, folder: Path | None = None, patience_s: float = PATIENCE_S) -> str:
        """What `docker …` prints; EngineFailed where it fails."""
        ended = self.call(*words, folder=folder, patience_s=patience_s)
        if ended.returncode:
            raise EngineFailed(f"docker {' '.join(words)}: {ended.stdout[-4000:]}{ended.stderr[-8000:]}")
        return ended.stdout

    def call(
        self, *words: str, folder: Path | None = None, patience_s: float = PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """`docker …`, however it ends."""
        told = {**packages.environment(), "DOCKER_HOST": self._host, "DOCKER_CONFIG": str(self._configured())}
        return subprocess.run(
            ["docker", *words],
            cwd=folder,
            env=told | {"BUILDKIT_PROGRESS": "plain", "COMPOSE_ANSI": "never"},
            check=False,
            capture_output=True,
            text=True,
            timeout=patience_s,
        )

    def _configured(self) -> Path:
        """The command line's own folder, with its plugins."""
        plugins = self._folder / "client/cli-plugins"
        if not plugins.exists():
            plugins.parent.mkdir()
            plugins.symlink_to(self._root / PLUGINS)
        return plugins.parent

    @property
    def _host(self) -> str:
        return f"unix://{self._socket}"

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while self.call("version").returncode:
            assert self._daemon is not None
            if self._daemon.poll() is not None or time.monotonic() > deadline:
                said = self._log.read_text(encoding="utf-8", errors="replace")[-4000:]
                raise EngineFailed(f"the engine does not start here:\n{said}")
            time.sleep(0.2)

    def _forget(self) -> None:
        """Containers, networks and volumes, also those of a run that was killed."""
        there = self.docker("ps", "--all", "--quiet").split()
        if there:
            self.docker("rm", "--force", "--volumes", *there)
        self.docker("network", "prune", "--force")
        self.docker("volume", "prune", "--all", "--force")


def _furnish() -> None:
    """The way out, names, and a folder in memory."""
    if WORLD not in os.environ:
        raise EngineFailed("these tests need a place of their own: run `make test-compose`")
    deadline = time.monotonic() + READY_S
    while DEVICE not in Path("/proc/net/route").read_text(encoding="ascii"):
        if time.monotonic() > deadline:
            raise EngineFailed("the way out did not come up")
        time.sleep(0.05)
    names = Path("/etc/resolv.conf").resolve()
    _mount("-t", "tmpfs", "none", SYSTEM_FOLDER)
    names.parent.mkdir(parents=True, exist_ok=True)
    names.touch()
    ours = Path(SYSTEM_FOLDER, "resolver")
    ours.write_text(f"nameserver {RESOLVER}\n", encoding="ascii")
    _mount("--bind", str(ours), str(names))


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)
