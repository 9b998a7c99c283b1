"""Words are found in looser forms, lower down; what a hit lacks is told, and no step knows more than the viewer."""

import pytest

from services.core.ports.entries import Hits, Match, Query, Term
from services.core.ports.search_index import SearchIndex
from tests.ports.search_index.entries import CLERK, STRANGER, a_query, an_entry, asking, committed, found, numbers


def test_a_part_finds_the_compound_and_the_compound_its_parts(index: SearchIndex) -> None:
    """Both ways, the word itself above, and never a word that only has the letters."""
    committed(
        index,
        an_entry(1, body="Die Baugenehmigung liegt bei, und es folgt noch ein langer Satz über dies und das."),
        an_entry(2, body="Die Genehmigung liegt bei, und es folgt noch ein langer Satz über dies und das."),
        an_entry(3, body="Der Ausbau der Straße beginnt."),
        an_entry(4, body="Der Straßenausbau beginnt morgen."),
        an_entry(5, body="Das haben wir im Quartier diskutiert und garantiert."),
    )
    assert numbers(index.search(a_query("genehmigung"), CLERK)) == [2, 1]
    assert numbers(index.search(a_query("Straßenausbau"), CLERK)) == [4, 3]
    assert found(index, "tier") == []


def test_verbs_are_found_in_every_form(index: SearchIndex) -> None:
    """Strong verbs and separated participles meet their infinitives."""
    committed(index, an_entry(1, body="Der Wagen wurde abgeschleppt."), an_entry(2, body="Wir fanden ihn."))
    assert (found(index, "abschleppen"), found(index, "gefunden")) == ([1], [2])


def test_exact_words_are_those_that_are_written(index: SearchIndex) -> None:
    """The switch leaves out inflections, parts and synonyms; spellings of a letter and of a number still meet."""
    committed(
        index,
        an_entry(1, body="Die Baugenehmigung"),
        an_entry(2, body="Zwei Genehmigungen für Müller"),
        an_entry(3, body="Die Genehmigung", spellings="tag20260301"),
    )
    exact = [
        numbers(index.search(a_query(word, match="exact"), CLERK)) for word in ("Genehmigung", "Mueller", "1.3.2026")
    ]
    assert exact == [[3], [2], [3]]


def test_synonyms_find_and_are_worth_less(index: SearchIndex) -> None:
    """One word or several in the same text do for a word, below the word itself."""
    committed(
        index,
        an_entry(1, body="Der offene Ganztag"),
        an_entry(2, body="Der Hort an der Schule"),
        an_entry(3, body="Der ganze Tag ist offen"),
    )
    term = Term(text="Hort", like=("offener Ganztag", "Krippe"))
    assert numbers(index.search(asking(term), CLERK)) == [2, 1]


def lenient(index: SearchIndex, match: Match, *words: str) -> Hits:
    """What is found where not all words are asked for."""
    return index.search(a_query(*words, match=match), CLERK)


def test_a_piece_of_a_longer_number_is_not_enough(index: SearchIndex) -> None:
    """A room is not an account that begins like it; who types a piece and nothing else finds what holds it."""
    committed(
        index,
        an_entry(1, body="Kassenzeichen 4711.0815.33-7"),
        an_entry(2, body="Konto DE02 1203 0000 0000 2020 51, Telefon 0351/4711, bis 12.10.2026"),
        an_entry(3, body="Raum (4711), Haus 10. Der Flur ist lang, und dann kommt noch eine Treppe."),
        an_entry(4, body="Die Zimmer im Erdgeschoss"),
    )
    assert {*numbers(lenient(index, "any", "Zimmer", "4711"))} == {3, 4}
    assert [*numbers(lenient(index, "most", "Wohnung", "1203"))] == []
    assert [*numbers(lenient(index, "any", "Wohnung", "10"))] == [3]
    assert {*found(index, "4711")} == {1, 2, 3}
    assert numbers(index.search(a_query("4711"), CLERK))[0] == 3
    assert found(index, "0815") == [1]
    assert {*numbers(lenient(index, "any", "Kassenzeichen", "4711"))} == {1, 3}


def test_most_words_are_enough_and_a_hit_tells_what_it_lacks(index: SearchIndex) -> None:
    """Those with all words come first, whatever the others score, and say that they lack nothing."""
    committed(
        index,
        an_entry(1, title="Zaun Zaun Zaun", body="Zaun"),
        an_entry(2, body="Ein Zaun aus Holz, und ein langer Satz, damit das Wort weniger zählt als anderswo."),
        an_entry(3, body="Nichts davon"),
    )
    hits = lenient(index, "most", "Zaun", "Holz")
    assert [(int(hit.document[1:]), hit.without) for hit in hits.items] == [(2, ()), (1, ("Holz",))]
    assert hits.total == 2
    assert lenient(index, "all", "Zaun", "Holz").items[0].without == ()


def test_each_hit_of_a_page_tells_its_own_lacking_words(index: SearchIndex) -> None:
    """Whatever was written before and after it, and whether it took the place of another version."""
    words = ("Zaun", "Holz", "Farbe")
    texts = {number: " ".join(word for bit, word in enumerate(words) if number >> bit & 1) for number in range(1, 8)}
    committed(index, *(an_entry(number, body="Zaun Holz Farbe") for number in range(1, 4)))
    committed(index, *(an_entry(number, version=2, body=text) for number, text in texts.items() if number < 6))
    committed(index, *(an_entry(number, version=2, body=texts[number]) for number in (6, 7)))
    told = {int(hit.document[1:]): hit.without for hit in lenient(index, "any", *words).items}
    assert told == {number: tuple(word for word in words if word not in text) for number, text in texts.items()}


def test_a_common_word_is_not_enough_for_most_but_for_any(index: SearchIndex) -> None:
    """What has only words that many have is found in the last step alone; the common word still makes a hit better."""
    committed(index, an_entry(1, body="Zaun"), an_entry(2, body="Holz"), an_entry(3, body="Holz und Zaun"))
    terms = (Term(text="Zaun", common=True), Term(text="Holz"), Term(text="Farbe"))
    found_by = {match: numbers(index.search(asking(*terms, match=match), CLERK)) for match in ("most", "any")}
    assert found_by["most"] == [3, 2]
    assert sorted(found_by["any"]) == [1, 2, 3]
    lacking = index.search(asking(*terms, match="most"), CLERK).items[1].without
    assert lacking == ("Zaun", "Farbe")


def test_a_word_that_nothing_has_is_found_by_the_end_of_its_compound(index: SearchIndex) -> None:
    """A lamp is a lamp; where the compound itself stands somewhere, its end alone is not looked for."""
    committed(index, an_entry(1, body="Die Tonne ist voll."))
    assert numbers(index.search(asking(Term(text="Mülltonne", near=True)), CLERK)) == [1]
    assert found(index, "Mülltonne") == []


def test_what_was_typed_on_purpose_holds_in_every_step(index: SearchIndex) -> None:
    """Phrases, fields, beginnings, alternatives and exclusions are not among the words that may be lacking."""
    committed(
        index,
        an_entry(1, title="Antrag", body="Der hohe Zaun"),
        an_entry(2, title="Antrag", body="Der Zaun ist hoch"),
        an_entry(3, title="Klage", body="Der hohe Zaun aus Holz"),
    )
    phrase, title = Term(text="hohe Zaun", phrase=True), Term(text="Antrag", field="title")
    kept = Query(groups=((phrase,), (title,), (Term(text="Holz"),)), match="any")
    assert numbers(index.search(kept, CLERK)) == []
    without = Query(groups=((Term(text="Zaun"),), (Term(text="Holz", negated=True),)), match="any")
    assert sorted(numbers(index.search(without, CLERK))) == [1, 2]


def test_words_of_no_meaning_are_only_asked_for_alone(index: SearchIndex) -> None:
    """`der Zaun` finds a text without `der`; `der` by itself finds what has it."""
    committed(index, an_entry(1, body="Zaun"), an_entry(2, body="der Wald"))
    assert (found(index, "der", "Zaun"), found(index, "der")) == ([1], [2])


@pytest.mark.parametrize(
    ("typed", "finds"), [("Legionelen", [1]), ("Legoinellen", [1]), ("Regionellen", [1]), ("Zaum", [])]
)
def test_a_word_spelled_nearly_so_is_found_where_that_is_asked_for(
    index: SearchIndex, typed: str, finds: list[int]
) -> None:
    """One letter of five, two of eight; the word found is marked in the text."""
    committed(index, an_entry(1, body="Es wurden Legionellen gefunden."), an_entry(2, body="Am Zaun"))
    hits = index.search(asking(Term(text=typed, near=True)), CLERK)
    assert numbers(hits) == finds
    marked = [snippet.text[start:end] for hit in hits.items for snippet in hit.snippets for start, end in snippet.marks]
    assert marked == ["Legionellen"] * len(finds)


@pytest.mark.parametrize("match", ["exact", "all", "most", "any"])
def test_no_step_knows_a_foreign_document(index: SearchIndex, match: Match) -> None:
    """Neither hits nor counts of any step, of parts, synonyms or near spellings, hold what others alone may see."""
    committed(index, an_entry(1, title="Baugenehmigung", body="Legionellen im Zaun, im Hort"))
    terms = [
        Term(text="Genehmigung"),
        Term(text="Legionelen", near=True),
        Term(text="Kita", like=("Hort",)),
        Term(text="Zaun"),
    ]
    for term in terms:
        hits = index.search(asking(term, match=match), STRANGER)
        assert (hits.items, hits.total) == ((), 0)


def test_the_pages_of_a_lenient_list_hold_each_hit_once(index: SearchIndex) -> None:
    """Cursors of a step go through its whole list, and fit no other step's."""
    committed(index, *(an_entry(number, body="Zaun " * (1 + number % 3) + "Wald") for number in range(1, 26)))
    seen: list[int] = []
    query = a_query("Zaun", "Holz", match="most", limit=10)
    while True:
        hits = index.search(query, CLERK)
        seen += numbers(hits)
        if not hits.next:
            break
        query = a_query("Zaun", "Holz", match="most", limit=10, cursor=hits.next)
    assert sorted(seen) == list(range(1, 26))
