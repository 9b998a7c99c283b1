"""Our own questions are answered as well as they ever were."""

from pathlib import Path

import pytest

from services.adapters.search_index.tantivy import TantivySearchIndex
from tests.search_quality import corpora, engines
from tests.search_quality.judging import judged, rows

AT_LEAST = 0.92
"""nDCG@10 of every kind of question."""


def test_every_kind_of_question_is_answered(tmp_path: Path) -> None:
    """Parts of compounds, inflections, synonyms, slips, numbers, names and whole sentences find what was meant."""
    collection = corpora.own()
    index = TantivySearchIndex(tmp_path / "index", heap_bytes=20_000_000)
    try:
        told = rows(judged(collection, engines.product(index, collection)))
    finally:
        index.close()
    assert [row.kind for row in told if row.ndcg < AT_LEAST] == []
    assert (sum(row.false_friends for row in told), sum(row.empty for row in told)) == (0, 0)


@pytest.mark.parametrize("ask", [engines.bare_tantivy])
def test_an_engine_alone_does_worse(ask: engines.Bare) -> None:
    """What we add is worth its cost: the stock analyser finds clearly less of the same."""
    collection = corpora.own()
    alone = rows(judged(collection, ask(collection)))
    assert alone[0].ndcg < AT_LEAST - 0.1


def test_collections_of_two_folders_have_two_names(tmp_path: Path) -> None:
    """Each has an index of its own: under one name the second was asked in the first one's letters."""
    for name in ("letters.jsonl", "questions.jsonl"):
        (tmp_path / name).touch()
    assert corpora.letters(tmp_path / "letters.jsonl", tmp_path / "questions.jsonl").name != corpora.own().name
