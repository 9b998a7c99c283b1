"""Rules on size: short files, short flat functions, few parameters."""

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.rules.sources import Function, Source, sources

FILE_LINES = 300
# A table is read by looking something up: cutting it in two would only hide where to look.
TABLES = frozenset(
    {
        "services/core/catalogue.py",
        "services/settings/sections.py",
        "services/stack.py",
        # No table, but started by its path in a process that knows nothing of us, so it has to be one file.
        "services/adapters/ocr_engine/tesseract/worker.py",
    }
)
FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 10
NESTING = 3
PARAMETERS = 5
POSITIONAL_PARAMETERS = 4

_NESTING_STATEMENTS = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)


def short_files(project: Path) -> Iterator[str]:
    """A file of more than 300 lines holds more than one thought; tables may be longer, and are named in `TABLES`."""
    for source in sources(project, "services", "deploy", "tests"):
        length = len(source.text.splitlines())
        if length > FILE_LINES and source.path not in TABLES:
            yield f"{source.path}:1: {length} lines, at most {FILE_LINES}"


def short_functions(project: Path) -> Iterator[str]:
    """A function fits on one screen."""
    for source in sources(project, "services"):
        for function in source.functions:
            if lines_of(function) > FUNCTION_LINES:
                yield source.at(function, f"{function.name} has {lines_of(function)} lines, at most {FUNCTION_LINES}")


def small_median(project: Path) -> Iterator[str]:
    """Most functions are small."""
    lengths = [lines_of(function) for source in sources(project, "services") for function in source.functions]
    median = statistics.median(lengths)
    if median > MEDIAN_FUNCTION_LINES:
        yield f"services: the median function has {median} lines, at most {MEDIAN_FUNCTION_LINES}"


def flat_functions(project: Path) -> Iterator[str]:
    """Nothing is nested deeper than three statements."""
    for source in sources(project, "services"):
        for function in source.functions:
            depth = max(map(depth_of, function.body))
            if depth > NESTING:
                yield source.at(function, f"{function.name} nests {depth} deep, at most {NESTING}")


def few_parameters(project: Path) -> Iterator[str]:
    """At most five parameters; from the fifth on the caller says their names."""
    for source in sources(project, "services"):
        for function in source.functions:
            if not _signature_is_foreign(source, function):
                yield from _parameters(source, function)


def lines_of(function: Function) -> int:
    """Lines from `def` to the last one."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def depth_of(node: ast.stmt | ast.excepthandler | ast.match_case) -> int:
    """How many nesting statements stand inside each other here; `elif` stands beside its `if`."""
    if isinstance(node, Function | ast.ClassDef):
        return 0
    own = int(isinstance(node, _NESTING_STATEMENTS))
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        below = max(map(depth_of, node.body))
        return max(own + below, depth_of(node.orelse[0]))
    inner = [
        child
        for child in ast.iter_child_nodes(node)
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
    ]
    return own + max(map(depth_of, inner), default=0)


def _parameters(source: Source, function: Function) -> Iterator[str]:
    positional = [argument.arg for argument in chain(function.args.posonlyargs, function.args.args)]
    if positional[:1] in (["self"], ["cls"]):
        positional = positional[1:]
    count = len(positional) + len(function.args.kwonlyargs)
    if count > PARAMETERS:
        yield source.at(function, f"{function.name} takes {count} parameters, at most {PARAMETERS}")
    if len(positional) > POSITIONAL_PARAMETERS:
        yield source.at(function, f"{function.name}: {positional[POSITIONAL_PARAMETERS]} must be keyword-only")


def _signature_is_foreign(source: Source, function: Function) -> bool:
    """Python's own methods, and what another library calls (said by a noqa of PLR0913 or PLR0917 with its reason)."""
    own = function.name.startswith("__") and function.name != "__init__"
    head = "".join(source.text.splitlines()[function.lineno - 1 : function.body[0].lineno])
    return own or "noqa: PLR0913" in head or "noqa: PLR0917" in head


FOLDER_MODULES = 12


def small_folders(project: Path) -> Iterator[str]:
    """A folder holds at most a dozen modules side by side, so that a reader sees what belongs together."""
    folders = Counter(source.path.rpartition("/")[0] for source in sources(project, "services"))
    for folder, count in sorted(folders.items()):
        if count > FOLDER_MODULES:
            yield f"{folder}/__init__.py:1: {count} modules side by side, at most {FOLDER_MODULES}"
