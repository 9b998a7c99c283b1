"""Rules on size that ruff does not have: short files, short functions, few modules in a folder."""

import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.rules.sources import Function, sources

FILE_LINES = 300
# A table is read by looking something up: cutting it in two would only hide where to look.
TABLES = frozenset(
    {
        "services/core/catalogue.py",
        "services/core/keys.py",
        "services/core/messages/events.py",
        "services/settings/sections.py",
        "services/stack.py",
        # No table, but started by its path in a process that knows nothing of us, so it has to be one file.
        "services/adapters/ocr_engine/tesseract/worker.py",
    }
)
FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 10
FOLDER_MODULES = 12


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


def lines_of(function: Function) -> int:
    """Lines from `def` to the last one."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def small_folders(project: Path) -> Iterator[str]:
    """A folder holds at most a dozen modules side by side, so that a reader sees what belongs together."""
    folders = Counter(source.path.rpartition("/")[0] for source in sources(project, "services"))
    for folder, count in sorted(folders.items()):
        if count > FOLDER_MODULES:
            yield f"{folder}/__init__.py:1: {count} modules side by side, at most {FOLDER_MODULES}"
