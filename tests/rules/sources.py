"""The code as the rules see it: modules with their syntax trees, functions, imports, tracked files."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the project, with slashes."""

    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.stmt | ast.expr, finding: str) -> str:
        """A finding with its place, so that an editor can jump there."""
        return f"{self.path}:{node.lineno}: {finding}"

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    @property
    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Every imported module by its full name, wherever the import stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node, node.module


def sources(project: Path, *folders: str) -> Iterator[Source]:
    """Every Python file below the folders, in a steady order."""
    for folder in folders:
        for path in sorted((project / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield Source(path.relative_to(project).as_posix(), text, ast.parse(text))


def tracked_texts(project: Path) -> Iterator[tuple[str, str]]:
    """Path and text of every file git knows, without pictures and other bytes."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=project, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        path = project / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            yield name, content.decode("utf-8", errors="replace")
