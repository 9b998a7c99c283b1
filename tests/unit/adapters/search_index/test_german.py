"""German spellings are folded into one, and only those."""

import pytest

from services.adapters.search_index.tantivy import schema
from services.core.language import german


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Müller Mueller MUELLER MÜLLER", "muller muller muller muller"),
        ("Größe Groesse GRÖẞE", "grosse grosse grosse"),
        ("Goethe Ärger Aerger", "gothe arger arger"),
        ("neue Quelle Bauer Feuer Steuer", "neue quelle bauer feuer steuer"),
        ("Hauptstr. Str. Hauptstraße Astronom", "hauptstrasse. strasse. hauptstrasse astronom"),
        ("52.10.02/17-2026", "52.10.02/17-2026"),
    ],
)
def test_spellings_become_one(written: str, folded: str) -> None:
    """Umlauts written out, sharp s, capitals and the short form of street."""
    assert german.fold(german.clean(written)) == folded


def test_the_begun_street_stays_begun() -> None:
    """`str` may also be the beginning of something else."""
    assert german.fold("Str", streets=False) == "str"


def test_what_is_not_seen_is_not_kept() -> None:
    """Soft hyphens, half characters and separate dots over letters."""
    assert german.clean("Bau\u00adamt u\u0308ber \ud800\ufeff") == "Bauamt über ?"


@pytest.mark.parametrize(("begun", "stems"), [("genehmigu", {"genehm"}), ("wohnungen", {"wohnung"}), ("bau", set())])
def test_stems_of_a_beginning(begun: str, stems: set[str]) -> None:
    """A beginning that is longer than the stem of its words leads to that stem."""
    assert set(german.stems_of_beginning(begun, schema.stem)) == stems
