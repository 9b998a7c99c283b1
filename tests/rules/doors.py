"""Rules on imports: the doors between our rooms, and the one home of every foreign library."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.rules.sources import sources

# import-linter sees top-level names only; these are doors to the outside inside harmless packages.
_CORE_MUST_NOT_IMPORT = ("urllib.request", "urllib.robotparser", "concurrent.futures", "logging.handlers")


def doors_are_kept(project: Path, *options: str) -> Iterator[str]:
    """import-linter's report, if any contract in pyproject.toml is broken."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache", *options]
    done = subprocess.run(command, cwd=project, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        yield done.stdout + done.stderr


def libraries_have_homes(project: Path) -> Iterator[str]:
    """A foreign library is imported only where pyproject.toml, [tool.poststelle.homes], says it lives."""
    homes = _homes(project)
    for source in sources(project, "services"):
        for node, name in source.imports:
            library = name.split(".")[0]
            if library == "services" or library in sys.stdlib_module_names:
                continue
            if library not in homes:
                yield source.at(node, f"{library} has no home yet: name one in [tool.poststelle.homes]")
            elif not any(fnmatch(source.path, home) for home in homes[library]):
                yield source.at(node, f"{library} lives in {', '.join(homes[library])}")


def core_is_pure(project: Path) -> Iterator[str]:
    """The core imports the standard library's harmless part, msgspec and itself."""
    for source in sources(project, "services/core"):
        for node, name in source.imports:
            library = name.split(".")[0]
            ours = name.startswith("services.core") or library == "msgspec"
            if name in _CORE_MUST_NOT_IMPORT or not (ours or library in sys.stdlib_module_names):
                yield source.at(node, f"the core must not import {name}")


def contracts(project: Path) -> list[str]:
    """The ids of import-linter's contracts."""
    return [contract["id"] for contract in _tools(project)["importlinter"]["contracts"]]


def _homes(project: Path) -> dict[str, list[str]]:
    homes: dict[str, list[str]] = _tools(project)["poststelle"]["homes"]
    return homes


def _tools(project: Path) -> dict[str, Any]:
    tools: dict[str, Any] = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return tools
