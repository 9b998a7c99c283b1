"""Jars by coordinates: fetched with Maven from a committed pom, and checked against hashes noted by us."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.servers.fetching import FetchFailed, made_once, run_tool, tool

PINNED = "jars.sha256"


def class_path(jars: Path) -> str:
    """All jars in one fixed order: a start cache is only valid for the very same string."""
    return ":".join(str(jar) for jar in sorted(jars.glob("*.jar")))


def jars_of(server: str, pom: Path, target: Path, *, versions: Mapping[str, str]) -> Path:
    """The folder `target` with the runtime jars of a pom; `versions` fill its properties, `copy_plugin` is Maven's."""
    return made_once(target, lambda unfinished: _fetch(server, pom, unfinished, versions=versions))


def _fetch(server: str, pom: Path, target: Path, *, versions: Mapping[str, str]) -> None:
    plugin = f"org.apache.maven.plugins:maven-dependency-plugin:{versions['copy_plugin']}:copy-dependencies"
    words = [tool("mvn", f"Maven fetches the jars of {server}"), "-q", "-B", "-f", str(pom)]
    words += [f"-D{name}.version={version}" for name, version in versions.items() if name != "copy_plugin"]
    words += [plugin, "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    run_tool(f"{server}: fetching the jars", words, folder=pom.parent)
    check_jars(server, target, pom.with_name(PINNED))


def check_jars(server: str, folder: Path, pinned: Path) -> None:
    """Refuse jars that are not, byte for byte, the ones we once looked at."""
    lines = pinned.read_text(encoding="ascii").splitlines()
    wanted = {name: digest for digest, name in (line.split() for line in lines)}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        raise FetchFailed(f"{server}: not as pinned in {pinned.name}: {', '.join(wrong)}")
