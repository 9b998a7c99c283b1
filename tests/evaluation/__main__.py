"""`make evaluate`: held-back examples, letters of anybody's, public sets; figures to compare versions by.

make evaluate                                   # the project's own: what CI runs
make evaluate ARGS="--letters FILE …"           # labelled letters, without and with corrections
make evaluate ARGS="--public FOLDER"            # Musterdatenkatalog and product plan, publishers never seen
make evaluate ARGS="--curve"                    # with 0, 1, 5 and all examples of each position
"""

import argparse
import json
import resource
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from services.core.plan.file_plan import FilePlan
from tests.evaluation import letters as reading
from tests.evaluation.judging import corrected, judged, knowing, shipped_plan
from tests.evaluation.letters import Letter
from tests.evaluation.measures import Row, line, share
from tests.evaluation.public import public_sets

FOLDS = 5
LEAST_FIRST, LEAST_OFFICE = 0.33, 0.3
"""Of held-back examples, below which CI fails; some room below what was measured (decision 0033)."""


def main() -> int:
    """Print every figure asked for; 1 where the project's own fell below what was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=Path, nargs="*", default=[])
    parser.add_argument("--public", type=Path)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--json", type=Path, help="write every figure there")
    options = parser.parse_args()
    plan = shipped_plan()
    figures: dict[str, list[Row]] = {}
    if options.letters:
        figures |= of_letters([letter for path in options.letters for letter in reading.read(path)], plan)
    elif options.public:
        figures |= dict(public_sets(options.public))
    elif options.curve:
        figures |= curve(plan)
    else:
        figures |= held_back(plan)
    for name, rows in figures.items():
        sys.stdout.write(f"{line(name, rows)}\n")
        sys.stdout.flush()
    sys.stdout.write(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB\n")
    if options.json:
        counted = {name: {"n": len(rows), "first": share(rows, "first")} for name, rows in figures.items()}
        options.json.write_text(json.dumps(counted, indent=1))
    own = figures.get("held back", [])
    return int(bool(own) and (share(own, "first") < LEAST_FIRST or share(own, "office") < LEAST_OFFICE))


def held_back(plan: FilePlan, *, every: int = 1) -> dict[str, list[Row]]:
    """Each fifth of the examples, judged by those of the other four."""
    dealt = reading.folds(reading.examples(), FOLDS)
    asked, known = dealt[0][::every], [letter for fold in dealt[1:] for letter in fold]
    with knowing(known, plan) as office:
        return {"held back": [judged(office, letter, plan)[0] for letter in asked]}


def curve(plan: FilePlan) -> dict[str, list[Row]]:
    """The same letters, judged with more and more examples of each position."""
    dealt = reading.folds(reading.examples(), FOLDS)
    found = {}
    for most in (0, 1, 5, 20):
        known: dict[str, list[Letter]] = defaultdict(list)
        for letter in (one for fold in dealt[1:] for one in fold):
            known[letter.position].append(letter)
        kept = [letter for mine in known.values() for letter in mine[:most]]
        with knowing(kept, plan) as office:
            found[f"held back, {most} examples"] = [judged(office, letter, plan)[0] for letter in dealt[0]]
    return found


def of_letters(asked: list[Letter], plan: FilePlan) -> dict[str, list[Row]]:
    """Labelled letters, first knowing nothing of each other, then each corrected after it was judged."""
    with knowing(reading.examples(), plan) as office:
        alone = [judged(office, letter, plan)[0] for letter in asked]
    stream: list[Row] = []
    seen: dict[str, int] = defaultdict(int)
    with knowing(reading.examples(), plan) as office:
        for letter in asked:
            row, document, _ = judged(office, letter, plan)
            stream.append(replace(row, before=seen[letter.position]))
            corrected(office, letter, document)
            seen[letter.position] += 1
    parts = {f"stream, part {n + 1} of 4": stream[n * len(stream) // 4 : (n + 1) * len(stream) // 4] for n in range(4)}
    known = [row for row in stream if row.before]
    return {"without corrections": alone, "each corrected": stream, "position corrected before": known} | parts


if __name__ == "__main__":
    sys.exit(main())
