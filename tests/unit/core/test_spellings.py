"""Numbers and words in all their spellings, from the text and from the question."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("auf DE893704 00440532 013000 zahlen", "de89370400440532013000"),
        ("auf de89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("auf AT61 1904 3002 3457 3201", "at611904300234573201"),
        ("AT61 1904 3002 3457 3201 BIC GIBAATWW", "at611904300234573201"),
        ("Tel.0341/123-4567", "03411234567"),
        ("Tel. +49 (0) 341 123 45 67", "03411234567"),
        ("Tel. (0341) 12 34 567", "03411234567"),
        ("<PayableAmount>1190.00</PayableAmount>", "1190euro00"),
        ("gut 2.450 EUR", "2450"),
        ("gut 2.450,00 EUR", "2450"),
        ("19,\u2013 Euro", "19euro00"),
        ("am 1. Mrz. 2026", "tag20260301"),
        ("am 01/03/2026", "tag20260301"),
        ("am 24. Dez 2026", "tag20261224"),
        ("die Abwas-\nserge-\nbühr", "Abwassergebühr"),
        ("> die Abwasser-\n> gebühr", "Abwassergebühr"),
        ("die Abwasser- \n  Gebühr", "Abwassergebühr"),
        ("die Abwasser\u00ad\ngebühr", "Abwassergebühr"),
        ("die Haus-Tür-Anlage", "Haustüranlage"),
        ("ein oﬃzieller Brief", "offizieller"),
        ("USt-IdNr. DE 123 456 789,", "de123456789"),
        ("USt-IdNr.: DE123456789", "de123456789"),
    ],
)
def test_a_text_is_found_under_its_one_form(text: str, form: str) -> None:
    """Whatever the writer grouped, divided or spelled out."""
    assert form in list(spellings.of_text(text))


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("DE89370400440532013000", "de89370400440532013000"),
        ("DE 123 456 789", "de123456789"),
        ("de123456789", "de123456789"),
        ("52.10.02/17-26", "521002172026"),
        ("52.10.02/17-2026", "5210021726"),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("0341/1234567", "03411234567"),
        ("+49 341 123 45 67", "03411234567"),
        ("2.450,00", "2450euro00"),
        ("1.3.26", "tag20260301"),
        ("1. März 2026", "tag20260301"),
        ("2026-03-01", "tag20260301"),
        ("de89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("2.450", "2450"),
        ("2450.00", "2450euro00"),
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
        ("de89 3704 0044 0532 0130 00", "de89 3704 0044 0532 0130 00"),
        ("2 450,00 Euro", "2 450,00"),
        ("1. März 2026 Zaun", "1. März 2026"),
        ("at61 1904 3002 3457 3201 Zaun", "at61 1904 3002 3457 3201"),
        ("am12 hier eine rote Wand", None),
        ("2026 4711", None),
        ("12 Stühle", None),
        ("03411234567", None),
    ],
)
def test_numbers_in_groups_are_one_word_of_a_question(line: str, run: str | None) -> None:
    """Two numbers beside each other stay two, unless together they are as long as no other number."""
    found = spellings.run_in_question(line, 0)
    assert (found[0] if found else None) == run


def test_a_letter_before_that_grows_as_capital_moves_nothing() -> None:
    """`ß` is two letters as capitals; what stands behind it is cut where it was typed."""
    line = "Straße DE89 3704 0044 0532 0130 00 Zaun"
    assert spellings.run_in_question(line, 7) == ("DE89 3704 0044 0532 0130 00", 34)


@pytest.mark.parametrize(
    "piece", ["1-", "12.34 ", "ab-", "a", "1", "123 ", "123.", "1(", "DE89 ", "ab-\n", "1. ", "ä\u0308-", "(", "00 "]
)
def test_no_text_is_slow_and_none_gives_many_forms(piece: str) -> None:
    """Input made to be slow and a table without end cost time in the measure of their length."""

    def seconds(characters: int) -> float:
        began = time.process_time()
        assert len(list(spellings.of_text(piece * (characters // len(piece)) + "x"))) <= spellings.MOST_FORMS
        return time.process_time() - began

    assert seconds(80_000) < max(0.05, 12 * min(seconds(20_000) for _ in range(3)))
    assert seconds(80_000) < 2.0  # a mebibyte of the worst stays below half a minute


_PIECES = (
    *("DE89 3704 0044 0532 0130 00", "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "1.234,56", "19,--", "1.3.26", "4"),
    *("30. September   2026", "9. Februar", "2026-03-01", "a/b/c/d/e/f/g/h1", "ab-12/xx.yy", "+49 341 123 45 67"),
    *(
        "abwas-\n> serge-\nbühr",
        "Haus-Tür-Anlage",
        "-\n      ",
        "\u00ad\n",
        "oﬃziell",
        "Wort",
        "x" * 61,
        "y" * 61,
        "7/",
    ),
)
_GAPS = st.sampled_from(("", "", " ", " ", "\n", "\u00a0", "\t", "-", ".", "/"))


@given(st.lists(st.tuples(st.sampled_from(_PIECES), _GAPS), max_size=40))
def test_looking_around_digits_and_hyphens_only_misses_nothing(told: list[tuple[str, str]]) -> None:
    """The forms are those that the patterns find in the whole text, in the same order."""
    text = "".join(piece + gap for piece, gap in told)
    whole = (*spellings._of_numbers(text), *spellings._of_words(text), *spellings._of_ligatures(text))
    assert list(spellings.of_text(text)) == list(whole)


def test_a_letter_without_numbers_is_not_searched_for_them() -> None:
    """Twelve patterns over a long letter took a hundred times what one look for digits and hyphens takes."""
    text = "Sehr geehrte Damen und Herren, hiermit beantrage ich die Genehmigung. " * 4_000

    def least(act: Callable[[], object]) -> float:
        took = []
        for _ in range(3):
            begun = time.thread_time()
            act()
            took.append(time.thread_time() - begun)
        return min(took)

    assert least(lambda: list(spellings.of_text(text))) < least(lambda: list(spellings._of_numbers(text))) / 5
