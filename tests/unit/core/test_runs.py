"""What is made of a text run by run is what is made of the whole, and a hostile text fills no memory."""

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.core.language import forms
from services.core.language.runs import KEPT, LONGEST_KEPT, Runs
from services.core.plan.file_plan import folded, folded_words


@given(st.text("aÄößé\u0308\u0345 \u00a0\u00a8_-.,\n\u2028ﬁ\u03a3\u03c39"))
@example("İ ﬁ \u00a8 a\u0308")
def test_folding_run_by_run_is_folding_the_whole(text: str) -> None:
    """No letter composes, folds or ends a word across a blank."""
    assert folded(text) == f" {' '.join(folded_words(text))} "
    assert folded_words(text) == folded_words(unicodedata.normalize("NFC", text))


@given(
    st.lists(st.sampled_from(("Straße", "Herr", "Müller,", "str.", "Fa.", "Bergfeld", "a\u0308ue", "9", "-", "\u00ad")))
)
@settings(deadline=None)  # the first one loads the list of words
@example(["Frau", "Bergfeld", "am", "Bergfeld-Weg"])
def test_tokens_run_by_run_are_those_of_the_whole(words: list[str]) -> None:
    """Names and all, a text has the tokens of its words one by one."""
    text = " ".join(words)
    names = forms.names_in(text)
    told = [forms._tokens_of_name(word) if word in names else forms._tokens(word) for word in forms.words_of(text)]
    assert next(forms.tokens_of([text])).split() == " ".join(told).split()


def test_what_is_long_is_made_anew_each_time() -> None:
    """Runs that no word is as long as are not kept, those beside them are."""
    made: list[str] = []

    def make(run: str) -> str:
        made.append(run)
        return run.upper()

    runs = Runs(make)
    text = ["kurz", "x" * (LONGEST_KEPT + 1)]
    assert list(runs.of(text)) == list(runs.of(text)) == [run.upper() for run in text]
    assert made == [*text, text[1]]
    assert list(runs.of([])) == []
    assert KEPT * LONGEST_KEPT < 2_000_000
