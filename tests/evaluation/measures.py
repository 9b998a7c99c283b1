"""Figures of many judgements: how often right, how far a probability may be trusted, how much goes by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One judged letter."""

    position: str
    first: bool
    three: bool
    office: bool
    sure: float
    """The probability of the first candidate."""
    filed: bool
    milliseconds: float
    before: int = 0
    """Corrections that its position had before."""


def share(rows: Sequence[Row], field: str) -> float:
    """Of how many of them it is true."""
    return sum(bool(getattr(row, field)) for row in rows) / len(rows) if rows else 0.0


def calibration_error(rows: Sequence[Row]) -> float:
    """Expected calibration error: how far off the promise is, in ten equal bins, weighed by how many fall into each."""
    off = 0.0
    for number in range(BINS):
        inside = [row for row in rows if min(int(row.sure * BINS), BINS - 1) == number]
        if inside:
            promised = sum(row.sure for row in inside) / len(inside)
            off += abs(promised - share(inside, "first")) * len(inside) / len(rows)
    return off


def coverage(rows: Sequence[Row], precision: float = 0.95) -> float:
    """The largest share of letters, the surest ones, of which that many are right."""
    best, right = 0, 0
    for number, row in enumerate(sorted(rows, key=lambda row: -row.sure), 1):
        right += row.first
        if right / number >= precision:
            best = number
    return best / len(rows) if rows else 0.0


def line(name: str, rows: Sequence[Row]) -> str:
    """All figures in a line; letters that belong nowhere count for what was filed of them."""
    real, noise = [row for row in rows if row.position], [row for row in rows if not row.position]
    if not real:
        return f"{name:34} nothing"
    sure = [row for row in real if row.sure >= 0.95]
    times = sorted(row.milliseconds for row in rows)
    return (
        f"{name:34} n {len(real):5}  first {share(real, 'first'):.3f}  three {share(real, 'three'):.3f}  "
        f"office {share(real, 'office'):.3f}  sure {len(sure):4} ({sum(row.first for row in sure)} right)  "
        f"at 95 % {coverage(real):.3f}  calibration error {calibration_error(real):.3f}  "
        f"filed {sum(row.filed for row in real)} ({sum(row.filed and row.first for row in real)} right), "
        f"noise {sum(row.filed for row in noise)} of {len(noise)}  ms {times[len(times) // 2]:.1f}"
    )
