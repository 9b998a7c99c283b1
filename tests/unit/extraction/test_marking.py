"""Which words of a page are marked, where the marks lie when it is turned, and that there are never too many."""

import re

import pytest

from services.core.ports.ocr_engine import PageWord
from services.extraction.marks.marking import MARKS, drawn, marked


def a_page(*texts: str) -> list[PageWord]:
    """Words below each other."""
    return [PageWord(text, 1_000, 1_000 * at, 2_000, 500) for at, text in enumerate(texts, 1)]


def texts(page: list[PageWord], *wanted: str) -> list[str]:
    """The words that are marked."""
    return [word.text for word in marked(page, wanted)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["antrag"], ["Antrag", "Antrags,", "Bauantrag"]),
        (["Bau"], ["Bauantrag"]),
        (["52.10.02/17-2026"], ["52.10.02/17-2026", "52.10.02", "/17-2026"]),
        (["am Montag"], ["am", "Montag."]),
        (["Montag am"], []),
        (["STRASSE"], ["Straße"]),
        (["Gru\u0308\u00dfe"], ["Grüße"]),
        (["."], []),
        ([], []),
    ],
)
def test_words_and_phrases_are_found(wanted: list[str], expected: list[str]) -> None:
    """By beginning, in a compound, over several boxes, however ß and umlauts are written."""
    page = a_page(
        *("Antrag", "Antrags,", "Bauantrag", "52.10.02/17-2026", "52.10.02", "/17-2026", "am", "Montag."),
        *("Straße", "Grüße"),
    )
    assert texts(page, *wanted) == expected


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (0, (1_000, 1_000, 2_000, 500)),
        (90, (8_500, 1_000, 500, 2_000)),
        (180, (7_000, 8_500, 2_000, 500)),
        (270, (1_000, 7_000, 500, 2_000)),
    ],
)
def test_marks_turn_with_the_page(turn: int, expected: tuple[int, ...]) -> None:
    """Clockwise, as the picture below them is turned."""
    svg = drawn(a_page("Wort"), ["Wort"], turn)
    found = re.search(r'<rect x="(-?\d+)" y="(-?\d+)" width="(\d+)" height="(\d+)"/>', svg)
    assert found
    x, y, width, height = map(int, found.groups())
    assert (x + width // 2, y + height // 2) == (expected[0] + expected[2] // 2, expected[1] + expected[3] // 2)
    assert (width > height) == (expected[2] > expected[3])


def test_marks_are_bounded_and_say_nothing_of_the_letter() -> None:
    """A word that stands everywhere marks some of its places; no text of the page or the question is in the picture."""
    svg = drawn(a_page(*["</svg><script>"] * 1_000), ["script"], 0)
    assert svg.count("<rect") == MARKS
    assert "script" not in svg
