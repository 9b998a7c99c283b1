"""Words that only ask may be lacking in a sentence, and are meant where little else was typed."""

import pytest

from services.core.language.function_words import ASKING_WORDS, FUNCTION_WORDS
from services.core.plan.file_numbers import Template
from services.search.forgiving import spelling
from services.search.query import parse


@pytest.mark.parametrize(
    ("line", "idle"),
    [
        ("Was dürfen Apotheker nicht tun?", ["tun?"]),
        ("wie heißt die Art der Genehmigung", ["heißt", "Art"]),
        ("Art Genehmigung", []),
        ("was geht da eigentlich", []),
        ('wie heißt die "Art der" Genehmigung', ["heißt"]),
        ("wie heißt die Genehmigung betreff:Art", ["heißt"]),
        ("wie heißt die Genehmigung -Art", ["heißt"]),
    ],
)
def test_words_that_only_ask_are_idle_in_a_sentence(line: str, idle: list[str]) -> None:
    """Only plain ones, and only beside a word that says something; what was typed on purpose always holds."""
    query = spelling.spoken(parse(line, template=Template("{position}/{number}-{year}")))
    assert [term.text for group in query.groups for term in group if term.idle] == idle


def test_the_two_lists_have_no_word_in_common() -> None:
    """A word that is never asked for needs no second reason."""
    assert not ASKING_WORDS & FUNCTION_WORDS
