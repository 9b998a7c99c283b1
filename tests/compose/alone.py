"""A place of its own for an engine: own network, mounts and processes, which the kernel takes away with their last one.

Whatever Docker makes in it (bridges, filter rules, mounts, containers) is gone however the test ends, and an engine
that the machine has meets none of it. The way out is slirp4netns, a router in a process: nothing is set on the machine.
"""

import contextlib
import http.server
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.servers.fetching import FetchFailed
from tests.compose import packages

GATEWAY, RESOLVER, DEVICE = "10.0.2.2", "10.0.2.3", "tap0"
"""What slirp4netns calls itself; GATEWAY is this machine's loopback."""
WORLD = "POSTSTELLE_TEST_WORLD"
"""Where in the environment it stands what the world's address is: whoever reaches it has a way out."""
CGROUPS = Path("/sys/fs/cgroup")
GROUP = "poststelle-test"
"""The control group above all containers."""
READY_S = 20.0


def check() -> None:
    """FetchFailed with a sentence where this machine does not let us."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise FetchFailed(
            "test-compose starts an engine of its own, which takes root on Linux: sudo make test-compose."
        )
    if not Path("/dev/net/tun").exists():
        raise FetchFailed("test-compose needs /dev/net/tun, the way out of its own network: modprobe tun.")


def run(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run this program in a place of its own, and return its exit code; nothing of it stays."""
    before = {group for group in _groups() if group.name != GROUP}
    _weigh()
    init = packages.engine() / "usr/bin/tini-static"
    spaces = ["--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", *spaces, str(init), "--", *words]
    try:
        with _world() as port:
            told = {**environment, WORLD: f"{GATEWAY}:{port}"}
            with subprocess.Popen(command, env=told) as inside, _router(inside):
                return _patiently(inside)
    finally:
        _remove(_groups() - before)


def _patiently(inside: subprocess.Popen[bytes]) -> int:
    """Ctrl-C reaches those inside as well, and they end in order."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return inside.wait()


@contextlib.contextmanager
def _router(inside: subprocess.Popen[bytes]) -> Iterator[None]:
    """The way out, as long as we hold the other end of its pipe."""
    _await_own_network(inside)
    reading, writing = os.pipe()
    command = ["slirp4netns", "--configure", "--mtu=65520", f"--exit-fd={reading}", str(inside.pid), DEVICE]
    try:
        router = subprocess.Popen(
            command,
            pass_fds=[reading],
            env=packages.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            os.close(writing)
            router.wait(timeout=10)
    finally:
        os.close(reading)


def _await_own_network(inside: subprocess.Popen[bytes]) -> None:
    ours = Path("/proc/self/ns/net").readlink()
    deadline = time.monotonic() + READY_S
    while Path(f"/proc/{inside.pid}/ns/net").readlink() == ours:
        if inside.poll() is not None or time.monotonic() > deadline:
            raise FetchFailed("test-compose got no network of its own: the kernel or this container forbids it.")
        time.sleep(0.01)


@contextlib.contextmanager
def _world() -> Iterator[int]:
    """Somebody outside who answers: on this machine's loopback, which GATEWAY leads to."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, name="world", daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _weigh() -> None:
    """To the scheduler a group is like one process of the machine; this one holds some twenty."""
    if (CGROUPS / "cpu").is_dir():
        folder, file, weight = CGROUPS / "cpu" / GROUP, "cpu.shares", 20 * 1024
    else:
        folder, file, weight = CGROUPS / GROUP, "cpu.weight", 20 * 100
    folder.mkdir(exist_ok=True)
    if (folder / file).exists():
        (folder / file).write_text(str(weight), encoding="ascii")


def _groups() -> set[Path]:
    """The control groups at the top: the only thing that an engine leaves outside of its place, empty."""
    return {folder for root in (CGROUPS, *CGROUPS.glob("*/")) for folder in root.glob("*/") if folder.is_dir()}


def _remove(groups: set[Path]) -> None:
    for group in groups:
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):  # somebody else's, made meanwhile, has somebody in it
                Path(folder).rmdir()
