"""What one side of a comparison cost, and how two sides are set against each other."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
_Row = tuple[int, int, str, float, float]
"""Process, parent, name, CPU of its own and of its children that ended, in seconds (proc(5))."""


@dataclass(kw_only=True)
class Cost:
    """CPU is user and system time in seconds; `made` is what came of it, equal on both sides or the run is void."""

    cpu: float = 0.0
    wall: float = 0.0
    made: int = 0
    more: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a side is given: an empty folder of its own, the corpus, the servers that both sides use."""

    folder: Path
    size: int
    seed: int = 7
    inputs: Path = Path()
    endpoints: tuple[str, ...] = ()
    servers: int = 0
    """The process whose java children are those servers, 0 for none."""


Side = Callable[[Job], Cost]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two sides, the figure that is compared (less is better), and the ratio that is wanted at most."""

    name: str
    title: str
    anchor: str
    figure: str
    goal: float | None
    mark: str
    """The group that it is chosen by: the goal it answers to, G1 to G22."""
    ours: Side
    bare: Side
    size: int
    prepare: Callable[[Job], None] | None = None
    needs_tika: bool = False
    needs_city: bool = False
    missing: Callable[[], str] = lambda: ""
    """Why this cannot be measured here, empty where it can."""


@dataclass(kw_only=True)
class Finding:
    """The ratios of all pairs, ours to bare."""

    name: str
    title: str
    anchor: str
    figure: str
    goal: float | None
    mark: str
    size: int
    ratios: list[float] = field(default_factory=list)
    ours: list[Cost] = field(default_factory=list)
    bare: list[Cost] = field(default_factory=list)
    missing: str = ""
    failed: bool = False
    """Whether it is missing because a side broke off: the rest of the table is still worth having."""

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)

    @property
    def verdict(self) -> str:
        """Missed only where the median misses and the best pair too: a neighbour's noise is no regression."""
        if self.missing:
            return "failed" if self.failed else "absent"
        if self.goal is None:
            return "told"
        if self.median <= self.goal:
            return "met"
        return "noisy" if min(self.ratios) <= self.goal else "missed"


class Costing:
    """Stands while something is measured; the servers' share is read from the system."""

    def __init__(self, job: Job, *, children: bool = False) -> None:
        self._job = job
        self._children = children
        self._began = (time.perf_counter(), self._own(), java_seconds(job.servers))

    def over(self, made: int, **more: float) -> Cost:
        """What it cost since the beginning."""
        wall, own, servers = self._began
        of_servers = java_seconds(self._job.servers) - servers
        own = self._own() - own
        more = {"own_cpu": own, "tika_cpu": of_servers} | more
        return Cost(cpu=own + of_servers, wall=time.perf_counter() - wall, made=made, more=more)

    def _own(self) -> float:
        kinds = [resource.RUSAGE_SELF, *([resource.RUSAGE_CHILDREN] if self._children else [])]
        used = [resource.getrusage(kind) for kind in kinds]
        return sum(one.ru_utime + one.ru_stime for one in used)


def java_seconds(ancestor: int) -> float:
    """CPU of every java below a process, in seconds."""
    if not ancestor:
        return 0.0
    rows = {row[0]: row for row in _processes()}
    return sum(ticks for pid, _, name, ticks, _ in rows.values() if name == "java" and _is_below(pid, ancestor, rows))


def seconds_below(ancestor: int) -> float:
    """CPU of a process with all below it, also of those that ended and were waited for, in seconds."""
    rows = {row[0]: row for row in _processes()}
    return sum(own + ended for pid, _, _, own, ended in rows.values() if _is_below(pid, ancestor, rows))


def _is_below(pid: int, ancestor: int, rows: Mapping[int, _Row]) -> bool:
    while pid in rows and pid != ancestor:
        pid = rows[pid][1]
    return pid == ancestor


def _processes() -> Iterator[_Row]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            told = (folder / "stat").read_text()
        except OSError:
            continue  # it ended while we looked
        name, rest = told[told.index("(") + 1 : told.rindex(")")], told[told.rindex(")") + 2 :].split()
        own, ended = (sum(map(int, rest[first : first + 2])) / TICKS for first in (11, 13))
        yield int(folder.name), int(rest[1]), name, own, ended


def in_fresh_process(name: str, side: str, job: Job) -> Cost:
    """Run one side of a comparison in a process of its own."""
    told = json.dumps(asdict(job), default=str)
    command = [sys.executable, "-m", "tests.benchmarks.child", name, side, told]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=environment)
    if ended.returncode:
        raise RuntimeError(f"{name} {side} ended with {ended.returncode}")
    return Cost(**json.loads(ended.stdout.splitlines()[-1]))


def fresh_folder(above: Path) -> Path:
    """An empty folder, which stays until all is measured.

    An ext4 without a journal looks at every inode that was freed within the last minutes before it gives one out: a
    side that runs after a removal would pay for it.
    """
    return Path(tempfile.mkdtemp(dir=above, prefix="side-"))


def compare(comparison: Comparison, job: Job, *, pairs: int, tell: Callable[[str], None]) -> Finding:
    """Measure both sides in turns, the one first in even pairs and the other in odd ones."""
    finding = Finding(
        name=comparison.name,
        title=comparison.title,
        anchor=comparison.anchor,
        figure=comparison.figure,
        goal=comparison.goal,
        mark=comparison.mark,
        size=job.size,
        missing=comparison.missing(),
    )
    try:
        _run_pairs(finding, comparison, job, pairs=0 if finding.missing else pairs, tell=tell)
    except RuntimeError as error:
        finding.missing, finding.failed = f"failed: {error}", True
    return finding


def _run_pairs(finding: Finding, comparison: Comparison, job: Job, *, pairs: int, tell: Callable[[str], None]) -> None:
    for pair in range(pairs):
        costs: dict[str, Cost] = {}
        for side in ("bare", "ours") if pair % 2 else ("ours", "bare"):
            costs[side] = in_fresh_process(comparison.name, side, _placed(job, fresh_folder(job.folder)))
        if costs["ours"].made != costs["bare"].made:
            raise RuntimeError(f"{comparison.name}: {costs['ours'].made} made, {costs['bare'].made} beside us")
        finding.ours.append(costs["ours"])
        finding.bare.append(costs["bare"])
        finding.ratios.append(value(costs["ours"], finding.figure) / value(costs["bare"], finding.figure))
        tell(f"{comparison.name}: pair {pair + 1} of {pairs}, {finding.ratios[-1]:.2f}")


def value(cost: Cost, figure: str) -> float:
    """The compared figure of a cost."""
    return float({"cpu": cost.cpu, "wall": cost.wall}.get(figure) or cost.more[figure])


def medians(costs: Sequence[Cost], figure: str) -> float:
    """The median of a figure over the runs of one side."""
    return statistics.median(value(cost, figure) for cost in costs)


def _placed(job: Job, folder: Path) -> Job:
    return Job(**{**asdict(job), "folder": folder})
