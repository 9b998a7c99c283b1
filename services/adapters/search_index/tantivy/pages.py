"""Pages of hits: in order, without doubles or gaps, and only of what the viewer may see now."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import uuid4

from cachetools import TTLCache

from services.adapters.search_index.questions.conditions import AllOf, Between, Marked
from services.adapters.search_index.questions.cursor import DEEPEST, Cursor, cursor_of
from services.adapters.search_index.questions.facets import facets_told
from services.adapters.search_index.questions.hits import PAGE_AT_MOST, Card, hit_of
from services.adapters.search_index.questions.question import Question, Translator
from services.adapters.search_index.questions.snippets import Marking
from services.adapters.search_index.tantivy.card import read_card
from services.adapters.search_index.tantivy.engine import Found, Order, Snapshot
from services.core.ports.entries import Facets, Hits, Query, Viewer

_Shown = Sequence[tuple[Card, Found]]
_HELD_AT_MOST = 16
_HELD_FOR = timedelta(minutes=5)


class HeldSnapshots:
    """Snapshots that somebody pages through by relevance; they keep files on disk, so few, and for a short time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: TTLCache[str, Snapshot] = TTLCache(_HELD_AT_MOST, _HELD_FOR.total_seconds())

    def hold(self, snapshot: Snapshot) -> str:
        """The name under which it can be had again for a while."""
        with self._lock:
            name = next((name for name, held in self._held.items() if held is snapshot), "") or uuid4().hex[:12]
            self._held[name] = snapshot
        return name

    def get(self, name: str) -> Snapshot | None:
        """The snapshot, or None where its time has passed."""
        with self._lock:
            return self._held.get(name)

    def let_go(self) -> None:
        """Forget those whose time has passed."""
        with self._lock:
            self._held.expire()


class Pages:
    """Answers queries from a snapshot."""

    def __init__(self, translator: Translator, stem: Callable[[str], str]) -> None:
        self.held = HeldSnapshots()
        self._translator = translator
        self._stem = stem

    def page(self, snapshot: Snapshot, query: Query, viewer: Viewer) -> Hits:
        """One page; what can be ordered neither by score nor otherwise comes newest first."""
        question = self._translator.question(query, viewer)
        cursor = cursor_of(query)
        if query.sort == "relevance" and question.scores:
            return self._by_relevance(snapshot, query, question, cursor=cursor)
        return self._by_time(snapshot, query, question, cursor=cursor)

    def facets(self, snapshot: Snapshot, query: Query, viewer: Viewer) -> Facets:
        """Counted over the same condition as the hits."""
        condition = self._translator.question(query, viewer).condition
        values, senders = snapshot.tally(condition)
        return facets_told(
            values, senders, viewer, count=lambda more: [snapshot.count(AllOf((condition, each))) for each in more]
        )

    def _by_time(self, snapshot: Snapshot, query: Query, question: Question, *, cursor: Cursor) -> Hits:
        """Continues behind an order key, whatever was written meanwhile."""
        condition, limit = question.condition, min(query.limit, PAGE_AT_MOST)
        if cursor.shown:
            rest = (
                Between(cursor.key, 2**64 - 1) if query.sort == "oldest" else Between(0, min(cursor.key, 2**64 - 2) + 1)
            )
            condition = AllOf((condition, rest))
        order: Order = "oldest" if query.sort == "oldest" else "newest"
        found, total = snapshot.find(condition, limit=limit + len(cursor.shown) + 1, order=order)
        cards = [(one.key, read_card(one.card)) for one in found]
        cards = [(key, card) for key, card in cards if key != cursor.key or card.document not in cursor.shown]
        more, cards = len(cards) > limit, cards[:limit]
        following = ""
        if more:
            last = cards[-1][0]
            shown = tuple(card.document for key, card in cards if key == last)
            shown += cursor.shown if last == cursor.key else ()
            following = Cursor(cursor.question, key=last, shown=shown).word()
        total = snapshot.count(question.condition) if cursor.shown else total
        marking = Marking(question.sought, stem=self._stem)
        items = tuple(hit_of(card, question, marking=marking) for _, card in cards)
        return Hits(items=items, total=total, next=following)

    def _by_relevance(self, snapshot: Snapshot, query: Query, question: Question, *, cursor: Cursor) -> Hits:
        """Continues in the order of the first page; what is shown, and whether, is decided by the index of now."""
        limit = min(query.limit, PAGE_AT_MOST, DEEPEST - cursor.offset)
        ordered = self.held.get(cursor.snapshot) or snapshot
        if limit <= 0:
            return Hits(items=(), total=snapshot.count(question.condition))
        found, total = ordered.find(question.condition, limit=limit, order="relevance", offset=cursor.offset)
        shown: _Shown = [(read_card(one.card), one) for one in found]
        offset, following = cursor.offset + len(shown), ""
        if offset < min(total, DEEPEST) and shown:
            following = Cursor(cursor.question, snapshot=self.held.hold(ordered), offset=offset).word()
        if ordered is not snapshot:
            shown = _as_of_now(snapshot, question, [card.document for card, _ in shown])
            total = snapshot.count(question.condition)
        marking = Marking(question.sought, stem=self._stem)
        hits = (
            hit_of(card, question, marking=marking, without=without, score=0.0 if cursor.offset else one.score)
            for (card, one), without in zip(shown, _lacking(snapshot, question, shown), strict=True)
        )
        return Hits(items=tuple(hits), total=total, next=following)


def _lacking(snapshot: Snapshot, question: Question, shown: _Shown) -> list[tuple[str, ...]]:
    """The words that each hit is found without: the index is asked once for each word, whatever the page holds."""
    documents = [card.document for card, _ in shown]
    told = [(label, snapshot.having(need, documents)) for label, need in question.needs] if documents else []
    return [tuple(label for label, having in told if one.place not in having) for _, one in shown]


def _as_of_now(snapshot: Snapshot, question: Question, documents: Sequence[str]) -> _Shown:
    """Rights, tombstones and newer versions since the first page count at once."""
    those = Marked(tuple(f"d:{document}" for document in documents))
    found, _ = snapshot.find(AllOf((question.condition, those)), limit=max(len(documents), 1), order="newest")
    now = {card.document: (card, one) for card, one in ((read_card(one.card), one) for one in found)}
    return [now[document] for document in documents if document in now]
