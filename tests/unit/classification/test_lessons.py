"""What is remembered of decisions is bounded, whoever decides how much, and says the same whatever its order."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.words import features
from services.classification.remembered import index, lessons
from services.classification.remembered.frequencies import Frequencies
from services.classification.remembered.lessons import Lesson, Lessons, votes

NOW = datetime(2026, 11, 29, tzinfo=UTC)
POTHOLE = "Schlagloch auf der Fahrbahn vor dem Rathaus, der Asphalt ist aufgebrochen"

DOG = "Hundesteuer, Anmeldung meines Dackels, Tierheim, Steuermarke, Umzug, neue Adresse, bitte kurze Nachricht"


def lesson(document: str, position: str, text: str = POTHOLE, *, actor: str = "a-1", sender: str = "s") -> Lesson:
    """A decision of today."""
    return Lesson(document, f"{document}-1", position, actor, NOW, sender, features(text))


@pytest.fixture
def known() -> Lessons:
    """Nothing yet."""
    return Lessons(Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).rarities)


def nearest(known: Lessons, text: str = POTHOLE, now: datetime = NOW) -> dict[str, float]:
    """What the neighbours of a text say for each position."""
    weighed = Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).weigh(features(text))
    return {position: vote for position, (vote, _) in votes(known.nearest(weighed, now)).items()}


def test_same_letter_is_a_neighbour_and_a_forgotten_one_is_none(known: Lessons) -> None:
    """A decision counts from the moment it is known, in the place of the one before, until its document is erased."""
    known.learn(lesson("d1", "1"))
    assert nearest(known)["1"] == pytest.approx(1.0, abs=0.01)
    known.learn(lesson("d1", "2"))
    assert nearest(known).keys() == {"2"}
    known.forget("d1")
    assert nearest(known) == {}
    assert known.habit("s") == {}


def test_what_shares_only_the_tone_is_no_neighbour(known: Lessons) -> None:
    """Of thousands of letters that all say a word or two of a new one, none is looked at any further."""
    for number in range(50):
        known.learn(lesson(f"d{number}", "2", f"{DOG} {number}"))
    known.learn(lesson("d-like", "1"))
    weighed = Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).weigh(features(f"{POTHOLE}, bitte"))
    assert [one.document for one in known.nearest(weighed, NOW)] == ["d-like"]


def test_one_account_counts_once(known: Lessons) -> None:
    """A hundred decisions of one account say no more than its most similar; a second account adds a half."""
    for number in range(100):
        known.learn(lesson(f"d{number}", "2", actor="a-poisoner"))
    alone = nearest(known)["2"]
    assert alone <= 1.0
    known.learn(lesson("d-other", "2", actor="a-2"))
    assert nearest(known)["2"] == pytest.approx(1.5 * alone, abs=0.01)


def test_a_flood_pushes_nobody_out(known: Lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    """One account fills half of the memory at most; then its own oldest lessons go."""
    monkeypatch.setattr(lessons, "MOST", 10)
    known.learn(lesson("d-mine", "1", actor="a-1"))
    for number in range(50):
        known.learn(lesson(f"d{number}", "2", actor="a-poisoner"))
    assert len(known) == 6
    assert "1" in nearest(known)


def test_memory_stays_bounded(known: Lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of decisions anew leave no more behind than the last of each."""
    monkeypatch.setattr(lessons, "MOST", 10)
    for number in range(200):
        known.learn(lesson(f"d{number % 5}", "1"))
    assert len(known) == 5
    assert known._index.slots <= 3 * 10
    assert len(known._index._said) == 5


def test_what_was_kept_says_the_same(known: Lessons) -> None:
    """Lessons that were put away and taken up have the same neighbours, habit, words and version, and learn on."""
    for number in range(30):
        text = f"{POTHOLE}, {DOG[number:]}" if number % 3 else DOG
        known.learn(lesson(f"d{number}", "12"[number % 2], text, actor=f"a-{number % 3}", sender=f"s{number % 4}"))
    known.forget("d3")
    other = Lessons(Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).rarities)
    other.take(known.remembered())
    for both in (known, other):
        both.learn(lesson("d-new", "1", f"{POTHOLE} Danke"))
        both.learn(lesson("d5", "2"))
    assert other.digest == known.digest
    assert [other.of(one.document) for one in other.all()] == [known.of(one.document) for one in known.all()]
    assert [known.habit(f"s{n}") for n in range(4)] == [other.habit(f"s{n}") for n in range(4)]
    weighed = Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).weigh(features(f"{POTHOLE}, {DOG[40:]}"))
    assert other.nearest(weighed, NOW) == known.nearest(weighed, NOW)
    assert known.influences() == other.influences()


@pytest.mark.parametrize("common", [5, 400])
def test_lessons_say_the_same_once_they_are_sorted(monkeypatch: pytest.MonkeyPatch, common: int) -> None:
    """Whether all stand beside the sorted arrays, some or none; of a word that many share the newest are compared."""
    monkeypatch.setattr(index, "_COMMON", common)
    weighed = Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).weigh(features(f"{POTHOLE}, {DOG[40:]}"))
    others = []
    for sorted_at in (1, 7, 12):
        monkeypatch.setattr(index, "_SORTED_AT", sorted_at)
        other = Lessons(Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).rarities)
        for number in range(24):
            other.learn(lesson(f"d{number}", "1", f"{POTHOLE}, {DOG[number:]}" if number % 3 else DOG))
        others.append(other.nearest(weighed, NOW))
    assert others[0] == others[1] == others[2]
    assert {one.document for one in others[0]} >= {"d22", "d23"}
    assert ("d1" in {one.document for one in others[0]}) == (common > 24)


def test_other_words_of_the_plan_weigh_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """With only a few words remembered of each letter, it is those that are rare by the plan in force."""
    monkeypatch.setattr(index, "WORDS", 3)
    first, second = Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}), Likeness({"1": [DOG], "2": ["Fahrbahn"]})
    in_force = [first]

    def rarities(words: Collection[str]) -> NDArray[np.float64]:
        return in_force[0].rarities(words)

    known = Lessons(rarities)
    known.learn(lesson("d1", "1", f"{POTHOLE} {DOG}"))
    in_force[0] = second
    known.weigh_anew()
    fresh = Lessons(second.rarities)
    fresh.learn(lesson("d1", "1", f"{POTHOLE} {DOG}"))
    weighed = second.weigh(features(f"{POTHOLE} {DOG}"))
    assert known.nearest(weighed, NOW) == fresh.nearest(weighed, NOW) != []


def test_version_names_what_is_known(known: Lessons) -> None:
    """The same lessons in any order have the same digest, another lesson has another."""
    known.learn(lesson("d1", "1"))
    known.learn(lesson("d2", "2"))
    other = Lessons(Likeness({}).rarities)
    other.learn(lesson("d2", "2"))
    assert other.digest != known.digest
    other.learn(lesson("d1", "1"))
    assert other.digest == known.digest


def test_frequencies_are_counted_anew_once_something_is_learned(known: Lessons) -> None:
    """Letters between two decisions share what was made of them; a decision or an erasure is seen by the next one."""
    frequencies, made = Frequencies(), list[dict[str, int]]()

    def opened(often: Mapping[str, int]) -> Mapping[str, int]:
        made.append(dict(often))
        return made[-1]

    def asked() -> Mapping[str, int]:
        return frequencies.of(known.often(), "plan", opened)

    known.learn(lesson("d1", "1"))
    assert asked() == {"1": 1}
    assert asked() is asked()
    assert len(made) == 1
    known.learn(lesson("d2", "1", actor="a-2"))
    assert asked() == {"1": 2}
    known.forget("d1")
    assert asked() == {"1": 1}
    assert frequencies.of(known.often(), "another plan", lambda _: {}) == {}


def test_old_decisions_fade(known: Lessons) -> None:
    """What was decided a year ago counts half."""
    known.learn(lesson("d1", "1"))
    assert nearest(known, now=NOW + timedelta(days=365))["1"] == pytest.approx(0.5, abs=0.01)


def test_habit_grows_with_letters(known: Lessons) -> None:
    """One letter of a sender says little of where the next one goes, ten alike say much."""
    known.learn(lesson("d0", "1"))
    assert known.habit("s") == {"1": pytest.approx(1 / 3)}
    for number in range(1, 10):
        known.learn(lesson(f"d{number}", "1", actor=f"a-{1 + number % 2}"))
    assert known.habit("s") == {"1": pytest.approx(10 / 12)}


def test_of_letters_that_are_all_alike_the_most_similar_are_neighbours(
    known: Lessons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands that share a letter's words cost no more than the most similar of them; the same one stays first."""
    monkeypatch.setattr(lessons, "MOST_NEAR", 10)
    for number in range(60):
        known.learn(lesson(f"d{number:02}", "2", f"{POTHOLE}, {DOG[: 10 + number]}"))
    known.learn(lesson("d-same", "1"))
    known.forget("d00")
    weighed = Likeness({"1": [POTHOLE], "2": ["Hundesteuer"]}).weigh(features(POTHOLE))
    near = known.nearest(weighed, NOW)
    assert near[0].document == "d-same"
    assert 10 <= len(near) < 60
    assert "d00" not in {one.document for one in near}
