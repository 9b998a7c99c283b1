"""Meaning beside words: a second look at what words found, and a step of its own where they found nothing.

Both look only at hits of the viewer's own queries, so that nothing of a foreign document decides or is shown.
"""

from msgspec.structs import replace

from services.core.ports.entries import Hit, Hits, Query, Viewer
from services.core.ports.search_index import SearchIndex
from services.runtime.meaning import encoder
from services.runtime.meaning.encoder import Points
from services.runtime.meaning.passages import MODEL, PROBED, landmarks_of, nearness

WORDS = 3
"""Words from which a line says something that has a meaning beside its words."""
WEIGHT = 1.4
"""What nearness in meaning is worth beside the best score of the words; found by measuring, see decision 0063."""
NEAR_ENOUGH = 0.35
"""Nearness from which a document that has no word of a question is an answer."""
_CANDIDATES = 200
"""Newest documents near the question's landmarks that are compared with it."""
_SHOWN = 10


def point_of(query: Query) -> Points | None:
    """The point of the plain words that are asked for; None where the encoder is not to be had now."""
    said = " ".join(term.text for group in query.groups for term in group if not term.negated)
    try:
        return encoder.point_of_question(said) if said else None
    except encoder.Unusable:
        return None


def reordered(hits: Hits, question: Points, *, extra: float) -> Hits:
    """The first page by words and meaning together. What has all words stays in front of what has not.

    `extra` is what hits with all words have on top of their score. Hits whose points are not made yet count as near as
    the others are in the middle; where none has any, the order stays.
    """
    near = nearness(question, [hit.meant if hit.meant_by == MODEL else b"" for hit in hits.items])
    known = [one for one in near if one is not None]
    if len(hits.items) < 2 or not known:  # noqa: PLR2004 - one hit has an order
        return hits
    middle = sum(known) / len(known)
    scores = [hit.score - (0.0 if hit.without else extra) for hit in hits.items]
    best = max(*scores, 1e-6)
    worth = [score / best + WEIGHT * (middle if one is None else one) for score, one in zip(scores, near, strict=True)]
    order = sorted(range(len(worth)), key=lambda place: (bool(hits.items[place].without), -worth[place]))
    return replace(hits, items=tuple(hits.items[place] for place in order))


def found(index: SearchIndex, query: Query, viewer: Viewer, question: Points) -> Hits:
    """The documents nearest in meaning, of those that the filters and exclusions of the query leave."""
    filters = replace(query.filters, near=landmarks_of(question, PROBED))
    excluded = tuple(group for group in query.groups if all(term.negated for term in group))
    candidates = replace(query, groups=excluded, filters=filters, match="all", sort="newest", limit=_CANDIDATES)
    hits: tuple[Hit, ...] = index.search(candidates, viewer).items
    near = nearness(question, [hit.meant if hit.meant_by == MODEL else b"" for hit in hits])
    close = sorted(
        ((one, hit) for one, hit in zip(near, hits, strict=True) if one is not None and one >= NEAR_ENOUGH),
        key=lambda pair: -pair[0],
    )
    items = tuple(hit for _, hit in close[:_SHOWN])
    return Hits(items=items, total=len(items))
