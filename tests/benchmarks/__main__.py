"""`make bench`: measure, print the table, and on demand keep it in docs/benchmarks.md."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests

from services.adapters.text_extractor.tika import programs
from services.adapters.text_extractor.tika.configuration import ServerOptions
from services.adapters.text_extractor.tika.server import TikaServer
from services.extraction.mail.tree import MailLimits, open_mail
from tests.benchmarks import city, mail_path, memory, report
from tests.benchmarks.comparisons import COMPARISONS
from tests.benchmarks.measuring import Comparison, Finding, Job, compare

TIKAS = 2
_START_SECONDS = 120


def main() -> None:
    """Measure what was asked for; ends with 1 where a goal was missed."""
    options = _options()
    chosen = [one for one in COMPARISONS if one.name in options.only and one.mark in options.goals]
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-") as folder:
        findings = [_measured(comparison, Path(folder), options) for comparison in chosen]
        samples = memory.measure(Path(folder), options.memory) if options.memory else []
    sys.stdout.write(f"{(report.as_json if options.json else report.table)(findings, samples)}\n")
    if options.keep:
        report.keep(findings, samples, command=f"make bench ARGS={' '.join(sys.argv[1:])!r}")
    sys.exit(any(finding.verdict in ("missed", "failed") for finding in findings))


def _options() -> argparse.Namespace:
    names = [comparison.name for comparison in COMPARISONS]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="*", default=names, choices=names, metavar="NAME", help=", ".join(names))
    marks = sorted({comparison.mark for comparison in COMPARISONS}, key=lambda mark: int(mark[1:]))
    parser.add_argument("--goals", nargs="*", default=marks, choices=marks, metavar="GOAL", help=", ".join(marks))
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs for each comparison")
    parser.add_argument("--scale", type=float, default=1.0, help="larger or smaller runs: factor of every size")
    parser.add_argument("--memory", type=int, default=0, metavar="MAILS", help="also watch memory over so many mails")
    parser.add_argument("--json", action="store_true", help="everything that was measured, as JSON")
    parser.add_argument("--keep", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--folder", type=Path, help="where to measure; the disk matters")
    return parser.parse_args()


def _measured(comparison: Comparison, folder: Path, options: argparse.Namespace) -> Finding:
    job = Job(folder=folder, inputs=folder, size=max(1, int(comparison.size * options.scale)))
    if comparison.missing():
        return compare(comparison, job, pairs=0, tell=_tell)
    if comparison.prepare:
        comparison.prepare(job)
    with _tikas(folder, job) if comparison.needs_tika else _others(comparison, job) as ready:
        return compare(comparison, ready, pairs=options.pairs, tell=_tell)


@contextmanager
def _others(comparison: Comparison, job: Job) -> Iterator[Job]:
    """The servers of a city, or none."""
    if comparison.needs_city:
        with city.servers(job) as ready:
            yield ready
    else:
        yield job


@contextmanager
def _tikas(folder: Path, job: Job) -> Iterator[Job]:
    """Servers that both sides use, warm: every attachment was read by each of them before anything is measured."""
    cache = Path("~/.cache/poststelle").expanduser()
    options = ServerOptions(heap=512)
    servers = [
        TikaServer(lambda: programs.prepare(cache, _tell), folder / f"tika-{number}", options)
        for number in range(TIKAS)
    ]
    try:
        endpoints = tuple(_address(server) for server in servers)
        _warm(endpoints, mail_path.read_mails(job))
        yield replace(job, endpoints=endpoints, servers=os.getpid())
    finally:
        for server in servers:
            server.close()


def _address(server: TikaServer) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while (address := server.address()) is None:
        if time.monotonic() > deadline:
            raise RuntimeError("Tika does not start")
        time.sleep(0.2)
    return address


def _warm(endpoints: Sequence[str], mails: Sequence[bytes]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for mail in mails:
            opened = open_mail(mail, 0, len(mail), limits=MailLimits(depth=20, parts=2000))
            for leaf in opened.leaves:
                for endpoint in endpoints:
                    session.put(f"{endpoint}/rmeta/body", data=leaf.entity.content(), timeout=60).raise_for_status()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
