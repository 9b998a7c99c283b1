"""Rules on imports: the listeners between our services, and the one home of every foreign library."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.rules.sources import Source, sources

# import-linter sees top-level names only; these are listeners to the outside inside harmless packages.
_CORE_MUST_NOT_IMPORT = ("urllib.request", "urllib.robotparser", "concurrent.futures", "logging.handlers")


def import_rules_are_kept(project: Path, *options: str) -> Iterator[str]:
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


_NEEDED = frozenset({"extractor", "ocr", "index", "ledger"})


def needs_are_declared(project: Path) -> Iterator[str]:
    """What a service uses of its ports beyond log, store and clock is among the `needs` it declares, and no more."""
    services = {path.parent.name for path in (project / "services").glob("*/service.py")} - {"runtime"}
    for service in sorted(services):
        found = list(sources(project, f"services/{service}"))
        declared = {need for source in found for need in _declared(source)}
        used = {node.attr: source.at(node, "") for source in found for node in _used(source)}
        for need in sorted(used.keys() - declared):
            yield f"{used[need]}the port {need} is used, but not among the needs of {service}"
        for need in sorted(declared - used.keys()):
            yield f"services/{service}/service.py:1: needs {need}, but nothing here uses it"


def _declared(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.keyword) and node.arg == "needs" and source.path.endswith("/service.py"):
            yield from ast.literal_eval(node.value)


def _used(source: Source) -> Iterator[ast.Attribute]:
    """`….ports.index`, or `ports.index` where the bundle has a name of its own."""
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in _NEEDED:
            bundle = node.value
            if (isinstance(bundle, ast.Attribute) and bundle.attr == "ports") or (
                isinstance(bundle, ast.Name) and bundle.id == "ports"
            ):
                yield node


def contracts(project: Path) -> list[str]:
    """The ids of import-linter's contracts."""
    return [contract["id"] for contract in _tools(project)["importlinter"]["contracts"]]


def _homes(project: Path) -> dict[str, list[str]]:
    homes: dict[str, list[str]] = _tools(project)["poststelle"]["homes"]
    return homes


def _tools(project: Path) -> dict[str, Any]:
    tools: dict[str, Any] = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return tools
