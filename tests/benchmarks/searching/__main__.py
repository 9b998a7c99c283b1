"""Questions over many documents: `nice python -m tests.benchmarks.searching --sizes 20000 200000 1000000`.

Each size is indexed anew by the embedded index and by Lucene (the server's own jars), each is asked all questions
`--rounds` times to be warm, and once more with the clock running: rights, counts, twenty hits and their texts. Ours
adds other forms and snippets to that. Told are milliseconds of CPU of the thread that asks, so that what else runs on
the machine does not count. A letter costs about 1.1 ms of CPU to index, so 200,000 take four minutes of a processor
with nothing else to do, and a million 6 GB of disk.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from deploy.servers.opensearch.class_path import class_path, jdk
from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.plan.file_numbers import Template
from services.core.ports.entries import Entry, Viewer
from services.search.query import parse
from tests.benchmarks.searching.questions import Question, letters, questions

GROUP = 1_000
COMMIT = 20_000
"""Letters between two commits: each small one is merged again and again."""
HEAP = 256_000_000
SOURCE = Path(__file__).with_name("LuceneSearch.java")
CLERK = Viewer(account="bench", tenant="main", offices=frozenset({"poststelle"}))
Times = dict[str, list[float]]
"""Milliseconds of CPU by kind of question."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is asked before it counts")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asked = questions(options.questions, options.seed)
    first: dict[str, float] = {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as made:
            told = {
                "ours": _ours(Path(made), size, asked, options),
                "Lucene": _lucene(Path(made), asked, options),
            }
        for line in _rows(size, told, first):
            print(line, flush=True)  # noqa: T201 - a table for people


def _ours(folder: Path, size: int, asked: Sequence[Question], options: argparse.Namespace) -> Times:
    index = TantivySearchIndex(folder / "ours", heap_bytes=HEAP)
    with (folder / "letters").open("w", encoding="utf-8") as file:
        for number, group in enumerate(_groups(size, options.seed), 1):
            index.write(group)
            file.writelines(map(_line, group))
            if number * GROUP % COMMIT == 0:
                index.commit()
                print(f"  {number * GROUP:,} letters, {time.process_time():.0f} s of CPU", file=sys.stderr, flush=True)  # noqa: T201 - for people
    index.commit()
    queries = [(one.kind, parse(one.line, template=Template("{position}/{number}-{year}"))) for one in asked]
    times: Times = defaultdict(list)
    for round_ in range(options.rounds + 1):
        for kind, query in queries:
            begun = time.thread_time()
            index.search(query, CLERK)
            if round_ == options.rounds:
                times[kind].append(1_000 * (time.thread_time() - begun))
    index.close()
    return times


def _groups(size: int, seed: int) -> Iterator[list[Entry]]:
    all_of_them = letters(size, seed)
    while group := list(islice(all_of_them, GROUP)):
        yield group


def _line(entry: Entry) -> str:
    texts = (entry.document, entry.offices[0], entry.title, entry.body)
    return "\t".join(" ".join(text.split()) for text in texts) + "\n"


def _lucene(folder: Path, asked: Sequence[Question], options: argparse.Namespace) -> Times:
    lines = ("\t".join((one.kind, *one.words)) for one in asked)
    (folder / "questions").write_text("\n".join(lines) + "\n", encoding="utf-8")
    java = [str(jdk() / "bin" / "java"), "-Xmx1g", "-XX:+UseSerialGC", "-cp", class_path(), str(SOURCE)]
    places = [str(folder / name) for name in ("lucene", "letters", "questions")]
    run = subprocess.run([*java, *places, str(options.rounds)], check=True, capture_output=True, text=True)
    times: Times = defaultdict(list)
    for line in run.stdout.splitlines():
        kind, micros, _ = line.split("\t")
        times[kind].append(int(micros) / 1_000)
    return times


def _rows(size: int, told: dict[str, Times], first: dict[str, float]) -> Iterator[str]:
    """Each kind, and all together with the growth since the smallest size."""
    yield f"{size:,} documents".ljust(22) + "   ours p50  p99 ms   Lucene p50  p99 ms   p50 ours/Lucene   (CPU)"
    for kind in (*told["ours"], "all"):
        figures = [_share(_of(told[side], kind), part) for side in ("ours", "Lucene") for part in (0.5, 0.99)]
        growth = ""
        if kind == "all":
            first.setdefault(kind, figures[0])
            growth = f"   p50 {figures[0] / first[kind]:.2f} times that of the first size"
        yield (
            f"  {kind:20}{figures[0]:10.2f}{figures[1]:8.2f}{figures[2]:13.2f}{figures[3]:8.2f}"
            f"{figures[0] / max(figures[2], 1e-3):12.2f}{growth}"
        )


def _of(times: Times, kind: str) -> list[float]:
    return times[kind] if kind != "all" else [one for some in times.values() for one in some]


def _share(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


if __name__ == "__main__":
    main()
