"""A query and its viewer as a tree of conditions on the index; rights are a condition like any other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.adapters.search_index.questions import german
from services.adapters.search_index.questions.occurrences import owned, owned_channels, viewer_marks
from services.core import spellings
from services.core.errors import Rejected
from services.core.ports.entries import Entry, Filters, Query, Term, Viewer

Words = tuple[tuple[int, str], ...]
"""Analysed words with their positions."""

BOOSTS = {
    "title": 3.0,
    "file": 3.0,
    "names": 2.0,
    "sender": 2.0,
    "recipients": 1.0,
    "body": 1.0,
    "attachments": 0.8,
    "spellings": 0.8,
    "occurrences": 2.0,
}
"""The fields that a word without a field searches, and what a find in them is worth."""
READ = ("body", "attachments")
"""The fields that snippets are cut from."""

_WITH_FORMS = {field: BOOSTS[field] for field in ("title", "names", "body", "attachments", "spellings")}
"""The fields in which another form of a typed word may stand."""
OWNED = "occurrences"
"""The field whose words carry the mark of the office that they belong to."""
_TERMS_AT_MOST = 128
_CHARACTERS_AT_MOST = 512
_WORDS_AT_MOST = 64
_VALUES_AT_MOST = 1_000
_BEGINNING_AT_LEAST = 2
_TIME_SHIFT = 22
_LATEST = 2**42 - 1


@dataclass(frozen=True, slots=True)
class Written:
    """These words, one after the other, in a field; the last one only begun where `open_end` is set."""

    field: str
    words: Words
    open_end: bool = False
    stems: frozenset[str] = frozenset()
    """Stems that are shorter than the begun word and belong to it all the same."""


@dataclass(frozen=True, slots=True)
class Marked:
    """At least one of these marks; never scores."""

    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Order keys of arrival from `first` up to, without, `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Best:
    """Any of these, worth what its best field is worth."""

    choices: tuple[tuple[Written, float], ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these; nothing, where there are none."""

    choices: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these and none of the others."""

    conditions: tuple["Condition", ...]
    without: tuple["Condition", ...] = ()


Condition = Written | Marked | Between | Best | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the index: the conditions, whether they score, and what snippets shall show."""

    condition: AllOf
    scores: bool
    sought: tuple[Written, ...]
    viewer: Viewer


def order_key(received_at: datetime | None, spread: int) -> int:
    """Arrival in milliseconds, made nearly unique by the low bits of `spread`; unknown arrival is the oldest."""
    milliseconds = 0 if received_at is None else min(max(int(received_at.timestamp() * 1000), 1), _LATEST)
    return milliseconds << _TIME_SHIFT | spread & (1 << _TIME_SHIFT) - 1


def milliseconds_of(key: int) -> int:
    """Arrival in milliseconds, of an order key."""
    return key >> _TIME_SHIFT


def marks_of(entry: Entry) -> list[str]:
    """What filters and rights ask for. A tombstone has none, so nothing ever finds it."""
    if entry.erased:
        return []
    lists = (("o", entry.offices), ("p", entry.problems), ("f", entry.files))
    marks = [f"t:{entry.tenant}", f"s:{entry.state}", f"r:{entry.reason}"]
    marks += [f"c:{channel}" for channel in owned_channels(entry)]
    marks += [f"d:{entry.document}", f"x:{entry.complete}"]
    marks += [f"{letter}:{value}" for letter, values in lists for value in values]
    return marks + [f"n:{above}" for position in entry.positions for above in _line(position)]


def _line(position: str) -> Iterator[str]:
    """The position and those above it: 52.10.02, 52.10, 52."""
    while position:
        yield position
        position = position.rpartition(".")[0]


class Translator:
    """Turns queries into questions, with the analysers of the index."""

    def __init__(self, stems: Callable[[str], Words], words: Callable[[str], Words]) -> None:
        self._stems = stems
        self._words = words

    def question(self, query: Query, viewer: Viewer) -> Question:
        """Rejected("bad_query") for what is too much or cannot be answered."""
        _check(query)
        conditions: list[Condition] = [Marked((f"t:{viewer.tenant}",))]
        if not viewer.all_offices:
            conditions.append(Marked(tuple(f"o:{office}" for office in sorted(viewer.offices))))
        conditions += _filters(query.filters, viewer)
        sought: list[Written] = []
        without: list[Condition] = []
        asked = [self._group(group, viewer, sought) for group in query.groups]
        for group in asked:
            conditions += [group] if isinstance(group, AnyOf) else []
            without += group.without if isinstance(group, AllOf) else ()
        if asked and not any(asked):  # nothing but signs: no word was asked for, so none is found
            conditions.append(AnyOf(()))
        scores = any(isinstance(group, AnyOf) for group in asked)
        return Question(AllOf(tuple(conditions), tuple(without)), scores, tuple(sought), viewer)

    def _group(self, group: Sequence[Term], viewer: Viewer, sought: list[Written]) -> AnyOf | AllOf | None:
        """Any term of a group; a group of one negated term only excludes; None where no word is left."""
        found = [(term, condition) for term in group if (condition := self._term(term, viewer)) is not None]
        if len(found) == 1 and found[0][0].negated:
            return AllOf((), (found[0][1],))
        for term, condition in found:
            if not term.negated and isinstance(condition, Best):
                sought += [written for written, _ in condition.choices if written.field in READ]
        choices = tuple(AllOf((), (condition,)) if term.negated else condition for term, condition in found)
        return AnyOf(choices) if choices else None

    def _term(self, term: Term, viewer: Viewer) -> Best | Marked | None:
        text = german.clean(term.text)
        if term.field == "position":
            return Marked((f"n:{text.strip().strip('.')}",))
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
        if not term.prefix:
            forms = spellings.of_word(text)
            choices += tuple(
                (written, boost)
                for field, boost in _fields_with_forms(term).items()
                for form in forms
                for written in self._written(field, term, form)
            )
        return Best(choices) if choices else None

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


def _fields_with_forms(term: Term) -> dict[str, float]:
    """The forms of all texts lie in one field, which only a word without a field may ask."""
    if term.field == "any":
        return _WITH_FORMS
    return {term.field: 1.0} if term.field in _WITH_FORMS else {}


def _check(query: Query) -> None:
    terms = [term for group in query.groups for term in group]
    filters = query.filters
    lists = [filters.states, filters.channels, filters.offices, filters.reasons, filters.problems]
    lists += [filters.files, filters.positions, filters.documents]
    if (
        query.limit < 1
        or len(terms) > _TERMS_AT_MOST
        or any(len(term.text) > _CHARACTERS_AT_MOST for term in terms)
        or any(len(values) > _VALUES_AT_MOST for values in lists)
    ):
        raise Rejected("bad_query")


def _filters(filters: Filters, viewer: Viewer) -> Iterator[Condition]:
    lists = {
        "s": filters.states,
        "c": tuple(f"{mark}:{channel}" for channel in filters.channels for mark in viewer_marks(viewer)),
        "o": filters.offices,
        "r": filters.reasons,
        "p": filters.problems,
        "f": filters.files,
        "n": filters.positions,
        "d": filters.documents,
    }
    for letter, values in lists.items():
        if values:
            yield Marked(tuple(f"{letter}:{german.clean(value)}" for value in values))
    if filters.complete is not None:
        yield Marked((f"x:{filters.complete}",))
    if filters.received_from or filters.received_before:
        first = order_key(filters.received_from, 0) if filters.received_from else 1 << _TIME_SHIFT
        end = order_key(filters.received_before, 0) if filters.received_before else 2**64 - 1
        yield Between(first, end)
