"""The table of a run, for people, for programs and for the page in `docs/`."""

import json
import platform
import sqlite3
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.measuring import Cost, Finding, medians, value
from tests.benchmarks.memory import Sample

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
FLAT = 1.1
GROWTH = 1.15
MOST_MEBIBYTES = 400
_INTRODUCTION = """# Speed and memory

`make bench` measures ourselves beside something bare: a short loop over the same engines, on the same machine, in the
same run. Both sides take turns, each in a fresh process with a fresh folder; CPU is user and system time, the SMTP
sender's left out, Tika's counted in. The ratio is the median over all pairs, ours to bare, less is better; absolute
figures are for orientation only, they move with the machine. A goal is missed where the median and the best pair both
miss it. The mails are made from a seed (`tests/benchmarks/corpus.py`): 70 % with HTML, with attachments 25 % with one
to three PDFs and 10 % with a DOCX, every attachment its own, so that no cache helps. The servers of a city (Kafka, S3,
OpenSearch) are left out on both sides; they count themselves how often its services asked them."""
_LIBRARIES = ("tantivy", "msgspec", "aiosmtpd", "fastapi")
_CALLS = ("PutObject", "GetObject", "HeadObject", "ListObjectsV2", "DeleteObject", "records", "lines")
_HEAD = (
    "| goal | what | beside | ours | beside it | ratio (spread) | at most | verdict |\n"
    "|---|---|---|---:|---:|---:|---:|---|"
)


def rows(findings: Sequence[Finding]) -> Iterator[str]:
    """One line of a table for each finding."""
    for finding in findings:
        if finding.missing:
            yield f"| {_what(finding)} | | | | {_goal(finding)} | {finding.missing} |"
            continue
        spread = f"{min(finding.ratios):.2f} to {max(finding.ratios):.2f}"
        ours, bare = (_figure(finding, side) for side in (finding.ours, finding.bare))
        figures = f"{ours} | {bare} | {finding.median:.2f} ({spread})"
        yield f"| {_what(finding)} | {figures} | {_goal(finding)} | {finding.verdict} |"


def _what(finding: Finding) -> str:
    return f"{finding.mark} | {finding.title} | {finding.anchor}"


def _goal(finding: Finding) -> str:
    return f"≤ {finding.goal:.2f}" if finding.goal else ""


def _figure(finding: Finding, side: Sequence[object]) -> str:
    seconds = medians(finding.ours if side is finding.ours else finding.bare, finding.figure)
    if finding.figure == "cpu":
        return f"{1000 * seconds / finding.size:.2f} ms CPU"
    if finding.figure == "mebibytes":
        return f"{seconds:.0f} MiB"
    return f"{1000 * seconds:.3f} ms"


def memory_rows(samples: Sequence[Sample]) -> Iterator[str]:
    """Anonymous memory after the first tenth and at the end; the cost of the second tenth and of the last."""
    if not samples:
        return
    early, late = samples[max(1, len(samples) // 10) - 1], samples[-1]
    ratio = late.mebibytes / early.mebibytes
    verdict = "met" if ratio <= FLAT and late.mebibytes <= MOST_MEBIBYTES else "missed"
    what = f"Anonymous memory at {late.mails} mails | at {early.mails} mails"
    figures = f"{late.mebibytes:.0f} MiB | {early.mebibytes:.0f} MiB | {ratio:.2f}"
    yield f"| §6 | {what} | {figures} | ≤ {FLAT:.2f}, ≤ {MOST_MEBIBYTES} MiB | {verdict} |"
    yield from _growth_row(samples)


def _growth_row(samples: Sequence[Sample]) -> Iterator[str]:
    tenth = len(samples) // 10
    if not tenth:
        return
    last, second = (
        1000 * sum(sample.cpu for sample in some) / (tenth * samples[0].mails)
        for some in (samples[-tenth:], samples[tenth : 2 * tenth])
    )
    ratio = last / second
    what = f"CPU of a small mail, last tenth of {samples[-1].mails} | the second tenth"
    verdict = "met" if ratio <= GROWTH else "missed"
    yield f"| §6 | {what} | {last:.2f} ms | {second:.2f} ms | {ratio:.2f} | ≤ {GROWTH:.2f} | {verdict} |"


def machine() -> str:
    """What it ran on: processors, system and versions, nothing that names the machine."""
    processors = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = processors[0].partition(":")[2].strip() if processors else platform.machine()
    libraries = ", ".join(f"{library} {version(library)}" for library in _LIBRARIES)
    python = f"CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    return f"{len(processors)} of {name}, Linux {platform.release()}; {python}"


def table(findings: Sequence[Finding], samples: Sequence[Sample]) -> str:
    """The whole table."""
    return "\n".join([_HEAD, *rows(findings), *memory_rows(samples)])


def as_json(findings: Sequence[Finding], samples: Sequence[Sample]) -> str:
    """Everything that was measured."""
    found = [asdict(finding) | {"verdict": finding.verdict} for finding in findings]
    memory = [{"mails": sample.mails, "mebibytes": sample.mebibytes, "cpu": sample.cpu} for sample in samples]
    return json.dumps({"machine": machine(), "findings": found, "memory": memory}, indent=1)


def details(findings: Sequence[Finding]) -> Iterator[str]:
    """What stands behind the mail figures."""
    for finding in findings:
        for side, costs in (("ours", finding.ours), ("beside", finding.bare)):
            if finding.name.startswith("mails") and costs:
                own, tika = (1000 * medians(costs, name) / finding.size for name in ("own_cpu", "tika_cpu"))
                rate = finding.size / medians(costs, "wall")
                yield f"- {finding.title}, {side}: {own:.2f} ms own CPU, {tika:.2f} ms Tika, {rate:.0f} mails/s."
        if finding.name == "ocr" and finding.ours:
            rates = [100 * value(costs[0], "error_rate") for costs in (finding.ours, finding.bare)]
            yield f"- Recognised pages, wrong characters: ours {rates[0]:.2f} %, the command {rates[1]:.2f} %."
        if finding.name == "city" and finding.ours:
            yield f"- {finding.title}, for each mail: {_for_each(finding, finding.ours, _CALLS)}."
            services = [name for name in finding.ours[0].more if name not in _CALLS]
            spent = _for_each(finding, finding.ours, services, 1000)
            yield f"- Its processes, ms CPU for each mail (idle: what of it they take while nothing comes): {spent}."
            yield f"- Beside it: {_for_each(finding, finding.bare, [*finding.bare[0].more], 1000)}."


def _for_each(finding: Finding, costs: Sequence[Cost], names: Sequence[str], factor: float = 1) -> str:
    told = {name: factor * statistics.median(cost.more.get(name, 0) for cost in costs) for name in names}
    return ", ".join(f"{name} {figure / finding.size:.2f}" for name, figure in told.items())


def keep(findings: Sequence[Finding], samples: Sequence[Sample], *, command: str) -> None:
    """Write the page in `docs/`."""
    text = [_INTRODUCTION, f"Last run: `{command}`", f"on {machine()}.", table(findings, samples), *details(findings)]
    PAGE.write_text("\n\n".join(text[:4]) + "\n\n" + "\n".join(text[4:]) + "\n", encoding="utf-8")
