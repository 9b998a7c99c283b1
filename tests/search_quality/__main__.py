"""How well documents are found, as a table: `make evaluate-search [CORPORA=DIR] [ARGS=--opensearch]`.

Our own questions always; below CORPORA also `search/xquad-de-*.json` and, beside it, `eval/questions.jsonl` over
`eval/letters.jsonl`. Each collection is asked of the product, and of the engine alone with its own German analyser,
any word of the line being enough.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.servers import OpenSearch
from services.adapters.search_index.opensearch import OpenSearchAccess, OpenSearchIndex
from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.ports.search_index import SearchIndex
from tests.search_quality import corpora, engines
from tests.search_quality.corpora import Collection
from tests.search_quality.judging import Score, agreement, judged, rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="?", help="folder of the public and graded questions")
    parser.add_argument("--opensearch", action="store_true", help="ask OpenSearch too (needs `make servers`' programs)")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        endpoint = stack.enter_context(OpenSearch.start()).endpoint if options.opensearch else ""
        for collection in _collections(options.corpora):
            _table(collection, folder / collection.name, endpoint)


def _collections(folder: Path | None) -> Iterator[Collection]:
    yield corpora.own()
    if folder is None:
        return
    for letters, questions in [(folder.parent / "eval" / "letters.jsonl", folder.parent / "eval" / "questions.jsonl")]:
        if letters.is_file() and questions.is_file():
            yield corpora.letters(letters, questions)
    passages, questions = (folder / "search" / f"xquad-de-{what}.json" for what in ("passages", "questions"))
    if passages.is_file() and questions.is_file():
        yield corpora.passages(passages, questions)


def _table(collection: Collection, folder: Path, endpoint: str) -> None:
    told = {"tantivy": _of(TantivySearchIndex(folder), collection)}
    _print(f"{collection.name}: tantivy alone, its German", judged(collection, engines.bare_tantivy(collection)))
    if endpoint:
        index = OpenSearchIndex(OpenSearchAccess(endpoints=(endpoint,)), prefix=f"{collection.name}-")
        index.prepare()
        told["opensearch"] = _of(index, collection)
        alone = judged(collection, engines.bare_opensearch(collection, endpoint))
        _print(f"{collection.name}: OpenSearch alone, its German", alone)
        print(f"top ten that both engines have: {agreement(told['tantivy'], told['opensearch']):.3f}\n")  # noqa: T201 - as above


def _of(index: SearchIndex, collection: Collection) -> list[Score]:
    try:
        scores = judged(collection, engines.product(index, collection))
    finally:
        index.close()
    _print(f"{collection.name}: product on {type(index).__name__}", scores)
    return scores


def _print(title: str, scores: list[Score]) -> None:
    print(title, *map(str, rows(scores)), sep="\n", end="\n\n", flush=True)  # noqa: T201 - a table for people


if __name__ == "__main__":
    main()
