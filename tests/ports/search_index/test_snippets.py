"""Snippets show the found words where they stand, counted in characters of the snippet."""

import msgspec
import pytest

from services.core.ports.entries import Snippet, Term
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import CLERK, a_query, an_entry, asking, committed

_FILL = "Über die Öffnungszeiten der Bücherei wird später entschieden, größere Änderungen sind möglich. "


def _marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize("field", ["body", "attachments"])
@pytest.mark.parametrize("before", [0, 3, 60])
def test_a_snippet_marks_the_word_in_its_field(index: SearchIndex, field: str, before: int) -> None:
    """Wherever the word stands, the piece is short, whole words long, and the mark sits on the word."""
    text = _FILL * before + "Die Baugrößen der Gaststätten überraschen. " + _FILL * 3
    committed(index, an_entry(body=text) if field == "body" else an_entry(attachments=text))
    (snippet,) = index.search(a_query("gaststaette"), CLERK).items[0].snippets
    assert snippet.field == field
    assert snippet.text in text
    assert 80 < len(snippet.text) <= 160
    assert _marked(snippet) == ["Gaststätten"]


def test_a_hit_tells_how_early_it_says_what_was_sought(index: SearchIndex) -> None:
    """Also by a part of a compound; the title is the earliest, and what is found by its sender says it nowhere."""
    late = "Guten Tag. " * 9 + "Der Zaun."
    committed(
        index,
        an_entry(1, title="Gartenzaun", body=late),
        an_entry(2, body="Ein Bauzaun steht hier. " + "Guten Tag. " * 9),
        an_entry(3, body=late),
        an_entry(4, sender="Zaun GmbH", body="Guten Tag."),
    )
    told = sorted(hit.early for hit in index.search(a_query("Zaun"), CLERK).items)
    assert told[0] == 0.0
    assert 0.0 < told[1] < 0.1
    assert 0.9 < told[2] < 1.0
    assert told[3] == 1.0


def test_a_subject_line_in_the_text_is_as_early_as_a_title(index: SearchIndex) -> None:
    """A scan has no title, and says behind address and date what it is about."""
    address = "Max Muster, Weg 1, 01234 Musterstadt\n" * 9
    committed(
        index,
        an_entry(1, body=f"{address}Betreff: Neuer Gartenzaun\nGuten Tag."),
        an_entry(2, body=f"{address}Am Gartenzaun hängt etwas.\nGuten Tag."),
    )
    early = {hit.document: hit.early for hit in index.search(a_query("Zaun"), CLERK).items}
    first, second = (early[document] for document in sorted(early))
    assert first == 1.0
    assert 0 < second < 1


def test_all_sought_words_of_a_piece_are_marked(index: SearchIndex) -> None:
    """The piece is the one with most of the words, and words that grew in folding do not shift the marks."""
    text = "Der Zaun. " + _FILL * 9 + "Die Straße, der große Zaun und Mueller & Söhne (ẞ) am Weg."
    committed(index, an_entry(body=text))
    (snippet,) = index.search(a_query("Zäune", "Müller", "Weg"), CLERK).items[0].snippets
    assert _marked(snippet) == ["Zaun", "Mueller", "Weg"]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Term(text="hohen Zaun", phrase=True), ["hohe", "Zaun"]),
        (Term(text="gen", prefix=True), ["Genehmigung"]),
        (Term(text="genehmigu", prefix=True), ["Genehmigung"]),
        (Term(text="Hauptstraße"), ["Hauptstr"]),
    ],
)
def test_phrases_beginnings_and_abbreviations_are_marked(index: SearchIndex, term: Term, expected: list[str]) -> None:
    """A mark sits on every word of a phrase, and on the whole of a word that was only begun."""
    committed(index, an_entry(body="Der Zaun braucht eine Genehmigung: der hohe Zaun in der Hauptstr. 5"))
    (snippet,) = index.search(asking(term), CLERK).items[0].snippets
    assert _marked(snippet) == expected


def test_both_texts_have_their_snippet(index: SearchIndex) -> None:
    """Body and attachments each show where the word stands; a field that was not asked shows nothing."""
    committed(index, an_entry(body="Anbei der Lageplan.", attachments="Lageplan, Maßstab 1:500"))
    assert [each.field for each in index.search(a_query("Lageplan"), CLERK).items[0].snippets] == [
        "body",
        "attachments",
    ]
    hits = index.search(a_query("Lageplan", field="attachments"), CLERK)
    assert [each.field for each in hits.items[0].snippets] == ["attachments"]


def test_no_word_asked_no_snippet(index: SearchIndex) -> None:
    """A list without a search has no snippets, nor has a word that is only to be absent."""
    committed(index, an_entry(body="Der Zaun"))
    assert index.search(a_query(), CLERK).items[0].snippets == ()
    assert index.search(asking(Term(text="Haus", negated=True)), CLERK).items[0].snippets == ()


def test_no_snippet_where_none_is_wanted(index: SearchIndex) -> None:
    """The same hits in the same order, without pieces of their texts."""
    committed(index, an_entry(body="Der Zaun"))
    with_pieces = index.search(a_query("Zaun"), CLERK)
    bare = index.search(msgspec.structs.replace(a_query("Zaun"), snippets=False), CLERK)
    assert (len(bare.items), bare.total, bare.items[0].snippets) == (1, 1, ())
    assert with_pieces.items[0].snippets
    assert msgspec.structs.replace(with_pieces.items[0], snippets=(), early=0.0) == bare.items[0]


def test_lines_and_control_characters_become_blanks(index: SearchIndex) -> None:
    """A snippet is one line, and as it is text, markup stays text."""
    committed(index, an_entry(body="<b>Der</b>\nZaun\x00\tsteht"))
    (snippet,) = index.search(a_query("Zaun"), CLERK).items[0].snippets
    assert (snippet.text, snippet.marks) == ("<b>Der</b> Zaun  steht", ((11, 15),))
