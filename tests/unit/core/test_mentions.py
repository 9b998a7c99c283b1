"""File numbers: one template renders, parses and finds them, however letters write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.errors import Misconfigured
from services.core.plan.file_numbers import FileNumber, Template
from services.core.plan.mentions import mentions

TEMPLATE = Template()
POSITIONS = st.from_regex(r"[0-9]{2}(\.[0-9]{2}){0,2}", fullmatch=True)
NUMBERS = st.builds(FileNumber, POSITIONS, st.integers(1, 999_999), st.integers(1900, 2999))
DASH = st.sampled_from("-\u2010\u2011\u2012\u2013\u2014\u2212")
BLANK = st.sampled_from(["", " ", "\u00a0"])
AROUND = st.text(st.sampled_from(list(" \n\t.,:;()äÖß")), max_size=12)


@given(number=NUMBERS, template=st.sampled_from(["{position}/{number}-{year}", "{position}/{year}/{number}"]))
def test_what_is_rendered_is_parsed(number: FileNumber, template: str) -> None:
    """A number survives being written and read, in any template."""
    form = Template(template)
    assert form.parse(form.render(number.position, number.number, number.year)) == number


@settings(deadline=None)
@given(number=NUMBERS, dash=DASH, blanks=st.tuples(BLANK, BLANK, BLANK), before=AROUND, after=AROUND)
def test_number_is_found_in_a_letter(
    number: FileNumber, dash: str, blanks: tuple[str, str, str], before: str, after: str
) -> None:
    """With any dash, blanks around the separators, and punctuation before and behind, it is found as it was meant."""
    a, b, c = blanks
    written = f"{number.position}{a}/{b}{number.number}{dash}{c}{number.year}"
    found = list(mentions(TEMPLATE, f"x{before} {written} {after}y"))
    assert [mention.as_read for mention in found] == [number]


@settings(deadline=None)
@given(number=NUMBERS, chance=st.randoms(use_true_random=False))
def test_misread_digits_are_set_right(number: FileNumber, chance: object) -> None:
    """With any 0 read as O and any 1 as l, I or a bar, the number is among the readings, but never the literal one."""
    swap = {"0": ["0", "O", "o"], "1": ["1", "l", "I", "|"]}
    written = TEMPLATE.render(number.position, number.number, number.year)
    misread = written[0] + "".join(chance.choice(swap.get(c, [c])) for c in written[1:])  # type: ignore[attr-defined]  # a Random
    found = list(mentions(TEMPLATE, misread))
    assert number in found[0].readings
    assert misread == written or found[0].as_read != number


@settings(deadline=None)
@given(text=st.text(st.sampled_from(list("0123456789./-OlI|, \n:aäÜhrZeichenunserIhr>")), max_size=300))
def test_any_text_can_be_looked_through(text: str) -> None:
    """Whatever a letter holds, looking for numbers ends without a fault, and what is found has the template's form."""
    for mention in mentions(TEMPLATE, text):
        for reading in mention.readings:
            assert TEMPLATE.parse(TEMPLATE.render(reading.position, reading.number, reading.year))


NUMBER = "52.10.02/17-2026"


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        (f"Ihr Zeichen: {NUMBER}", ["ours"]),
        (f"lhr Zeichen {NUMBER}", ["ours"]),
        (f"Ihr Az.: {NUMBER}", ["ours"]),
        (f"Ihr Geschaeftszeichen {NUMBER}", ["ours"]),
        (f"Unser Zeichen: {NUMBER}", ["theirs"]),
        (f"Mein Aktenzeichen {NUMBER}", ["theirs"]),
        (f"Aktenzeichen: {NUMBER}", ["open"]),
        (f"wie besprochen zu {NUMBER}", ["open"]),
        (f"Unser Zeichen: AB/1   Ihr Zeichen: {NUMBER}", ["ours"]),
        (f"> Unser Zeichen: {NUMBER}", ["open"]),
        (f"Unser Zeichen\n\n{NUMBER}", ["theirs"]),
        (f"Unser Zeichen ist uns nicht bekannt.\n{NUMBER}", ["open"]),
        (
            f"Ihr Zeichen         Unser Zeichen      Datum\n{NUMBER}    31.10.01/3-2026    05.03.2026",
            ["ours", "theirs"],
        ),
        (f"Ihr Zeichen Unser Zeichen Datum\n{NUMBER} 31.10.01/3-2026 05.03.2026", ["ours", "theirs"]),
        (f"Ihr Zeichen, Ihre Nachricht vom\n{NUMBER}, 1. März", ["open"]),
    ],
)
def test_label_says_whose_number_it_is(text: str, whose: list[str]) -> None:
    """In a letter that comes in, `Ihr Zeichen` is ours and `Unser Zeichen` the sender's, beside or above the value."""
    assert [mention.whose for mention in mentions(TEMPLATE, text)] == whose


@pytest.mark.parametrize(
    "text",
    ["12.03.26", "am 12.03.2026/17", "2 K 3249/12", "34 O 13/04", f"9{NUMBER}1", f"1-{NUMBER}/4", "1106/001", "7654/8"],
)
def test_traps_are_no_numbers(text: str) -> None:
    """Short dates, court numbers and pieces of longer numbers are not ours."""
    found = [reading for mention in mentions(TEMPLATE, text) for reading in mention.readings]
    assert FileNumber("52.10.02", 17, 2026) not in found


def test_number_may_break_behind_a_separator_and_carry_more() -> None:
    """A line break behind the dash, an entry or an author's sign behind the year leave the number what it is."""
    for text in ("52.10.02/17-\n   2026", f"{NUMBER}-004", f"{NUMBER}/Mü", f"Az.{NUMBER}", f"({NUMBER})."):
        (found,) = mentions(TEMPLATE, text)
        assert FileNumber("52.10.02", 17, 2026) in found.readings


@pytest.mark.parametrize(
    ("behind", "case"),
    [
        ("#3", 3),
        (" # 3", 3),
        ("#003.", 3),
        ("#3, bitte", 3),
        ("#0", None),
        ("#3a", None),
        ("#1234567", None),
        ("\n#3", None),
    ],
)
def test_vorgang_behind_a_number_is_read_with_it(behind: str, case: int | None) -> None:
    """What is no number of a Vorgang leaves that of the file what it is."""
    (found,) = mentions(TEMPLATE, f"Ihr Zeichen: {NUMBER}{behind}")
    assert found.as_read == FileNumber("52.10.02", 17, 2026, case)
    (named,) = mentions(TEMPLATE, f"52.10.02_17-2026{behind}.pdf", in_name=True)
    assert FileNumber("52.10.02", 17, 2026, case) in named.readings


def test_columns_decide_also_beyond_the_first_line() -> None:
    """Only the nearest line above is a line of labels; a value further down belongs to none."""
    text = f"Unser Zeichen\nAB\n{NUMBER}"
    assert [mention.whose for mention in mentions(TEMPLATE, text)] == ["open"]


@pytest.mark.parametrize(
    "text",
    ["{number}-{year}", "{position}-{number}-{year}", "{position}/{number}", "{position}/{number} {year}",
     "{position}/{number}{year}", "{position}//{number}-{year}", "{position}/../{number}-{year}", "{position}/{x}"],
)  # fmt: skip
def test_template_that_is_no_path_is_refused(text: str) -> None:
    """A template whose numbers could not be keys in the store, or not be parsed, is the operator's fault, named."""
    with pytest.raises(Misconfigured, match=r"filing\.file_number"):
        Template(text)
