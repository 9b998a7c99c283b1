"""The first page of a short line: words first, and of what is much alike what says them earlier."""

from msgspec.structs import replace

from services.core.ports.entries import COMPLETE, Hits
from services.search.forgiving.early import reordered
from tests.unit.search.test_meaning import hit


def _order(*hits: tuple[float, float, tuple[str, ...]], extra: float = 0.0) -> list[str]:
    found = (replace(hit(n, score=s, without=w), early=e) for n, (s, e, w) in enumerate(hits))
    return [one.document for one in reordered(Hits(items=tuple(found), total=len(hits)), extra=extra).items]


def test_of_like_hits_the_one_that_says_it_earlier_comes_first() -> None:
    """In passing at the end of a letter, or in its title."""
    assert _order((10.0, 0.1, ()), (9.5, 1.0, ())) == ["d1", "d0"]


def test_words_outweigh_places() -> None:
    """A letter that says it far more stays in front, wherever it begins to."""
    assert _order((10.0, 0.0, ()), (5.0, 1.0, ())) == ["d0", "d1"]


def test_a_hit_with_all_words_stays_in_front() -> None:
    """What lacks a word comes behind, and the worth of completeness is no part of the comparison."""
    assert _order((COMPLETE + 2.0, 0.0, ()), (9.0, 1.0, ("Zaun",)), extra=COMPLETE) == ["d0", "d1"]


def test_no_hits_and_hits_without_a_score_have_an_order() -> None:
    """Nothing is divided by nothing."""
    assert _order() == []
    assert _order((0.0, 0.2, ()), (0.0, 0.9, ())) == ["d1", "d0"]
