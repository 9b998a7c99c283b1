"""Probabilities keep what they promise for senders never seen, and no sender speaks for all others."""

import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import msgspec
import numpy as np
import pytest

from services.classification.calibration import HOME, VERSION, Calibration, signs_of
from services.classification.fusion import PLAN_ALONE, Found, fuse
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model, decode, encode, name_of
from services.classification.training import calibrating
from services.classification.training.calibrating import Kept, calibrated
from services.classification.training.learning import trained
from services.classification.training.reading import Taught
from services.classification.training.runs import newest_of, splits, texts_of
from services.classification.training.text_table import TextTable

PARTS, LETTERS = 4, 400


def kept(seed: int, *, promised: float, comes: float, count: int = LETTERS, sender: str = "") -> Kept:
    """Letters that all promise so much, of which so many come true; each of a sender of its own where none is named."""
    chance = random.Random(seed)
    odds = float(np.log(promised / (1 - promised)))
    right = [chance.random() < comes for _ in range(count)]
    signs = [np.array([1.0, odds, 0.0, 0.0, 0.0])] * count
    return Kept.of(signs, right, [sender or f"{seed}-{n}" for n in range(count)], [promised] * count)


def promise(calibration: Calibration | None, promised: float) -> float:
    """What is promised now where so much was promised before."""
    assert calibration
    return float(calibration.promise(np.array([1.0, np.log(promised / (1 - promised)), 0.0, 0.0, 0.0])))


@pytest.mark.parametrize(("promised", "comes"), [(0.95, 0.6), (0.4, 0.8)])
def test_what_promised_too_much_or_too_little_keeps_its_word(promised: float, comes: float) -> None:
    """Letters of other senders come true as often as it says afterwards."""
    found = calibrated([kept(seed, promised=promised, comes=comes) for seed in range(PARTS)])
    assert promise(found, promised) == pytest.approx(comes, abs=0.05)


def test_a_portal_of_a_thousand_letters_counts_as_thirty() -> None:
    """What one sender's letters keep is hardly news of all others."""
    others = [kept(seed, promised=0.7, comes=0.5) for seed in range(PARTS)]
    portal = kept(9, promised=0.7, comes=1.0, count=2_000, sender="portal")
    assert promise(calibrated([*others, portal]), 0.7) == pytest.approx(0.52, abs=0.06)


def test_what_holds_for_nobody_else_is_not_taken() -> None:
    """Two parts that contradict each other, one part alone, and too few letters leave the probability as it is."""
    true, false = kept(1, promised=0.5, comes=0.9), kept(2, promised=0.5, comes=0.1)
    assert calibrated([true, false]) is None
    assert calibrated([true]) is None
    assert calibrated([kept(seed, promised=0.95, comes=0.5, count=10) for seed in range(PARTS)]) is None


def test_one_sender_who_differs_refuses_nothing() -> None:
    """What all others keep is taken, though one sender loses more by it than they gain: he is none of those to come."""
    parts = [kept(seed, promised=0.6, comes=0.75, count=60) for seed in range(PARTS)]
    odd = [*parts, kept(9, promised=0.6, comes=0.0, count=30, sender="odd")]
    assert calibrated(parts)
    assert calibrated(odd)
    with patch.object(calibrating, "noise", return_value=0.0):
        assert calibrated(parts)
        assert calibrated(odd) is None


def test_agreement_makes_surer() -> None:
    """Of letters with the same odds those are right more often that words and meaning both put there: it is learned."""
    chance = random.Random(3)
    parts = []
    for part in range(PARTS):
        both = [chance.random() < 0.5 for _ in range(LETTERS)]
        signs = [np.array([1.0, 0.5, 0.5, 0.0, 0.5 if agreed else -0.5]) for agreed in both]
        right = [chance.random() < (0.9 if agreed else 0.3) for agreed in both]
        parts.append(Kept.of(signs, right, [f"{part}-{n}" for n in range(LETTERS)], [0.6] * LETTERS))
    found = calibrated(parts)
    assert found
    agreed, alone = found.promise(np.array([[1.0, 0.5, 0.5, 0.0, 0.5], [1.0, 0.5, 0.5, 0.0, -0.5]]))
    assert agreed == pytest.approx(0.9, abs=0.1)
    assert alone == pytest.approx(0.3, abs=0.1)


def test_the_first_has_the_promised_probability_and_the_order_stays() -> None:
    """All scores are stretched by one factor, also those of frequency; evidence of other kinds comes on top."""
    codes, model = ("a", "b", "c"), [3.0, 1.0, 0.5]
    found = Found(codes=codes, model=model, known_words=300, often={"b": 1})
    plain, _ = fuse(found, PLAN_ALONE)
    found.calibration = Calibration((0.0, 0.3, 0.0, 0.0, 0.0))
    told, shares = fuse(found, PLAN_ALONE)
    assert told["a"] == pytest.approx(1 / (1 + (plain["b"] / plain["a"]) ** 0.3), abs=0.001)
    assert sorted(codes, key=lambda code: -told[code]) == sorted(codes, key=lambda code: -plain[code])
    assert sum(told.values()) == pytest.approx(1.0)
    assert shares["b"]["frequent"] < np.log1p(2.0)
    found.neighbours = {"c": 1.0}
    assert max(fuse(found, PLAN_ALONE)[0].items(), key=lambda one: one[1])[0] == "c"


def test_many_positions_that_say_little_make_nobody_less_sure() -> None:
    """A letter leads the second by as much, however many others say hardly anything."""
    few, many = (np.array([4.0, 1.0, *[0.0] * count]) for count in (3, 300))
    promised = [Calibration(HOME).promise(signs_of(scores, (scores, None, None))) for scores in (few, many)]
    assert promised[0] == promised[1]
    assert 1 / np.exp(many - many.max()).sum() < 0.2 < promised[1]


@pytest.mark.parametrize("scores", [[0.0, 0.0, 0.0], [900.0, -900.0, 0.0], [5.0]])
def test_extremes_stay_in_bounds(scores: list[float]) -> None:
    """Nothing said, all said, one position: a factor that is finite."""
    factor = Calibration(HOME).stretched(np.array(scores), (None, np.array(scores), None))
    assert 0 < factor < 100
    assert np.isfinite(signs_of(np.array(scores), (None, None, None))).all()


@pytest.mark.parametrize("spread", [0.01, 0.3, 3.0, 30.0, 300.0])
def test_the_factor_is_the_one_that_halving_finds(spread: float) -> None:
    """Of letters that lead by a hair and by far, among two positions and four hundred, also with two in front."""
    chance = np.random.default_rng(4)
    for number in range(60):
        scores = chance.gamma(1.0, spread, int(chance.integers(2, 400)))
        if number % 6 == 0:
            scores[:2] = scores.max()
        calibration = Calibration((float(chance.normal()), float(chance.uniform(0.05, 1.5)), 0.0, 0.0, 0.0))
        low, high = 0.05, 20.0
        below, promised = scores - scores.max(), float(calibration.promise(signs_of(scores, (scores,))))
        for _ in range(60):
            middle = (low + high) / 2
            too_flat = 1 / np.exp(below * middle).sum() < promised
            low, high = (middle, high) if too_flat else (low, middle)
        assert calibration.stretched(scores, (scores,)) == pytest.approx(low, rel=1e-5)


def test_a_model_of_before_is_read_and_a_strange_one_is_not() -> None:
    """Without one of these signs probabilities stay as they are; a wrong number of weights is a broken model."""
    table = TextTable.of({"a": [{"word": 1}], "b": [{"other": 1}]})
    stored = trained(table, table.all, Likeness({}))
    assert Model(stored).by_words is None
    for weights, fits in (((0.1, 0.9, 0.0, 0.0, 0.2), True), ((0.1, 0.9), False), ((float("nan"),) * 5, False)):
        content = encode(msgspec.structs.replace(stored, by_words=weights, signs=VERSION))
        if fits:
            assert decode(content, name_of(content)).by_words == Calibration(weights)
            of_before = encode(msgspec.structs.replace(stored, by_words=weights))
            assert decode(of_before, name_of(of_before)).by_words is None
        else:
            with pytest.raises(ValueError, match="signs"):
                decode(content, name_of(content))


def test_no_sender_is_on_both_sides() -> None:
    """Trust is fitted on letters of senders that the model knows no letter of; it is taken by the newest, whoever's."""
    senders = ["portal"] * 40 + [f"s-{n % 12}" for n in range(60)]
    now = datetime(2026, 11, 30, tzinfo=UTC)
    taught = [
        (Taught(f"d{n:03}", "a" if n % 2 else "b", sender, now + timedelta(n), "c"), {f"from {sender}": 1})
        for n, sender in enumerate(senders)
    ]
    texts = texts_of({}, {"a": [{"words": 1}], "b": [{"words": 1}]}, taught, now)
    assert texts.fresh == len(senders) - 1
    parted = splits(texts)
    assert sum(len(split.held) for split in parted) == len(senders)
    for split in parted:
        known = {word for _, text in texts.table.texts(np.flatnonzero(split.known), texts.table.names) for word in text}
        assert split.held
        assert known.isdisjoint(word for _, text in texts.table.texts(split.held, texts.table.names) for word in text)
    newest = newest_of(texts)
    assert newest
    assert list(newest.senders) == senders[-20:]
