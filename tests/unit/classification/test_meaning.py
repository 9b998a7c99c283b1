"""Letters are compared by what they mean, and the points that are shipped belong to the letters that are shipped."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from services.classification.knowledge import starter
from services.classification.meaning import examples
from services.classification.meaning.examples import KEPT, SHIPPED, Table, points_of
from services.classification.meaning.nearness import Nearness
from services.runtime.meaning import encoder
from services.runtime.meaning.encoder import SEGMENT_CHARACTERS, SEGMENTS, Points, encoded, segments

COMPARED = 12
TEXTS = {
    "dogs": ["Hundesteuer\nIch melde meinen Hund zur Steuer an."],
    "building": ["Bauantrag\nWir wollen ein Haus errichten und bitten um die Genehmigung."],
    "school": ["Schulanmeldung\nMein Kind kommt im Sommer in die erste Klasse."],
    "waste": ["Abfuhr\nDie Mülltonne wurde nicht geleert."],
}


def test_shipped_points_are_those_of_the_shipped_letters() -> None:
    """Each letter has its point, no other text has one, and a sample made anew is the same."""
    table = Table.read(starter.folder() / SHIPPED).points
    mine = examples.named(starter.texts())
    assert set(table) == set(mine), "run python -m deploy.meanings"
    sample = dict(random.Random(7).sample(sorted(mine.items()), COMPARED))
    for name, point in examples.made_of(sample).items():
        assert np.abs(point.astype(int) - table[name]).max() <= 1, "run python -m deploy.meanings"


def test_other_words_for_the_same_matter_are_near(tmp_path: Path) -> None:
    """Letters that share no telling word with the example of their position lie nearest to it."""
    near = Nearness(points_of(TEXTS, shipped=starter.folder(), cache=tmp_path))
    for code, said in {
        "dogs": "Wir haben seit gestern einen Welpen, was kostet uns das bei der Stadt?",
        "school": "Unsere Tochter wird sechs, wo schreiben wir sie für den Unterricht ein?",
        "waste": "Der Restabfall steht seit zwei Wochen vor der Tür und niemand holt ihn ab.",
    }.items():
        scores = near.says(encoded(segments("", said)))
        assert near.codes[int(scores.argmax())] == code


def test_points_of_a_plan_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not shipped is made at the first call, and read from the cache at the next; a broken one is made anew."""
    first = points_of(TEXTS, shipped=tmp_path, cache=tmp_path)
    calls: list[Sequence[str]] = []

    def counted(texts: Sequence[str]) -> Points:
        calls.append(texts)
        return encoded(texts)

    monkeypatch.setattr(examples, "encoded", counted)
    again = points_of(TEXTS, shipped=tmp_path, cache=tmp_path)
    assert not calls
    assert all(np.array_equal(first[code], again[code]) for code in TEXTS)
    (tmp_path / KEPT).write_bytes(b"\x93NUMPY broken")
    points_of(TEXTS, shipped=tmp_path, cache=tmp_path)
    assert calls


def test_a_text_without_end_is_read_in_bounds() -> None:
    """A word of a megabyte and a letter of a million words give two short segments; nothing gives one, too."""
    for text in ("x" * 1_000_000, "wort " * 1_000_000):
        cut = segments("Betreff", text)
        assert len(cut) <= SEGMENTS
        assert all(len(one) <= SEGMENT_CHARACTERS for one in cut)
    assert encoded(segments("", "")).shape == (1, encoder.SIZE)


def test_what_stands_behind_the_close_names_the_writer() -> None:
    """Who signs a letter says nothing of its matter; a close that stands before most of the text is none."""
    said = "Der Radweg am Bach ist zu schmal, und die Brücke trägt keine zwei Räder nebeneinander."
    signed = f"{said}\n\nMit freundlichen Grüßen\nStadtverwaltung Nachbarstadt"
    assert segments("Radweg", signed) == segments("Radweg", said)
    assert segments("", f"MfG\n{said}")[0].endswith("nebeneinander.")


def test_broken_weights_are_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is told in our words, whatever the library raises."""
    encoder._loaded.cache_clear()

    def broken(**_: object) -> None:
        raise OSError

    monkeypatch.setattr(encoder, "USE", broken)
    try:
        with pytest.raises(encoder.Unusable):
            encoded(["a"])
    finally:
        encoder._loaded.cache_clear()
