"""The broker's class path: jars by coordinates, checked against their pinned hashes, and a class-data archive."""

import subprocess
from pathlib import Path

from deploy.servers import jars
from deploy.servers.fetching import cache, fingerprint, tool, versions

HERE = Path(__file__).parent
PINNED = HERE / jars.PINNED


def java() -> str:
    """The Java runtime on the path."""
    return tool("java", "Kafka needs Java 17 or newer")


def _home() -> Path:
    return cache() / f"kafka-{versions('kafka')['kafka']}-{fingerprint(HERE / 'pom.xml', PINNED)}"


def class_path() -> str:
    """All jars of the broker."""
    return jars.class_path(jars.jars_of("kafka", HERE / "pom.xml", _home() / "jars", versions=versions("kafka")))


def archive() -> Path:
    """Where the class-data archive for this Java and these jars belongs; it halves the CPU time of a start."""
    told = subprocess.run([java(), "-version"], capture_output=True, text=True, check=True)
    return _home() / f"classes-{fingerprint(told.stderr)}.jsa"
