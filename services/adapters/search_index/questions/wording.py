"""Words as they were typed, as conditions: what has to stand in a document, and what makes it more likely meant."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.adapters.search_index.questions.conditions import (
    FORMS,
    Alike,
    AllOf,
    AnyOf,
    Best,
    Condition,
    Marked,
    Near,
    Sought,
    Words,
    Worth,
    Written,
    token,
)
from services.adapters.search_index.questions.occurrences import addressed_marks, owned, viewer_marks
from services.core import spellings
from services.core.errors import Rejected
from services.core.language import german
from services.core.language.forms import ALONE, TRUNK, WRITTEN, Forms, forms_of, is_short_number, words_of
from services.core.ports.entries import Term, Viewer

BOOSTS = {
    "title": 0.3,
    "file": 0.9,
    "names": 0.6,
    "sender": 0.6,
    "recipients": 0.3,
    "body": 0.3,
    "attachments": 0.25,
    "spellings": 0.8,
    "occurrences": 0.6,
}
"""The fields that a word without a field searches, and what a find in them is worth."""
READ = ("body", "attachments")
"""The fields that snippets are cut from."""

_WITH_FORMS = {field: BOOSTS[field] for field in ("title", "names", "body", "attachments", "spellings")}
"""The fields in which another form of a typed word may stand."""
OWNED = "occurrences"
"""The field whose words carry the mark of the office that they belong to."""
_WORDS_AT_MOST = 64
_BEGINNING_AT_LEAST = 2
AS_WRITTEN, STEM, PART, TRUNKS, SYNONYM = 0.4, 0.9, 0.5, 0.7, 0.5
"""What the looser forms of a word are worth beside the word itself; found by measuring, see `make evaluate-search`."""
_NEAR = ((8, 2), (5, 1))
"""Letters from which so many may be wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a group of terms asks for."""

    need: Condition
    also: tuple[Condition, ...] = ()
    sought: tuple[Sought, ...] = ()
    label: str = ""
    common: bool = False
    may_lack: bool = False
    """A plain word; phrases, fields, beginnings and alternatives were typed on purpose and always have to hold."""
    enough: Condition | None = None
    """What of it is enough where the others are lacking; None: all that is needed."""
    idle: bool = False
    """A word that says nothing of what a text is about."""
    excluded: bool = False


class Wording:
    """Turns terms into conditions, with the analysers of the index."""

    def __init__(self, stems: Callable[[str], Words], words: Callable[[str], Words]) -> None:
        self._stems = stems
        self._words = words

    def group(self, group: Sequence[Term], viewer: Viewer, *, exact: bool) -> Asked | None:
        """Any term of a group; a group of one negated term only excludes; None where no word is left."""
        found = [(term, asked) for term in group if (asked := self._asked(term, viewer, exact=exact)) is not None]
        if not found:
            return None
        if len(found) == 1:
            term, asked = found[0]
            return Asked(asked.need, excluded=True) if term.negated else asked
        needs = (AllOf((), (asked.need,)) if term.negated else asked.need for term, asked in found)
        kept = [asked for term, asked in found if not term.negated]
        return Asked(
            AnyOf(tuple(needs)),
            tuple(condition for asked in kept for condition in asked.also),
            sought=tuple(one for asked in kept for one in asked.sought),
        )

    def _asked(self, term: Term, viewer: Viewer, *, exact: bool) -> Asked | None:
        text = german.clean(term.text)
        if term.field == "position":
            return Asked(Marked((f"n:{text.strip().strip('.')}",)))
        standing = self._standing(term, text, viewer)
        plain = term.field == "any" and not (term.phrase or term.prefix)
        words = [forms_of(word) for word in words_of(text)] if plain else []
        if standing is None:
            return None
        if not words or term.negated:
            return Asked(standing, sought=_shown(standing))
        if exact:
            written = tuple(token(WRITTEN + word.written) for word in words)
            forms = self._of_forms(term, text)
            need = AnyOf((AllOf(written), *((Best(forms),) if forms else ())))
            return Asked(need, sought=_shown(standing), label=text)
        return self._forgiving(term, standing, words)

    def _forgiving(self, term: Term, standing: Best, words: Sequence[Forms]) -> Asked:
        leaves = [leaf for word in words for leaf in (word.parts or word.stems[:1])]
        needs: list[Condition] = [standing]
        if len(words) == 1:
            needs += [Worth(token(stem)) for stem in words[0].stems]
        if len(leaves) > 1:
            needs.append(Worth(AllOf(tuple(token(leaf) for leaf in leaves))))
        synonyms = [self._synonym(text) for text in term.like]
        needs += [condition for condition, _ in synonyms]
        near = tuple(_near(word.written) for word in words if term.near and len(word.written) >= _NEAR[-1][0])
        needs += [Worth(one, 1.0) for one in near]
        needs += [Worth(token(end)) for end in _ends(words) if term.near]
        stems = frozenset(stem for word in words for stem in word.stems)
        meant = frozenset(stem for _, found in synonyms for stem in found)
        alone = _by_itself(words)
        return Asked(
            AnyOf(tuple(needs)),
            (*_also(words), *((alone,) if alone else ())),
            (*_shown(standing), Alike(stems | frozenset(leaves) | meant, near)),
            term.text,
            common=term.common,
            may_lack=True,
            enough=alone,
            idle=term.idle or all(word.is_function_word for word in words),
        )

    def _synonym(self, text: str) -> tuple[Condition, frozenset[str]]:
        """Another word for the same thing, or words: in the same text, or with a `der` between them in a row."""
        words = [forms_of(word) for word in words_of(text)]
        if len(words) == 1:
            stems = words[0].stems
            return AnyOf(tuple(token(stem, SYNONYM * STEM) for stem in stems)), frozenset(stems)
        if not any(word.is_function_word for word in words):
            return Worth(AllOf(tuple(token(word.stems[0]) for word in words)), SYNONYM), frozenset()
        fields = {field: BOOSTS[field] * SYNONYM for field in _WITH_FORMS if field != "spellings"}
        term = Term(text=text, phrase=True)
        choices = tuple((one, worth) for field, worth in fields.items() for one in self._written(field, term, text))
        return (Best(choices) if choices else AnyOf(())), frozenset()

    def _standing(self, term: Term, text: str, viewer: Viewer) -> Best | None:
        """The word in running text, as both engines stem it."""
        fields = BOOSTS if term.field == "any" else {term.field: 1.0}
        choices = tuple(
            (written, boost)
            for field, boost in fields.items()
            if field != OWNED
            for written in self._written(field, term, text)
        )
        if term.field in ("any", "title", "names"):
            choices += tuple(
                (written, BOOSTS[OWNED])
                for mark in viewer_marks(viewer)
                for written in self._written(OWNED, term, owned(mark, text))
            )
        if term.field == "recipients":
            choices += tuple(
                (written, 1.0)
                for mark in addressed_marks(viewer)
                for written in self._written(OWNED, term, owned(mark, text))
            )
        choices += self._of_forms(term, text)
        return Best(choices) if choices else None

    def _of_forms(self, term: Term, text: str) -> tuple[tuple[Written, float], ...]:
        """Numbers, days and divided words in the one form that stands for all."""
        return tuple(
            (written, boost)
            for field, boost in _fields_with_forms(term).items()
            for form in ([] if term.prefix else spellings.of_word(text))
            for written in self._written(field, term, form)
        )

    def _written(self, field: str, term: Term, text: str) -> Iterator[Written]:
        analyse = self._words if field == "file" else self._stems
        if not term.prefix or term.phrase:
            words = analyse(german.fold(text))
        else:
            words = analyse(german.fold(text, streets=False))[:-1] + self._words(german.fold(text, streets=False))[-1:]
        if len(words) > _WORDS_AT_MOST:
            raise Rejected("bad_query")
        if words:
            yield self._begun(field, words) if term.prefix and not term.phrase else Written(field, words)

    def _begun(self, field: str, words: Words) -> Written:
        beginning = words[-1][1]
        if len(words) > 1 or field == "file":
            return Written(field, words, open_end=True)
        if len(beginning) < _BEGINNING_AT_LEAST:
            raise Rejected("bad_query")
        stems = frozenset(german.stems_of_beginning(beginning, self._stem))
        return Written(field, words, open_end=True, stems=stems)

    def _stem(self, word: str) -> str:
        return "".join(stem for _, stem in self._stems(word))


def _by_itself(words: Sequence[Forms]) -> Condition | None:
    """A room and an account may have four digits in common: of a short number a whole one is worth more and enough."""
    if len(words) == 1 and is_short_number(words[0].written):
        return token(ALONE + words[0].written)
    return None


def _fields_with_forms(term: Term) -> dict[str, float]:
    """The forms of all texts lie in one field, which only a word without a field may ask."""
    if term.field == "any":
        return _WITH_FORMS
    return {term.field: 1.0} if term.field in _WITH_FORMS else {}


def _shown(standing: Best) -> tuple[Written, ...]:
    return tuple(written for written, _ in standing.choices if written.field in READ)


def _also(words: Sequence[Forms]) -> Iterator[Condition]:
    """What makes a document more likely the one that is meant."""
    for word in words:
        yield token(WRITTEN + word.written, AS_WRITTEN)
        if word.is_function_word:
            continue
        yield Best(tuple((Written(FORMS, ((0, stem),)), STEM) for stem in word.stems))
        yield from (token(part, PART) for part in word.parts)
        yield from (token(TRUNK + trunk, TRUNKS) for trunk in word.trunks if word.written.isalpha())


def _ends(words: Sequence[Forms]) -> Iterator[str]:
    """The ends of a compound, or of words that a hyphen joins: from them a hit is known to be of the kind."""
    last = words[-1]
    if last.parts:
        yield last.parts[-1]
    elif len(words) > 1:
        yield last.stems[0]


def _near(word: str) -> Near:
    return Near(word, next(distance for letters, distance in _NEAR if len(word) >= letters))
