"""Words and meaning order the first page together, and neither hides what has all words."""

import numpy as np
import pytest

from services.core.ports.entries import COMPLETE, Hit, Hits
from services.runtime.meaning.encoder import SIZE, Points, of_length_one
from services.runtime.meaning.passages import (
    MODEL,
    PASSAGE_CHARACTERS,
    PASSAGES,
    landmarks_of,
    nearness,
    packed,
    passages,
    unpacked,
)
from services.search.forgiving.meaning import reordered


def point(*places: int) -> Points:
    """A row that lies between these axes."""
    row = np.zeros((1, SIZE), np.float32)
    row[0, list(places)] = 1.0
    return of_length_one(row)


def hit(number: int, *places: int, score: float = 1.0, model: str = MODEL, without: tuple[str, ...] = ()) -> Hit:
    """A hit whose one passage lies between these axes; without points where there are none."""
    return Hit(
        document=f"d{number}",
        version=1,
        state="held",
        complete=True,
        title="",
        sender="",
        channel="mail",
        received_at=None,
        score=score,
        without=without,
        meant=packed(point(*places)) if places else b"",
        meant_by=model if places else "",
    )


def order(*hits: Hit, extra: float = 0.0) -> list[str]:
    """The documents in their new order."""
    found = reordered(Hits(items=hits, total=len(hits)), point(1), extra=extra)
    return [one.document for one in found.items]


def test_of_hits_with_like_words_the_nearer_in_meaning_comes_first() -> None:
    """Much better words keep a hit in front all the same."""
    assert order(hit(1, 2, score=5.0), hit(2, 1, score=4.8)) == ["d2", "d1"]
    assert order(hit(1, 1, 2, score=5.0), hit(2, 1, score=0.5)) == ["d1", "d2"]


def test_hits_with_all_words_stay_in_front() -> None:
    """What they have on top of their score is not counted as better words."""
    whole = hit(1, 2, score=COMPLETE + 1.0)
    assert order(whole, hit(2, 1, score=4.0, without=("Zaun",)), extra=COMPLETE) == ["d1", "d2"]
    assert order(whole, hit(2, 1, score=COMPLETE + 0.9), extra=COMPLETE) == ["d2", "d1"]


def test_hits_without_points_stand_where_their_words_put_them() -> None:
    """New post is no worse for being new; points of another model are none, and where nobody has any nothing moves."""
    assert order(hit(1, 2, score=5.0), hit(2, score=5.0), hit(3, 1, score=5.0)) == ["d3", "d2", "d1"]
    assert order(hit(1, 2, score=5.0), hit(2, 1, score=4.9, model="older")) == ["d1", "d2"]
    assert order(hit(1), hit(2), hit(3)) == ["d1", "d2", "d3"]


def test_eight_bits_keep_the_direction() -> None:
    """Packed points lie where they lay, and the nearest passage of a document counts."""
    chance = np.random.default_rng(3)
    rows = of_length_one(chance.normal(size=(PASSAGES, SIZE)).astype(np.float32))
    assert (unpacked(packed(rows)) * rows).sum(axis=1) == pytest.approx(1.0, abs=2e-3)
    (near,) = nearness(rows[2:3], [packed(rows)])
    assert near == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("kept", [b"", b"x", b"\x00" * (SIZE + 1), b"\x01" * SIZE * (PASSAGES + 1)])
def test_what_is_no_points_is_near_to_nothing(kept: bytes) -> None:
    """Cut off, empty or of another size: the words alone count."""
    assert nearness(point(1), [kept]) == [None]


def test_a_point_of_nothing_is_no_fault() -> None:
    """All numbers zero: near to nothing, and no division by it."""
    assert nearness(point(1), [b"\x00" * SIZE]) == [0.0]


def test_texts_are_cut_into_few_short_passages() -> None:
    """Title first, in bounds whatever comes; a text without a letter has none."""
    assert passages("Zaun", "Er steht schief.") == ["Zaun. Er steht schief."]
    for text in ("x" * 1_000_000, "wort " * 1_000_000):
        cut = passages("Zaun", text)
        assert len(cut) <= PASSAGES
        assert all(len(one) <= PASSAGE_CHARACTERS for one in cut)
    assert passages("", " 1 2 \x00 ") == []


def test_a_longer_text_has_longer_passages_up_to_a_limit() -> None:
    """What stands behind the sixth passage of thirty words has a point too; how much is read stays bounded."""
    short, long, endless = (" ".join(["wort"] * (count - 1) + ["Ende"]) for count in (60, 300, 3_000))
    assert [len(one.split()) for one in passages("", short)] == [30, 30]
    assert [len(one.split()) for one in passages("", long)] == [50] * PASSAGES
    assert passages("", long)[-1].endswith("Ende")
    assert [len(one.split()) for one in passages("", endless)] == [60] * PASSAGES


def test_landmarks_are_the_same_for_entry_and_question() -> None:
    """A question in the words of a passage asks for its landmarks, by names that tell the model."""
    row = point(1, 5, 9)
    assert landmarks_of(row, 3) == landmarks_of(row, 8)[:3]
    assert all(name.startswith(f"{MODEL}:") for name in landmarks_of(row))
