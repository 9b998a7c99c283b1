"""Words that decided are marked in the letter, and nothing of the letter becomes markup."""

from services.runtime.desk.formatting import MARKS
from services.runtime.desk.formatting import words_marked as marked


def test_words_are_marked_where_one_begins_so() -> None:
    """A stem marks its inflections, not the middle of another word."""
    text = marked("Schlaglöcher am Schlagbaum, Anschlag", ["Schlag"])
    assert text == "<mark>Schlag</mark>löcher am <mark>Schlag</mark>baum, Anschlag"


def test_nothing_of_the_letter_becomes_markup() -> None:
    """Text and marked words are escaped."""
    assert marked("<b>&", ["<b"]) == "<mark>&lt;b</mark>&gt;&amp;"
    assert marked("<script>", []) == "&lt;script&gt;"


def test_marks_are_bounded() -> None:
    """A word on every line marks some of them."""
    assert marked("wort " * 1_000, ["wort"]).count("<mark>") == MARKS
