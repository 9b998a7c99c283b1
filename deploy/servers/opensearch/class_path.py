"""The node's class path: jars by coordinates, our launcher compiled, and a start cache of a full JDK."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.servers import jars
from deploy.servers.fetching import FetchFailed, cache, fingerprint, made_once, run_tool, versions

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
PINNED = HERE / jars.PINNED
LAUNCHER = HERE / "OpenSearchNode.java"
OLDEST_JAVA = 25
"""Younger ones write start caches; a runtime without a compiler lacks break iterators that the server asks for."""

_VERSION = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)
_INSTALLED = Path("/usr/lib/jvm")


def jdk() -> Path:
    """A full JDK that is new enough: of JAVA_HOME, else of the `java` on the path, else the newest one installed."""
    for home in _homes():
        if _java_version(home) >= OLDEST_JAVA and (home / "bin" / "javac").exists():
            return home
    raise FetchFailed(f"OpenSearch needs a full JDK {OLDEST_JAVA} or newer; name one with JAVA_HOME.")


def _homes() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if found := shutil.which("java"):
        yield Path(found).resolve().parents[1]
    if _INSTALLED.is_dir():
        yield from sorted(_INSTALLED.iterdir(), key=_java_version, reverse=True)


def _java_version(home: Path) -> int:
    try:
        told = _VERSION.search((home / "release").read_text(encoding="utf-8"))
    except OSError:
        return 0
    return int(told[1]) if told else 0


def _home() -> Path:
    return cache() / f"opensearch-{versions('opensearch')['opensearch']}-{fingerprint(POM, PINNED, LAUNCHER)}"


def class_path() -> str:
    """Our launcher, then all jars of the server."""
    server = jars.jars_of("opensearch", POM, _home() / "jars", versions=versions("opensearch"))
    launcher = made_once(_home() / "launcher.jar", lambda unfinished: _compile(jars.class_path(server), unfinished))
    return f"{launcher}:{jars.class_path(server)}"


def start_cache() -> Path:
    """Where the start cache for this JDK and these jars belongs; a start costs a third of the CPU time with it."""
    return _home() / f"start-{fingerprint(jdk() / 'release')}.aot"


def _compile(server: str, target: Path) -> None:
    tools = jdk() / "bin"
    with tempfile.TemporaryDirectory() as classes:
        words = [str(tools / "javac"), "--release", "21", "-cp", server, "-d", classes, str(LAUNCHER)]
        run_tool("opensearch: compiling the launcher", words, folder=HERE)
        words = [str(tools / "jar"), "--create", "--file", str(target), "-C", classes, "."]
        run_tool("opensearch: packing the launcher", words, folder=HERE)
