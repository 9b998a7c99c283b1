"""The code as the rules see it: modules with their syntax trees, functions, imports, tracked files."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
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

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in it, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, inner ones too."""
        return (node for node in self.nodes if isinstance(node, Function))

    @property
    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Every imported module by its full name, wherever the import stands."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node, node.module


def sources(project: Path, *folders: str) -> Iterator[Source]:
    """Every Python file below the folders, in a steady order."""
    for folder in folders:
        for path in sorted((project / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield _parsed(path.relative_to(project).as_posix(), text)


@lru_cache(maxsize=4096)
def _parsed(path: str, text: str) -> Source:
    """Two dozen rules look at each file, and a project with one planted violation is nearly the same again."""
    return Source(path, text, ast.parse(text))


def tracked_texts(project: Path) -> Iterator[tuple[str, str]]:
    """Path and text of every file git knows, without pictures and other bytes."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=project, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        path = project / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            yield name, content.decode("utf-8", errors="replace")
