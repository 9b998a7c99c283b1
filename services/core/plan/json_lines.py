"""On which line of a JSON text each value begins, so that a fault can be shown where it stands."""

import json
import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[{}\[\],:])|(?P<other>[^\s{}\[\],:"]+)|(?P<line>\n)')
_ESCAPE = "\\u"


@dataclass(slots=True)
class Lines:
    """The lines of one text, counted from 1."""

    of: dict[Path, int] = field(default_factory=dict)
    doubled: list[tuple[int, str]] = field(default_factory=list)
    """Names that stand twice in one object: line and name; readers disagree which one counts (RFC 8259 §4)."""
    broken: list[int] = field(default_factory=list)
    """Lines of strings that no file can hold: half a surrogate pair."""

    def at(self, path: Path) -> int:
        """The line of the value, or of the nearest thing around it that is there."""
        while path not in self.of and path:
            path = path[:-1]
        return self.of.get(path, 1)


@dataclass(slots=True)
class _Level:
    path: Path
    names: set[str] | None
    """Names met so far; None in a list."""
    step: str | int = 0
    awaits_name: bool = False


def lines_of(text: str) -> Lines:
    """The lines of a text that is known to be JSON. Works without recursion: nesting costs nothing but memory."""
    lines, stack, line = Lines(), [_Level((), None)], 1
    for token in _TOKEN.finditer(text):
        if token["line"]:
            line += 1
        elif token["mark"]:
            _step(token["mark"], stack, lines=lines, line=line)
        else:
            _word(token[0], stack, lines=lines, line=line)
    return lines


def _step(mark: str, stack: list[_Level], *, lines: Lines, line: int) -> None:
    level = stack[-1]
    if mark in "{[":
        path = _place(stack, lines, line)
        stack.append(_Level(path, set() if mark == "{" else None, awaits_name=mark == "{"))
    elif mark in "}]":
        stack.pop()
    elif mark == ",":
        level.awaits_name = level.names is not None
        level.step = level.step + 1 if isinstance(level.step, int) else level.step
    else:
        level.awaits_name = False


def _word(word: str, stack: list[_Level], *, lines: Lines, line: int) -> None:
    level, value = stack[-1], json.loads(word)
    if _ESCAPE in word and isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
        lines.broken.append(line)
    if not level.awaits_name:
        _place(stack, lines, line)
        return
    if level.names is not None and value in level.names:
        lines.doubled.append((line, value))
    if level.names is not None:
        level.names.add(value)
    level.step = value


def _place(stack: list[_Level], lines: Lines, line: int) -> Path:
    level = stack[-1]
    path = (*level.path, level.step) if len(stack) > 1 else ()
    lines.of.setdefault(path, line)
    return path
