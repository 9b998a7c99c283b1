"""What a question seeks is marked in every text of a page as if it were the only one."""

import pytest

from services.adapters.search_index.questions import snippets
from services.adapters.search_index.questions.conditions import Alike, Near, Sought, Written
from services.adapters.search_index.questions.snippets import Marking
from services.core.language.stems import stem

_ZAUN, _HOLZ = stem("zaun"), stem("holz")
_FENCE: tuple[Sought, ...] = (Written("body", ((0, _ZAUN),)), Alike(frozenset({_ZAUN})))
_WOOD: tuple[Sought, ...] = (Written("body", ((0, _HOLZ),)), Alike(frozenset({_HOLZ}), (Near("holz", 1),)))
_BOTH: tuple[Sought, ...] = (Written("body", ((0, _HOLZ), (1, _ZAUN))),)
_TEXTS = (
    "Ein Zaun aus Holz, kein Bauzaun. " + "Guten Tag. " * 40 + "Der Holz Zaun steht.",
    "Guten Tag. " * 60 + "Die Zäune und das Hölz.",
    "Nichts davon steht hier.",
    "",
    "İzmir: Straße, Zaun, Mueller.",
)


def _marked(marking: Marking, text: str) -> list[str]:
    found = marking.snippet("body", text)
    return [found.text[start:end] for start, end in found.marks] if found else []


@pytest.mark.parametrize("kept", [snippets._KNOWN_AT_MOST, 2])
def test_one_marking_marks_many_texts_as_one_for_each_does(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """Also where hardly a word can be kept, and in whatever order the texts come."""
    monkeypatch.setattr(snippets, "_KNOWN_AT_MOST", kept)
    sought = (_FENCE, _WOOD, _BOTH)
    alone = [_marked(Marking(sought, stem=stem), text) for text in _TEXTS]
    together = Marking(sought, stem=stem)
    assert [_marked(together, text) for text in _TEXTS] == alone
    assert [_marked(together, text) for text in reversed(_TEXTS)] == alone[::-1]
    assert alone == [["Holz", "Zaun"], ["Zäune", "Hölz"], [], [], ["Zaun"]]


def test_the_piece_with_the_most_different_words_is_cut() -> None:
    """Not the first one, and not the one that says one word most often."""
    text = "Zaun Zaun Zaun. " + "Guten Tag. " * 30 + "Holz und Zaun."
    assert _marked(Marking((_FENCE, _WOOD), stem=stem), text) == ["Holz", "Zaun"]


def test_a_title_has_a_word_alike_only() -> None:
    """What is written in another field is not sought in this one."""
    marking = Marking((_FENCE, _BOTH), stem=stem)
    assert marking.stands_in("title", "Gartenzaun")
    assert not marking.stands_in("title", "Holz")
    assert not Marking((), stem=stem).stands_in("title", "Zaun")
