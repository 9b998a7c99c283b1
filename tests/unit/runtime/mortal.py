"""A java that dies as soon as it was started, for tests of who watches it."""

from pathlib import Path

_SCRIPT = """#!/bin/sh
case "$1" in
  -version) echo 'openjdk version "17.0.1"' >&2 ;;
  *) exit 3 ;;
esac
"""


def mortal_java(folder: Path) -> Path:
    """The command, which passes for a Java that is new enough."""
    java = folder / "mortal-java"
    java.write_text(_SCRIPT, encoding="ascii")
    java.chmod(0o700)
    return java
