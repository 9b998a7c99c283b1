"""A plan that was read from another form: its frame and its positions, each with the line on which it began."""

import json
from dataclasses import dataclass, field
from typing import Any

from services.core.plan import plan_check
from services.core.plan.plan_check import Fault


class Unreadable(Exception):
    """The form itself is broken, so that nothing behind this fault can be believed."""

    def __init__(self, line: int, code: str, sentence: str) -> None:
        super().__init__(code)
        self.fault = Fault(line=line, code=code, sentence=sentence)


@dataclass(slots=True)
class Rows:
    """What was read so far; values are those of our JSON, not yet checked."""

    frame: dict[str, Any] = field(default_factory=dict)
    positions: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, code: str, sentence: str) -> None:
        """Note a fault of the form; as many are told as of a plan of ours."""
        if len(self.faults) < plan_check.MAX_FAULTS:
            self.faults.append(Fault(line=line, code=code, sentence=sentence))

    def add(self, line: int, position: dict[str, Any]) -> None:
        """Take a position; Unreadable where there are more than a plan may have."""
        if len(self.positions) == plan_check.MAX_POSITIONS:
            raise Unreadable(line, "too_large", f"A plan has at most {plan_check.MAX_POSITIONS} positions.")
        self.positions.append((line, position))

    def checked(self) -> tuple[str, list[Fault]]:
        """The plan as our JSON, and every fault with its line in the form it came in."""
        text = self._text()
        found = [Fault(line=self._line(f.line), code=f.code, sentence=f.sentence) for f in plan_check.faults_of(text)]
        faults = sorted([*self.faults, *found], key=lambda fault: fault.line)
        return text, faults[: plan_check.MAX_FAULTS]

    def _text(self) -> str:
        """The frame in the first line and each position in one of its own, so that lines can be told apart."""
        head = json.dumps(self.frame, ensure_ascii=False)[1:-1]
        rows = ",\n".join(json.dumps(position, ensure_ascii=False) for _, position in self.positions)
        return f'{{{head}{", " if head else ""}"positions": [\n{rows}\n]}}\n'

    def _line(self, ours: int) -> int:
        number = ours - 2
        return self.positions[number][0] if 0 <= number < len(self.positions) else 1
