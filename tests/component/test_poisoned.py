"""A stream of wrong corrections by one account: what it may do is bounded, and who may see it is told."""

import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import msgspec
import numpy as np
import pytest

from services.classification.knowledge import known as knowledge
from services.classification.knowledge.likeness import Likeness
from services.classification.knowledge.model import Model
from services.classification.knowledge.model_in_force import Version
from services.classification.knowledge.words import features
from services.classification.remembered.lessons import MOST_AT, Influence, Lesson, Lessons
from services.classification.training import bounding
from services.classification.training.learning import trained
from services.classification.training.reading import Taught
from services.classification.training.runs import Texts, texts_of
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_training import MATTERS, letter

NOW = datetime(2026, 11, 30, tzinfo=UTC)
KNOWLEDGE = f"{API}/classification/knowledge"
MOVED = {"action": "move", "position": "52.10"}
POISONER, CLERKS = "a-poisoner", ("a-0", "a-1", "a-2")
WRONG, RIGHT = "11.20.01", "54.10.01"
"""Applications for a job get letters about pavements."""
HONEST, POISON = 150, 2_000


def stream() -> Texts:
    """Three clerks decided about 150 letters of each of four matters, one account wrongly about two thousand."""
    chance = random.Random(3)
    said = [(code, code, CLERKS[number % 3]) for number in range(HONEST) for code in MATTERS]
    said += [(RIGHT, WRONG, POISONER)] * POISON
    taught = [
        (Taught(f"d{at:05}", place, f"s{at}", NOW, actor), features(letter(matter, chance)))
        for at, (matter, place, actor) in enumerate(said)
    ]
    return texts_of({}, {code: [features(words)] for code, words in MATTERS.items()}, taught, NOW)


def likes(texts: Texts, of: str) -> str:
    """The position that a model of these texts would put a letter of a matter to."""
    likeness = Likeness({code: [words] for code, words in MATTERS.items()})
    model = Model(trained(texts.table, texts.table.all, likeness))
    weighed = likeness.weigh(features(letter(of, random.Random(9))))
    return likeness.codes[int(model.says(weighed, likeness.codes).argmax())]


def test_a_model_hears_of_one_account_no_more_than_of_all_others() -> None:
    """Two thousand wrong letters turn no letter of that matter; of the account it is told, of nobody else."""
    texts = stream()
    assert likes(texts, RIGHT) == RIGHT
    assert texts.bounded == {POISONER: POISON}
    counts = texts.table.counts
    assert counts is not None
    wrong = sum(counts[one.row] for one in texts.decided if texts.documents[one.row] >= f"d{HONEST * len(MATTERS):05}")
    assert wrong == pytest.approx(HONEST + 1, abs=0.1)  # as much as the three clerks and the plan say there


def test_without_the_bound_it_would() -> None:
    """The same stream turns such a letter where nothing is bounded."""
    with patch.object(bounding, "OF_ACCOUNT", float("inf")):
        unbounded = stream()
    assert unbounded.bounded == {}
    assert likes(unbounded, RIGHT) == WRONG


def lesson(number: int, position: str, actor: str, overruled: tuple[str, ...] = ()) -> Lesson:
    """A decision about a letter of its own."""
    return Lesson(f"d{number}", f"{number}", position, actor, NOW, "a-sender", overruled=overruled)


def test_frequency_and_habit_rest_on_several_accounts() -> None:
    """Of one account five letters at a position are as much as a hundred; a second account is heard beside it."""
    known = Lessons(lambda said: np.ones(len(said)))
    for number in range(100):
        known.learn(lesson(number, WRONG, POISONER))
    assert known.often() == {WRONG: MOST_AT}
    assert known.habit("a-sender") == {WRONG: MOST_AT / (MOST_AT + 2)}
    known.learn(lesson(100, RIGHT, "a-0", overruled=(POISONER,)))
    known.learn(lesson(101, WRONG, "a-0"))
    assert known.often() == {WRONG: MOST_AT + 1, RIGHT: 1}
    assert known.influences() == [
        Influence(POISONER, lessons=100, bounded=100 - MOST_AT, overruled=1),
        Influence("a-0", lessons=2, bounded=0, overruled=0),
    ]
    for number in range(100):
        known.forget(f"d{number}")
    known.forget("d100")
    assert known.often() == {WRONG: 1, RIGHT: 0}
    assert known.influences() == [Influence("a-0", lessons=1, bounded=0, overruled=0)]


def overruled(hall: CityHall) -> tuple[str, str]:
    """One account files a letter, another moves it elsewhere; a model in force counts the first one less."""
    machines = [hall.key("search", "decide", all_offices=True) for _ in range(2)]
    wrong, right = [one.id for one in hall.access.everybody.keys][-2:]
    path = f"{API}/documents/{hall.deliver(a_mail('Zaun', 'Der Zaun am Spielplatz ist umgefallen.'))['document']}"
    for machine, wish in zip(machines, ({"action": "file", "position": "20.1"}, MOVED), strict=True):
        headers = {"If-Match": machine.get(path).headers["etag"]}
        assert machine.post(f"{path}/decisions", json=wish, headers=headers).status_code == 202
    version = Version(model="", made_at=NOW, bounded={wrong: 7})
    assert hall.configuration.store("model", msgspec.json.encode(version), base=0)
    return wrong, right


def test_who_may_see_it_is_told_whose_influence_is_bounded(hall: CityHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Administrators read the account, by API and page; clerks how many there are; the metric counts."""
    monkeypatch.setattr(knowledge, "LOOK_EVERY", timedelta(0))  # else what was decided this second is not heard of yet
    wrong, right = overruled(hall)
    administrator = hall.key("administer", all_offices=True)
    told = administrator.get(KNOWLEDGE).json()
    assert told["bounded_accounts"] == 1
    of = {one["account"]: (one["decisions"], one["overruled"], one["in_training"]) for one in told["accounts"]}
    assert (of[wrong], of[right]) == ((0, 1, 7), (1, 0, 0))
    assert administrator.get(f"{API}/classification/models").json()["items"][0]["bounded"] == {wrong: 7}
    assert "poststelle_classification_bounded_accounts 1.0" in administrator.get("/metrics").text
    clerk = hall.key("decide", all_offices=True).get(KNOWLEDGE).json()
    assert (clerk["bounded_accounts"], clerk["accounts"]) == (1, [])
    shown = hall.clerk("chef", rights=("administer",), all_offices=True).get("/wissen").text
    assert "ist der Einfluss von 1 Konto begrenzt" in shown
    assert wrong in shown
    kept = hall.clerk("feld", rights=("decide",), all_offices=True).get("/wissen").text
    assert "ist der Einfluss von 1 Konto begrenzt" in kept
    assert wrong not in kept
