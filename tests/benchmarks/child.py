"""One side of one comparison, in a process of its own: `python -m tests.benchmarks.child NAME SIDE JOB`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.comparisons import COMPARISONS
from tests.benchmarks.measuring import Job


def main() -> None:
    """Run it and print what it cost."""
    name, side, told = sys.argv[1:]
    comparison = next(one for one in COMPARISONS if one.name == name)
    fields = json.loads(told)
    job = Job(
        **{
            **fields,
            "folder": Path(fields["folder"]),
            "inputs": Path(fields["inputs"]),
            "endpoints": tuple(fields["endpoints"]),
        }
    )
    cost = (comparison.ours if side == "ours" else comparison.bare)(job)
    sys.stdout.write(json.dumps(asdict(cost)) + "\n")


if __name__ == "__main__":
    main()
