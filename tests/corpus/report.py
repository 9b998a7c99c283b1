"""The table of a run, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.corpus.expectations import Expectation
from tests.corpus.feeding import Fate

SLOWEST = 10


@dataclass(kw_only=True)
class Run:
    """Everything that was measured. Seconds, and MiB."""

    fates: Sequence[Fate]
    wall: float
    dead_letters: int
    deaths: dict[str, int]
    """Processes that ended without being told to, by kind."""
    cpu: dict[str, float]
    peaks: dict[str, float]
    processes: dict[str, int]
    growth: list[float]
    expectations: list[Expectation] = field(default_factory=list)

    @property
    def taken(self) -> list[Fate]:
        """Those that have a receipt."""
        return [fate for fate in self.fates if fate.receipt]

    @property
    def is_whole(self) -> bool:
        """Whether every receipt's document is indexed, nothing became a dead letter and nothing died."""
        return all(fate.indexed for fate in self.taken) and not self.dead_letters and not any(self.deaths.values())


def table(run: Run) -> str:
    """The run as two columns, what was slow, what was not indexed, and the quality sample."""
    rows = [f"{title:<34} {value}" for title, value in _rows(run)]
    return "\n".join([*rows, *_slowest(run), *_lost(run), *_sample(run.expectations)])


def as_json(run: Run) -> dict[str, Any]:
    """Everything, file by file."""
    return {
        **{name: value for name, value in asdict(run).items() if name not in {"fates", "expectations"}},
        "counts": dict(_counts(run)),
        "problems": dict(_by_code(run)),
        "files": [_row(fate) for fate in run.fates],
        "expectations": [asdict(one) for one in run.expectations],
    }


def _counts(run: Run) -> Iterator[tuple[str, int]]:
    indexed = [fate for fate in run.taken if fate.indexed]
    yield "files", len(run.fates)
    yield "refused", len(run.fates) - len(run.taken)
    yield "receipts", len(run.taken)
    yield "documents", len({fate.document for fate in run.taken})
    yield "indexed without problem", sum(not fate.problems for fate in indexed)
    yield "indexed with a problem", sum(bool(fate.problems) for fate in indexed)
    yield "not indexed", len(run.taken) - len(indexed)
    yield "dead letters", run.dead_letters
    yield "process deaths", sum(run.deaths.values())


def _rows(run: Run) -> Iterator[tuple[str, str]]:
    refused = Counter(fate.refused for fate in run.fates if fate.refused)
    beside = {
        "refused": _listed(refused),
        "indexed with a problem": _listed(_by_code(run)),
        "process deaths": _listed(Counter({kind: count for kind, count in run.deaths.items() if count})),
    }
    for title, count in _counts(run):
        yield title, f"{count:>6}  {beside.get(title, '')}".rstrip()
    cpu = ", ".join(f"{kind} {seconds:.0f}" for kind, seconds in run.cpu.items())
    yield "CPU seconds", f"{sum(run.cpu.values()):>6.0f}  {cpu}"
    yield "wall seconds", f"{run.wall:>6.0f}"
    peaks = (f"{kind} {peak:.0f} ({run.processes[kind]} started)" for kind, peak in run.peaks.items())
    yield "peak MiB of a process", "        " + ", ".join(peaks)
    yield (
        "anonymous MiB of the mail room, by tenths",
        "        " + ", ".join(f"{mebibytes:.0f}" for mebibytes in run.growth),
    )


def _by_code(run: Run) -> Counter[str]:
    return Counter(code for fate in run.taken for code in fate.problems)


def _slowest(run: Run) -> Iterator[str]:
    yield "\nslowest, seconds from receipt to index"
    for fate in sorted(run.taken, key=lambda fate: -fate.seconds)[:SLOWEST]:
        yield f"{fate.seconds:>8.1f}  {fate.letter.name}  {' '.join(fate.problems)}".rstrip()


def _lost(run: Run) -> Iterator[str]:
    lost = [fate for fate in run.taken if not fate.indexed]
    if lost:
        yield "\nnot indexed"
        yield from (f"{fate.state or 'unknown':>12}  {fate.letter.name}" for fate in lost)


def _sample(expectations: Sequence[Expectation]) -> Iterator[str]:
    if not expectations:
        return
    yield "\nquality sample: met of expected"
    rules = Counter(one.rule for one in expectations)
    met = Counter(one.rule for one in expectations if one.met)
    yield from (f"{met[rule]:>6} of {count:<5} {rule}" for rule, count in rules.items())
    yield f"{sum(met.values()):>6} of {len(expectations):<5} in all"
    unmet = [one for one in expectations if not one.met]
    if unmet:
        yield "\nunmet"
        yield from (f"  {one.rule}: {one.file}: {one.reason}" for one in unmet)


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common())


def _row(fate: Fate) -> dict[str, Any]:
    return {
        "file": fate.letter.name,
        "door": "mail" if fate.letter.is_mail else "scan",
        "receipt": fate.receipt,
        "refused": fate.refused,
        "document": fate.document,
        "state": fate.state,
        "indexed": fate.indexed,
        "delivered_at": fate.delivered_at,
        "seconds": round(fate.seconds, 3),
        "problems": fate.problems,
        "parts": fate.told.get("parts", []),
    }
