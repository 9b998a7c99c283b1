"""What meaning costs in the search: the points of documents, and questions whose first page is ordered by them."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.plan.file_plan import EMPTY
from services.core.ports.entries import Entry, Viewer
from services.indexing.meaning import meant
from services.runtime.context.service import Context
from services.runtime.meaning import encoder
from services.search.asking import ask
from tests.benchmarks.index import index_entries
from tests.benchmarks.mail_path import GROUP, HEAP
from tests.benchmarks.measuring import Comparison, Cost, Costing, Job

_EVERYBODY = Viewer(account="bench", tenant="main", all_offices=True)
_DOCUMENTS = 500
"""That questions are asked of."""
_WORDS = 6
"""Of a question, from the middle of a letter."""


def documents_with_points(job: Job) -> Cost:
    """Entries with the points of their passages, as a round of `indexing` writes them."""
    return _written(job, with_points=True)


def documents_by_words(job: Job) -> Cost:
    """The same entries with their words alone."""
    return _written(job, with_points=False)


def questions_by_meaning(job: Job) -> Cost:
    """A line of six words, the first page ordered by words and meaning."""
    return _asked(job, meaning=True)


def questions_by_words(job: Job) -> Cost:
    """The same with `search.meaning` off."""
    return _asked(job, meaning=False)


def _written(job: Job, *, with_points: bool) -> Cost:
    entries = index_entries(job)
    encoder.encoded(["Rathaus"])
    index = TantivySearchIndex(job.folder / "index", heap_bytes=HEAP)
    costing = Costing(job)
    for start in range(0, len(entries), GROUP):
        group = entries[start : start + GROUP]
        index.write([meant(entry) for entry in group] if with_points else group)
        index.commit()
    cost = costing.over(len(entries))
    index.close()
    return cost


def _asked(job: Job, *, meaning: bool) -> Cost:
    entries = index_entries(replace(job, size=_DOCUMENTS))
    encoder.encoded(["Rathaus"])
    index = TantivySearchIndex(job.folder / "index", heap_bytes=HEAP)
    index.write([meant(entry) for entry in entries])
    index.commit()
    settings = SimpleNamespace(
        filing=SimpleNamespace(file_number="{position}/{number}-{year}"),
        search=SimpleNamespace(synonyms=None, meaning=meaning),
    )
    context = cast("Context", SimpleNamespace(ports=SimpleNamespace(index=index), settings=settings, plan=EMPTY))
    lines = _lines(entries, job.size)
    costing = Costing(job)
    for line in lines:
        ask(context, _EVERYBODY, line)
    cost = costing.over(len(lines))
    index.close()
    return cost


def _lines(entries: Sequence[Entry], count: int) -> list[str]:
    bodies = (entries[number % len(entries)].body.split() for number in range(count))
    return [" ".join(words[len(words) // 2 :][:_WORDS]) for words in bodies]


COMPARISONS = (
    Comparison(
        name="meaning-documents",
        title="Index a document by words and meaning",
        anchor="by words alone",
        figure="cpu",
        goal=None,
        mark="G22",
        ours=documents_with_points,
        bare=documents_by_words,
        size=200,
    ),
    Comparison(
        name="meaning-questions",
        title="A line of six words, ordered by words and meaning",
        anchor="by words alone",
        figure="cpu",
        goal=None,
        mark="G22",
        ours=questions_by_meaning,
        bare=questions_by_words,
        size=200,
    ),
)
