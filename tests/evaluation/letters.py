"""Letters with the position that they belong to: the project's own, and files of anybody's in the same form."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FILE_PLANS = PROJECT / "deploy" / "file-plans"


@dataclass(frozen=True, slots=True)
class Letter:
    """What was written, and where it belongs."""

    id: str
    subject: str
    text: str
    position: str
    """Empty: nowhere, as advertising."""
    also: frozenset[str] = frozenset()
    """Positions that would do too."""
    sender: str = ""

    @property
    def right(self) -> frozenset[str]:
        """Every position that is no mistake."""
        return frozenset({self.position, *self.also}) - {""}


def read(path: Path) -> list[Letter]:
    """A file with a JSON object a line: position, subject, body or text; also, id, from where there are."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_letter(json.loads(line), f"{path.stem}-{number}") for number, line in enumerate(lines) if line.strip()]


def examples() -> list[Letter]:
    """Those that are shipped, in the order of their files."""
    return [letter for file in sorted((FILE_PLANS / "examples").glob("*.jsonl")) for letter in read(file)]


def folds(letters: list[Letter], count: int) -> list[list[Letter]]:
    """The letters dealt out, those of each position one by one."""
    dealt: list[list[Letter]] = [[] for _ in range(count)]
    seen: dict[str, int] = defaultdict(int)
    for letter in letters:
        dealt[seen[letter.position] % count].append(letter)
        seen[letter.position] += 1
    return dealt


def _letter(said: dict[str, object], fallback: str) -> Letter:
    also = said.get("also")
    return Letter(
        id=str(said.get("id", fallback)),
        subject=str(said.get("subject", "")),
        text=str(said.get("body") or said.get("text") or ""),
        position=str(said.get("position", "")),
        also=frozenset(map(str, also)) if isinstance(also, list) else frozenset(),
        sender=str(said.get("from", "")),
    )
