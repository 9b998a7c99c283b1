"""Numbers and words in all their spellings, from the text and from the question."""

import pytest

from services.core import spellings


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Konto DE89 3704 0044 0532 0130 00, bitte", "de89370400440532013000"),
        ("Konto DE89370400440532013000", "de89370400440532013000"),
        ("Tel. 0341/123-4567", "03411234567"),
        ("Tel. +49 341 1234567", "03411234567"),
        ("Kassenzeichen 8812.0044.17-3", "8812004417"),
        ("zusammen 2.450,00 EUR", "2450euro00"),
        ("zusammen 2450,00 EUR", "2450euro00"),
        ("zahle 19,-- Euro", "19euro00"),
        ("am 1.3.26 um", "tag20260301"),
        ("am 01.03.2026", "tag20260301"),
        ("am 1. März 2026", "tag20260301"),
        ("am 2026-03-01", "tag20260301"),
        ("die Abwasser-\ngebühr", "Abwassergebühr"),
        ("der Lärm\u2010Schutz", "Lärmschutz"),
        ("ein oﬃzieller Brief", "offizieller"),
    ],
)
def test_a_text_is_found_under_its_one_form(text: str, form: str) -> None:
    """Whatever the writer grouped, divided or spelled out."""
    assert form in list(spellings.of_text(text))


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("DE89370400440532013000", "de89370400440532013000"),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("0341/1234567", "03411234567"),
        ("+49 341 123 45 67", "03411234567"),
        ("2.450,00", "2450euro00"),
        ("1.3.26", "tag20260301"),
        ("1. März 2026", "tag20260301"),
        ("Lärm-Schutz", "Lärmschutz"),
    ],
)
def test_a_question_asks_for_the_same_form(word: str, form: str) -> None:
    """Both ends go through one module, so they meet."""
    assert form in spellings.of_word(word)


@pytest.mark.parametrize("word", ["Zaun", "4711", "2026", "A-1"])
def test_what_has_one_form_gets_no_other(word: str) -> None:
    """Words, and short numbers are asked for as they are."""
    assert spellings.of_word(word) == ()


@pytest.mark.parametrize(
    ("line", "run"),
    [
        ("0341 1234567 Müller", "0341 1234567"),
        ("+49 341 1234567", "+49 341 1234567"),
        ("DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("8812 0044 17 offen", "8812 0044 17"),
        ("2026 4711", None),
        ("12 Stühle", None),
        ("03411234567", None),
    ],
)
def test_numbers_in_groups_are_one_word_of_a_question(line: str, run: str | None) -> None:
    """Two numbers beside each other stay two, unless together they are as long as no other number."""
    found = spellings.run_in_question(line, 0)
    assert (found[0] if found else None) == run


def test_a_wall_of_digits_costs_little_and_gives_few_forms() -> None:
    """Input made to be slow, and a table without end."""
    assert len(list(spellings.of_text("1-" * 200_000))) <= spellings.MOST_FORMS
    assert len(list(spellings.of_text("12.34 " * 100_000))) <= spellings.MOST_FORMS
    assert len(list(spellings.of_text("ab-" * 200_000))) <= spellings.MOST_FORMS
