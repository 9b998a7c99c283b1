"""Numbers, days and divided words meet in the index, however the writer and the one who asks have them."""

import pytest

from services.core import spellings
from services.core.plan.file_numbers import Template
from services.core.ports.entries import Entry, Term
from services.core.ports.search_index import SearchIndex
from services.search import query
from tests.ports.search_index.entries import CLERK, an_entry, asking, committed, numbers

PAIRS = [
    ("AT61 1904 3002 3457 3201", "AT611904300234573201"),
    ("AT611904300234573201", "IBAN: at61 1904 3002 3457 3201"),
    ("DE893704 0044 053201 3000", "DE89370400440532013000"),
    ("DE89370400440532013000", '"DE89 3704 0044 0532 0130 00"'),
    ("Tel.: 0351/47-110 82", "Tel: 03514711082"),
    ("Tel.: 03514711082", "+49 351 4711082"),
    ("+49 (0)351 471 10 82", "0351 4711082"),
    ("Kassenzeichen 7.3301.004417.2", "Kassenzeichen: 733010044172"),
    ("Kassenzeichen 733010044172", "7.3301.004417.2"),
    ("Betrag: 3.870,50 €", "Betrag: 3870,50"),
    ("Betrag 3870.50", "3.870,50"),
    ("es sind 3.870 Euro", "3870"),
    ("es sind 3870 Euro", "3.870,00"),
    ("bis zum 9.7.2025", "09.07.2025"),
    ("bis zum 09. Juli 2025", "9.7.25"),
    ("bis zum 9.7.25", "9. Juli 2025"),
    ("seit 2025-07-09", "Juli ODER 9.7.2025"),
    ("die Hunde-\nsteuer", "Hundesteuer"),
    ("die Zweit-\nwohnungs-\nsteuer", "Zweitwohnungssteuer"),
    ("der Sonder-Nutzungs-Antrag", "Sondernutzungsantrag"),
    ("der Sondernutzungsantrag", "Sonder-Nutzungs-Antrag"),
    ("AW: Hecke", "AW: Hecke"),
    ("unser Zeichen KT-44-7301", "KT447301"),
    ("Rechnung RE-000123", "RE-123"),
    ("Nummer 0004711", "4711"),
    ("am 18.02.", "18.2."),
    ("am 9. Februar 2026", "9. Februar"),
]


def _written(number: int, body: str) -> Entry:
    return an_entry(number, body=f"{body} IBAN Tel Kassenzeichen Betrag", spellings=" ".join(spellings.of_text(body)))


@pytest.mark.parametrize(("written", "asked"), PAIRS)
def test_every_spelling_finds_every_other(index: SearchIndex, written: str, asked: str) -> None:
    """As a person types the line into the field; other numbers and words are not found."""
    other = (
        "AT61 1904 3002 3457 3209 DE89 3704 0044 0532 0130 01 03514711083 733010044173 3871,50 9.8.2025 Hunde Sonder"
    )
    committed(index, _written(1, written), _written(2, other))
    question = query.parse(asked, template=Template())
    assert numbers(index.search(question, CLERK)) == [1]


def test_a_word_of_one_field_is_not_found_by_the_forms_of_another(index: SearchIndex) -> None:
    """Forms of all texts lie together; a question for the title asks none of them."""
    committed(index, _written(1, "AT61 1904 3002 3457 3201"), an_entry(2, title="AT611904300234573201"))
    assert numbers(index.search(asking(Term(text="AT61 1904 3002 3457 3201", field="title")), CLERK)) == [2]
