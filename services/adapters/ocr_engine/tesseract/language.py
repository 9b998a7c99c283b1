"""Tesseract's language data: found where it is installed, or fetched into our cache where apt is there."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

Progress = Callable[[str], None]

_ROOT = Path("/")
_PLACES = (
    "usr/share/tesseract-ocr/*/tessdata",
    "usr/share/tessdata",
    "usr/share/tesseract/tessdata",
    "usr/local/share/tessdata",
    "opt/homebrew/share/tessdata",
)


def find(language: str, *, cache: Path, setting: Path | None = None) -> Path | None:
    """The folder that holds the data of every language asked for (`deu+eng`); the setting's only, if there is one."""
    installed = [place for pattern in _PLACES for place in sorted(_ROOT.glob(pattern), reverse=True)]
    places = [setting] if setting else [*installed, _kept(cache)]
    return next((place for place in places if all((place / name).is_file() for name in files(language))), None)


def files(language: str) -> list[str]:
    """The names of the data files."""
    return [f"{one}.traineddata" for one in language.split("+")]


def prepare(language: str, progress: Progress, *, cache: Path, setting: Path | None = None) -> str | None:
    """Fetch what is missing; None when all is here, else one sentence with the command that helps.

    Needs no root: Debian's package is unpacked into the cache, not installed.
    """
    if find(language, cache=cache, setting=setting):
        return None
    packages = [f"tesseract-ocr-{one}" for one in language.split("+")]
    if setting is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        progress(f"Fetching Tesseract's language data ({', '.join(packages)}, once)")
        _fetch(packages, _kept(cache))
    if find(language, cache=cache, setting=setting):
        return None
    return (
        "Scans will wait on the clerk's list: Tesseract's language data is missing. "
        f"On Debian and Ubuntu: apt-get install {' '.join(packages)}"
    )


def _kept(cache: Path) -> Path:
    return cache.expanduser() / "tessdata"


def _fetch(packages: list[str], kept: Path) -> None:
    """Download and unpack beside the place, then move: half a file is never seen. Failing leaves nothing."""
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as folder:
        if not _run(["apt-get", "download", *packages], folder):
            return
        for package in Path(folder).glob("*.deb"):
            _run(["dpkg-deb", "-x", package.name, "."], folder)
        for found in Path(folder).rglob("*.traineddata"):
            found.replace(kept / found.name)


def _run(command: list[str], folder: str) -> bool:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=300)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
