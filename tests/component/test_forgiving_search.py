"""A line is asked for step by step until there is something to show, and each step is said."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.errors import Rejected
from services.core.plan.file_plan import EMPTY
from services.core.ports.entries import Viewer
from services.core.ports.search_index import SearchIndex
from services.runtime.context.service import Context
from services.search.asking import HANDFUL, Found, ask
from services.search.query import Paging
from tests.ports.search_index.entries import CLERK, STRANGER, an_entry, committed, numbers


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    """A few letters of two offices."""
    opened = TantivySearchIndex(Path(tmp_path_factory.mktemp("index")) / "index", heap_bytes=20_000_000)
    yield committed(
        opened,
        an_entry(1, body="Im Duschwasser der Turnhalle wurden Legionellen gefunden."),
        an_entry(2, body="Bitte prüfen Sie den Bauantrag für die Garage."),
        an_entry(3, body="Der Kindergarten am Bach nimmt im Sommer keine Kinder auf."),
        an_entry(4, body="Geheime Liegenschaften", offices=("kasse",)),
        *(an_entry(number, body=f"Der Zaun steht zu nah an der Grenze, zum {number}. Mal.") for number in range(5, 30)),
    )
    opened.close()


def asked(index: SearchIndex, line: str, viewer: Viewer = CLERK, page: Paging | None = None) -> Found:
    """What the service answers."""
    settings = SimpleNamespace(
        filing=SimpleNamespace(file_number="{position}/{number}-{year}"),
        search=SimpleNamespace(synonyms=None, meaning=False),
    )
    context = SimpleNamespace(ports=SimpleNamespace(index=index), settings=settings, plan=EMPTY)
    return ask(cast("Context", context), viewer, line, page=page)


def answered(index: SearchIndex, line: str) -> str:
    """Whether a line was answered, or the code of its refusal."""
    try:
        asked(index, line)
    except Rejected as refused:
        return refused.code
    return "answered"


def test_enough_hits_with_all_words_are_all_there_is(index: SearchIndex) -> None:
    """From a handful on nothing looser is looked for."""
    found = asked(index, "Zaun Grenze")
    assert (found.step, found.hits.total >= HANDFUL, found.suggestion) == ("all", True, "")


def test_a_sentence_finds_what_has_most_of_its_words(index: SearchIndex) -> None:
    """What is typed as it is spoken finds the letter, which tells the words that it lacks."""
    found = asked(index, "wer hat den Bauantrag für die Garage vom Nachbarn geprüft")
    assert found.step == "most"
    assert (numbers(found.hits)[0], found.hits.items[0].without) == (2, ("Nachbarn",))


def test_a_word_that_nobody_wrote_is_asked_in_the_spelling_of_one_that_somebody_did(index: SearchIndex) -> None:
    """The letter is found at once, and the line as it may be meant is offered."""
    found = asked(index, "Legionelen Turnhalle")
    assert (numbers(found.hits), found.suggestion) == ([1], "Legionellen Turnhalle")


def test_no_suggestion_comes_from_a_foreign_document(index: SearchIndex) -> None:
    """A word that only others may read is neither found nor offered."""
    mine, theirs = (asked(index, "Liegenschafte Zaun", viewer) for viewer in (CLERK, STRANGER))
    assert mine.suggestion == ""
    assert theirs.suggestion == "" or "Zaun" not in theirs.suggestion
    near = (asked(index, "Liegenschaffen", viewer) for viewer in (CLERK, STRANGER))
    assert [(found.suggestion, numbers(found.hits)) for found in near] == [("", []), ("Liegenschaften", [4])]


def test_synonyms_of_an_authority_are_found_without_a_word(index: SearchIndex) -> None:
    """Kita finds Kindergarten, as our list says."""
    assert numbers(asked(index, "Kita").hits) == [3]


def test_the_switch_for_exact_words_knows_no_steps(index: SearchIndex) -> None:
    """Neither synonyms nor fewer words nor spellings: nothing is found where nothing is written so."""
    for line in ("Kita", "Legionelen", "Bauantrag Nachbarn"):
        found = asked(index, line, page=Paging(match="exact"))
        assert (found.hits.total, found.step, found.suggestion) == (0, "exact", "")


@pytest.mark.parametrize("line", ["Zaun", "Zaun Holz Wolke"])
def test_further_pages_stay_in_the_step_of_the_first(index: SearchIndex, line: str) -> None:
    """A cursor says in which step it was given, so nothing is shown twice or left out."""
    first = asked(index, line, page=Paging(limit=10))
    seen, found = numbers(first.hits), first
    while found.hits.next:
        found = asked(index, line, page=Paging(limit=10, cursor=found.hits.next))
        seen += numbers(found.hits)
        assert found.step == first.step
    assert sorted(seen) == list(range(5, 30))


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_line_is_answered_or_refused(index: SearchIndex, line: str) -> None:
    """Control characters, marks of direction, stars and quotes end in hits or in a refusal with a place."""
    assert answered(index, line) in {"answered", "bad_query"}


@pytest.mark.parametrize(
    "line", ["x" * 100_000, "bau* " * 1_000, "*a*", "\u202ezaun\x00 \u200b" * 40, "a~b~c", "zaun~ ~2"]
)
def test_hostile_lines_are_refused_or_answered_soon(index: SearchIndex, line: str) -> None:
    """A hundred kilobytes, a thousand wildcards, stars inside and signs that nobody sees."""
    assert answered(index, line) in {"answered", "bad_query"}
