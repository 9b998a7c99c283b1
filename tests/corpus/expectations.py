"""One thing that was expected of one file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """Whether it was met, and if not, why."""

    rule: str
    file: str
    met: bool
    reason: str = ""
