"""A list of hits that lack words ends where they answer far worse than the best one."""

from pathlib import Path

from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.language.forms import names_in, tokens_of
from tests.search_quality import corpora, engines

_SENTENCE = "wer hat das rote Fahrrad am Brunnen vor dem Rathaus gefunden"


def _letters(*bodies: str) -> corpora.Collection:
    entries = {body: corpora.an_entry(number, "", "", body) for number, body in enumerate(bodies)}
    return corpora.Collection(name="few", entries=entries)


def test_one_shared_word_is_no_answer_beside_a_letter_with_nearly_all(tmp_path: Path) -> None:
    """A sentence finds the letter that it describes, and not all that have some word of it."""
    answer = "Ich habe ein rotes Fahrrad gefunden, es lag am Brunnen."
    index = TantivySearchIndex(tmp_path / "index", heap_bytes=20_000_000)
    others = [f"Das {place} hat samstags zu, schreibt Nummer {n}." for n in range(9) for place in ("Rathaus", "Bad")]
    ask = engines.product(index, _letters(answer, *others))
    assert list(ask(_SENTENCE)) == [answer]
    index.close()


def test_letters_that_answer_alike_are_all_shown(tmp_path: Path) -> None:
    """Where no letter has more than some of the words, each of them is an answer."""
    alike = ("Der Brunnen ist leer.", "Das Rathaus ist leer.", "Gefunden ist nichts.")
    index = TantivySearchIndex(tmp_path / "index", heap_bytes=20_000_000)
    assert len(engines.product(index, _letters(*alike))(_SENTENCE)) == len(alike)
    index.close()


def test_a_name_is_no_compound() -> None:
    """Behind a salutation a word is a name and stays whole; what letters say, and a firm's trade, is taken apart."""
    assert names_in("Sehr geehrte Frau Dr. Bergfeld, lieber Herr Bürgermeister") == {"bergfeld"}
    assert names_in("die Firma Stadtreinigung Nord und Firma Radmacher") == {"radmacher"}
    assert "berg" not in next(iter(tokens_of(["Frau Bergfeld"]))).split()
    assert "berg" in next(iter(tokens_of(["das Bergfeld"]))).split()
