"""The cache of fetched servers: where it is, what belongs in it, and the tools that fill it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
QUIET_S = 10.0


class FetchFailed(Exception):
    """A server could not be fetched; the message is for the person at the keyboard."""


def cache() -> Path:
    """The user's cache of servers (XDG Base Directory Specification), made when missing."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "poststelle" / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def versions(server: str) -> dict[str, str]:
    """What `versions.toml` says about one server."""
    text = (HERE / "versions.toml").read_text(encoding="utf-8")
    return {name: str(version) for name, version in tomllib.loads(text)[server].items()}


def fingerprint(*parts: str | Path) -> str:
    """Eight characters that change with any of the texts or files."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return digest.hexdigest()[:8]


def say(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)


def tool(name: str, reason: str) -> str:
    """The path of a program that has to be installed."""
    found = shutil.which(name)
    if found is None:
        raise FetchFailed(f"`{name}` is not installed; {reason}.")
    return found


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """The file or folder `target`, made under another name and renamed when whole, by one process only."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(target.name + ".lock")):
        if not target.exists():
            unfinished = target.with_name(target.name + ".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.unlink(missing_ok=True)
            make(unfinished)
            unfinished.rename(target)
    return target


def run_tool(title: str, words: Sequence[str], *, folder: Path) -> None:
    """Run a program that fetches or builds, with a line of progress every ten seconds.

    Raises FetchFailed with the end of its output when it fails.
    """
    log = cache() / f"{title.partition(':')[0]}.log"
    started = time.monotonic()
    say(f"{title} …")
    with (
        log.open("w") as output,
        subprocess.Popen(
            list(words), cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as running,
    ):
        while running.poll() is None:
            try:
                running.wait(QUIET_S)
            except subprocess.TimeoutExpired:
                say(f"{title} … {time.monotonic() - started:.0f} s")
    if running.returncode:
        raise FetchFailed(f"{title}: {Path(words[0]).name} ended with {running.returncode}:\n{tail(log)}")
    say(f"{title}: done in {time.monotonic() - started:.0f} s")


def tail(log: Path, characters: int = 2000) -> str:
    """The end of a log."""
    return log.read_text(encoding="utf-8", errors="replace")[-characters:]
