"""The broker's class path: jars by coordinates, checked against their pinned hashes, and a class-data archive."""

import hashlib
import subprocess
from pathlib import Path

from deploy.servers.fetching import FetchFailed, cache, fingerprint, made_once, run_tool, tool, versions

HERE = Path(__file__).parent
PINNED = HERE / "jars.sha256"


def java() -> str:
    """The Java runtime on the path."""
    return tool("java", "Kafka needs Java 17 or newer")


def _home() -> Path:
    return cache() / f"kafka-{versions('kafka')['kafka']}-{fingerprint(HERE / 'pom.xml', PINNED)}"


def class_path() -> str:
    """All jars in one fixed order: a class-data archive is only valid for the very same string."""
    jars = made_once(_home() / "jars", _fetch_jars)
    return ":".join(str(jar) for jar in sorted(jars.glob("*.jar")))


def archive() -> Path:
    """Where the class-data archive for this Java and these jars belongs; it halves the CPU time of a start."""
    told = subprocess.run([java(), "-version"], capture_output=True, text=True, check=True)
    return _home() / f"classes-{fingerprint(told.stderr)}.jsa"


def _fetch_jars(target: Path) -> None:
    wanted = versions("kafka")
    plugin = f"org.apache.maven.plugins:maven-dependency-plugin:{wanted['copy_plugin']}:copy-dependencies"
    words = [tool("mvn", "Maven fetches Kafka's jars"), "-q", "-B", "-f", str(HERE / "pom.xml")]
    words += [f"-D{name}.version={wanted[name]}" for name in ("kafka", "log4j", "slf4j")]
    words += [plugin, "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    run_tool("kafka: fetching the broker's jars", words, folder=HERE)
    check_jars(target)


def check_jars(folder: Path) -> None:
    """Refuse jars that are not, byte for byte, the ones we once looked at."""
    lines = PINNED.read_text(encoding="ascii").splitlines()
    pinned = {name: digest for digest, name in (line.split() for line in lines)}
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    wrong = sorted(name for name in pinned.keys() | found.keys() if pinned.get(name) != found.get(name))
    if wrong:
        raise FetchFailed(f"kafka: not as pinned in {PINNED.name}: {', '.join(wrong)}")
