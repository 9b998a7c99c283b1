"""What a scanned letter is called, and whose it is: by its page, not by the program or the scanner."""

import pytest

from services.extraction.reading.letter import sender_of, subject_of, title_of

LETTER = """Jutta Wendelin · Amselgrund 9 · 04711 Musterstadt

Stadt Musterstadt
Ordnungsamt
Rathausplatz 1
04711 Musterstadt

Musterstadt, 12.11.2026

Beschwerde über nächtlichen Lärm im Amselgrund

Sehr geehrte Damen und Herren,

seit Wochen dröhnt nachts Musik.
"""


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (LETTER, "Beschwerde über nächtlichen Lärm im Amselgrund"),
        ("Amt\n\nBetreff: Zaun an der Grenze\n\nGuten Tag", "Zaun an der Grenze"),
        ("Amt\n\nBetr.:\nZaun an der Grenze\n\nText", "Zaun an der Grenze"),
        ("Hallo, der Mülleimer ist voll.", ""),
        ("Rathausplatz 1\n04711 Musterstadt\n\nMusterstadt, 12.11.2026\n\nGuten Tag,", ""),
        ("", ""),
    ],
)
def test_the_subject_line_is_found_where_letters_have_it(text: str, subject: str) -> None:
    """Behind its label, or by itself before the salutation; an address or a date is none."""
    assert subject_of(text) == subject


@pytest.mark.parametrize(
    "given",
    [
        "untitled",
        "Microsoft Word - Brief_neu.doc",
        "Dokument2",
        "scan_20261128_0042",
        "Rechnung.xlsx",
        "",
        "IMG_2041",
        "-",
    ],
)
def test_a_title_that_a_program_gave_is_none(given: str) -> None:
    """The first words are worth more; without any there is no title."""
    assert title_of("Der Mülleimer am Markt ist voll.", given=given) == "Der Mülleimer am Markt ist voll."
    assert title_of("", given=given) == ""


@pytest.mark.parametrize("given", ["wehrgraben", "Wehrgraben.pdf"])
def test_the_name_of_the_file_as_its_title_is_none(given: str) -> None:
    """Scanners write it there; what stands on the page says more."""
    assert title_of("Die Ziegelei ist laut.", given=given, name="Wehrgraben.pdf") == "Die Ziegelei ist laut."
    chosen = "Satzung über Straßen"
    assert title_of("Die Ziegelei ist laut.", given=chosen, name=f"{chosen}.pdf") == chosen


def test_a_title_that_a_person_gave_stands_behind_the_subject_line() -> None:
    """What the letter itself says comes first."""
    assert title_of("Text", given="Satzung über die Straßenreinigung") == "Satzung über die Straßenreinigung"
    assert title_of(LETTER, given="Satzung").startswith("Beschwerde")


def test_a_long_text_gives_its_first_words() -> None:
    """So many that one can tell letters apart."""
    assert title_of("wort " * 5_000, given="") == "wort " * 11 + "wort …"


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        (LETTER, "Jutta Wendelin"),
        (
            "Dachdeckerei Sparren GmbH\nHolzweg 3\n04712 Nebenort\n\nStadt Musterstadt\n04711 Musterstadt",
            "Dachdeckerei Sparren GmbH",
        ),
        ("Guten Tag,\nder Mülleimer ist voll.", ""),
        ("", ""),
    ],
)
def test_the_sender_is_read_off_the_letterhead(text: str, sender: str) -> None:
    """From the small line above the window or the block on top; else nobody is named."""
    assert sender_of(text) == sender
