"""A query and its viewer as a tree of conditions on the index; rights are a condition like any other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.adapters.search_index.questions.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Marked,
    Sought,
    Words,
    Worth,
)
from services.adapters.search_index.questions.occurrences import owned_channels, owned_years, viewer_marks
from services.adapters.search_index.questions.wording import Asked, Wording
from services.core.errors import Rejected
from services.core.language import german
from services.core.language.senders import sender_key
from services.core.language.sketch import bands_of
from services.core.ports.entries import COMPLETE, Entry, Filters, Match, Query, Represented, Viewer
from services.core.vocabulary import HIGHEST_PROTECTION

_TERMS_AT_MOST = 128
_CHARACTERS_AT_MOST = 512
_VALUES_AT_MOST = 1_000
LENIENT: tuple[Match, ...] = ("most", "any")
_TIME_SHIFT = 22
_LATEST = 2**42 - 1


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the index: the conditions, whether they score, and what snippets shall show."""

    condition: AllOf
    scores: bool
    sought: tuple[tuple[Sought, ...], ...]
    """For each group what is to be marked of it."""
    viewer: Viewer
    needs: tuple[tuple[str, Condition], ...] = ()
    """What a hit may lack, as it was typed, and how to tell; empty where nothing may be lacking."""
    meaning: bool = False
    """Whether the points of hits are wanted, to order them by."""
    sketches: bool = False
    """Whether what the texts are like is wanted."""


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
    lists = [("o", entry.offices), ("p", entry.problems), ("f", entry.files), ("v", entry.cases)]
    lists += [("i", entry.invoices), ("a", entry.amounts), ("l", entry.suppliers), ("k", entry.near)]
    lists += [("b", bands_of(entry.sketch))]
    lists += [("g", (entry.kind,) if entry.kind else ()), ("y", tuple(owned_years(entry))), ("w", senders_of(entry))]
    lists += [("e", (entry.clerk,) if entry.clerk else ()), ("u", entry.due)]
    marks = [f"t:{entry.tenant}", f"h:{entry.protection}", f"s:{entry.state}", f"r:{entry.reason}"]
    marks += [f"c:{channel}" for channel in owned_channels(entry)]
    marks += [f"d:{entry.document}", f"x:{entry.complete}", f"m:{entry.meant_by}"]
    marks += [f"{letter}:{value}" for letter, values in lists for value in values]
    return marks + [f"n:{above}" for position in entry.positions for above in lines_of(position)]


def senders_of(entry: Entry) -> tuple[str, ...]:
    """Who wrote it, as far as anything tells."""
    return (key,) if (key := sender_key(entry.sender)) else ()


def lines_of(position: str) -> Iterator[str]:
    """The position and those above it: 52.10.02, 52.10, 52."""
    while position:
        yield position
        position = position.rpartition(".")[0]


class Translator:
    """Turns queries into questions, with the analysers of the index."""

    def __init__(self, stems: Callable[[str], Words], words: Callable[[str], Words]) -> None:
        self._wording = Wording(stems, words)

    def question(self, query: Query, viewer: Viewer) -> Question:
        """Rejected("bad_query") for what is too much or cannot be answered."""
        _check(query)
        rights: list[Condition] = [Marked((f"t:{viewer.tenant}",)), *_rights(viewer)]
        rights += _filters(query.filters, viewer)
        groups = [
            asked
            for group in query.groups
            if (asked := self._wording.group(group, viewer, exact=query.match == "exact")) is not None
        ]
        without: tuple[Condition, ...] = tuple(asked.need for asked in groups if asked.excluded)
        if query.filters.not_documents:
            without += (Marked(tuple(f"d:{document}" for document in query.filters.not_documents)),)
        if query.filters.not_meant_by:
            without += (Marked((f"m:{query.filters.not_meant_by}",)),)
        wanted = [asked for asked in groups if not asked.excluded]
        if query.groups and not groups:  # nothing but signs: no word was asked for, so none is found
            rights.append(AnyOf(()))
        told = _told(wanted, query.match)
        return Question(
            AllOf((*rights, *told.conditions), without, told.also),
            bool(wanted),
            tuple(asked.sought for asked in wanted) if query.snippets else (),
            viewer,
            _lackable(wanted) if query.match in LENIENT else (),
            meaning=query.sort == "relevance" or bool(query.filters.near),
            sketches=bool(query.filters.bands),
        )


def _rights(viewer: Viewer) -> list[Condition]:
    """What the viewer may see, by themselves or in the place of somebody whose offices and level belong together."""
    own = _view(viewer)
    if not viewer.represents:
        return own
    views = (own, *(_view(one) for one in viewer.represents))
    return [Worth(AnyOf(tuple(AllOf(tuple(view)) for view in views)), 0.0)]


def _view(one: Viewer | Represented) -> list[Condition]:
    view: list[Condition] = []
    if one.protection < HIGHEST_PROTECTION:  # an entry that tells no level is found by the highest alone
        view.append(Marked(tuple(f"h:{level}" for level in range(1, one.protection + 1))))
    places = one.places if isinstance(one, Viewer) else ()
    if not one.all_offices:
        theirs = Marked(tuple(f"o:{office}" for office in sorted(one.offices)))
        there = Marked(tuple(f"n:{place}" for place in sorted(places)))
        view.append(Worth(AnyOf((theirs, there)), 0.0) if places else theirs)
    return view


def _telling(wanted: Sequence[Asked]) -> Sequence[Asked]:
    """Without words that say nothing, where there are others."""
    return [asked for asked in wanted if not asked.idle] or wanted


def _lackable(wanted: Sequence[Asked]) -> tuple[tuple[str, Condition], ...]:
    """What a hit may be found without; one that stands alone is in every hit."""
    soft = [asked for asked in _telling(wanted) if asked.may_lack]
    return tuple((asked.label, asked.need) for asked in soft) if len(soft) > 1 else ()


def _told(wanted: Sequence[Asked], match: Match) -> AllOf:
    """What has to hold of the groups, and what is worth something besides."""
    telling = _telling(wanted)
    also = [condition for asked in wanted for condition in asked.also]
    if match == "exact":
        return AllOf(tuple(asked.need for asked in wanted), also=tuple(also))
    if match == "all":
        return AllOf(tuple(asked.need for asked in telling), also=tuple(also))
    soft = [asked for asked in telling if asked.may_lack]
    firm = tuple(asked.need for asked in telling if not asked.may_lack)
    if not soft:
        return AllOf(firm, also=tuple(also))
    enough = [asked for asked in soft if not asked.common or match == "any"] or soft
    some = AnyOf(tuple(asked.enough or asked.need for asked in enough))
    complete = Worth(AllOf(tuple(asked.need for asked in soft)), COMPLETE)
    return AllOf((*firm, some), also=(*also, complete, *(asked.need for asked in soft if asked not in enough)))


def _check(query: Query) -> None:
    terms = [term for group in query.groups for term in group]
    filters = query.filters
    lists = [filters.states, filters.channels, filters.offices, filters.reasons, filters.problems]
    lists += [filters.files, filters.cases, filters.positions, filters.documents]
    lists += [filters.invoices, filters.amounts, filters.suppliers, filters.near]
    lists += [filters.kinds, filters.years, filters.senders, filters.not_documents, filters.bands]
    lists += [filters.clerks, filters.due]
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
        "v": filters.cases,
        "n": filters.positions,
        "d": filters.documents,
        "i": filters.invoices,
        "a": filters.amounts,
        "l": filters.suppliers,
        "k": filters.near,
        "b": filters.bands,
        "g": filters.kinds,
        "e": filters.clerks,
        "u": filters.due,
        "y": tuple(f"{mark}:{year}" for year in filters.years for mark in viewer_marks(viewer)),
        "w": tuple(sender_key(sender) for sender in filters.senders),
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
