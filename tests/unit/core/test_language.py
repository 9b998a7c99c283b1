"""German words are taken apart where their parts are words, and found by their stems."""

import pytest

from services.core.language.compounds import parts
from services.core.language.forms import forms_of, tokens_of, words_of
from services.core.language.stems import stem, stems


def folded(word: str) -> str:
    """One word in the spelling of the index."""
    (only,) = words_of(word)
    return only


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Baugenehmigung", "bau genehmigung"),
        ("Straßenausbau", "strassen ausbau"),
        ("Hundesteuer", "hund steuer"),
        ("Gesundheitsamt", "gesundheit amt"),
        ("Sterbeurkunde", "sterbe urkunde"),
        ("Wasserrohrbruch", "wasser rohr bruch"),
        ("Zwischenzeugnis", "zwischen zeugnis"),
        ("Leserausweis", "leser ausweis"),
    ],
)
def test_a_compound_has_the_parts_that_a_reader_sees(word: str, expected: str) -> None:
    """The cut whose parts are words wins, and linking sounds are no part of them."""
    assert [stem(part) for part in parts(folded(word))] == [stem(part) for part in expected.split()]


@pytest.mark.parametrize(
    "word", ["diskutiert", "Quartier", "garantiert", "Kamerad", "Erzeugnis", "Sekunden", "Gemeinde", "Verwaltung"]
)
def test_what_only_sounds_like_a_compound_stays_whole(word: str) -> None:
    """Letters that happen to spell a word are no part where the rest is none."""
    assert parts(folded(word)) == ()


@pytest.mark.parametrize(
    ("form", "infinitive"),
    [
        ("gesungen", "singen"),
        ("sang", "singen"),
        ("lagen", "liegen"),
        ("aufgestanden", "aufstehen"),
        ("abgeschleppt", "abschleppen"),
        ("gekündigt", "kündigen"),
        ("beschrieb", "beschreiben"),
    ],
)
def test_forms_of_a_verb_have_the_stem_of_its_infinitive(form: str, infinitive: str) -> None:
    """Strong verbs and participles are found by the infinitive, whatever their vowel."""
    assert stem(folded(infinitive)) in stems(folded(form))


@pytest.mark.parametrize(
    "one", ["Bürgerin", "Direktorin", "Studentin", "Anwältin", "Tierärztin", "Kollegin", "Psychologin"]
)
def test_several_women_are_found_by_one(one: str) -> None:
    """The n that is doubled in front of the ending belongs to no stem."""
    assert stem(folded(f"{one}nen")) == stem(folded(one))


@pytest.mark.parametrize(
    ("form", "infinitive"), [("gewinnt", "gewinnen"), ("begonnen", "beginnen"), ("gerinnt", "gerinnen")]
)
def test_verbs_that_end_so_keep_their_doubled_letter(form: str, infinitive: str) -> None:
    """Nobody is called a Gewinn-in."""
    assert stem(folded(infinitive)) in stems(folded(form))


@pytest.mark.parametrize(("noun", "verb"), [("Gericht", "richten"), ("Gesicht", "sichten"), ("Geschäft", "schaffen")])
def test_a_noun_with_ge_is_no_participle(noun: str, verb: str) -> None:
    """Only what is a verb without its ge loses it."""
    assert stem(folded(verb)) not in stems(folded(noun))


def test_the_tokens_of_a_text_hold_each_form_once_for_each_word() -> None:
    """Words of no meaning have one token; compounds those of their parts and of parts beside each other."""
    (tokens,) = tokens_of(["der Wasserrohrbruch"])
    assert tokens.split()[:2] == ["=der", "=wasserrohrbruch"]
    assert {"rohr", "bruch", "rohrbruch", "wasserrohr", "wasserrohrbruch", "~wasser"} <= set(tokens.split())


def test_words_that_nobody_wrote_cost_nothing() -> None:
    """Endless words, words of signs and digits have no parts, and none is slow."""
    for word in ("bau" * 2_000, "x" * 50_000, "1" * 500, "baugenehmigung" * 3):
        assert forms_of(word).parts == ()
    assert list(tokens_of(["x" * 70])) == [""]
