"""`make corpus CORPORA=DIR`: every file through a fresh embedded mail room, with a table of what became of it."""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from services.adapters.blob_store.files import FileBlobStore
from services.core.keys import Bucket
from tests.corpus import quality, report
from tests.corpus.deaths import deaths
from tests.corpus.feeding import Fate, feed
from tests.corpus.post import Letter, letters
from tests.corpus.watching import Watch
from tests.journeys.instance import Instance, Tables

SETTINGS: Tables = {"tika": {"heap": "512MiB"}}
"""As a small town runs it."""


def main() -> None:
    """Run, print, and end with 1 unless every receipt's document is indexed and nothing died."""
    options = _options()
    post = letters(options.corpora, options.only)
    if not post:
        raise SystemExit(f"no files in {options.corpora}; say where they are: make corpus CORPORA=DIR")
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="corpus-") as folder:
        run = _run(Instance(Path(folder), SETTINGS), post, _Progress(len(post)))
    sys.stdout.write(f"{report.table(run)}\n")
    if options.json:
        options.json.write_text(json.dumps(report.as_json(run), indent=1), encoding="utf-8")
    sys.exit(0 if run.is_whole else 1)


def _run(process: Instance, post: Sequence[Letter], tell: Callable[[Fate], None]) -> report.Run:
    process.start()
    watch = Watch(process.processes)
    watch.start()
    began = time.monotonic()
    try:
        fates = feed(process, post, tell)
        wall = time.monotonic() - began
        watch.stop()
        expectations = quality.sample(process, fates)
    finally:
        process.stop()
    return report.Run(
        fates=fates,
        wall=wall,
        dead_letters=len(list(FileBlobStore(process.data / "blobs").keys(Bucket.RECORDS, "main/dead/"))),
        deaths=deaths(process.logged),
        cpu=watch.cpu(),
        peaks=watch.peaks(),
        processes=watch.counts(),
        growth=watch.growth(),
        expectations=expectations,
    )


class _Progress:
    """A line on standard error that grows with what is done."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = 0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def __call__(self, fate: Fate) -> None:
        with self._lock:
            self._done += 1
            said = f"{self._done} of {self._count}, {time.monotonic() - self._began:.0f} s"
            ending = "\r" if sys.stderr.isatty() and self._done < self._count else "\n"
            if ending == "\r" or self._done % 50 == 0 or self._done == self._count:
                sys.stderr.write(f"{said}{ending}")
                sys.stderr.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("corpora", type=Path, help="the folder with the corpora")
    parser.add_argument("--only", nargs="*", default=[], metavar="FOLDER", help="folders or files below it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, file by file")
    parser.add_argument("--folder", type=Path, help="where the mail room lives meanwhile; needs some gigabytes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
