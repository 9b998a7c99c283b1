"""By the API: a correction teaches the next letter in seconds, a rollback unteaches, a reply finds its file."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest

from services.classification.knowledge.known import LOOK_EVERY
from tests.component.browser import Browser
from tests.component.city_hall import API, CityHall, a_mail
from tests.component.test_learning import AGAIN, POTHOLE

WITHIN = timedelta(seconds=5)
MODELS = f"{API}/classification/models"
MATTERS = {
    "52.10": "Carport Dachgaube Grundriss Abstandsfläche Statik Nachbarhaus Giebel Balkon",
    "20.1": "Mahnung Überweisung Konto Raten Stundung Betrag Zahlung Lastschrift",
}


@pytest.fixture
def clerk(hall: CityHall) -> Browser:
    """A program that may decide, train and take back."""
    return hall.key("administer", "search", "decide", all_offices=True)


def judged(clerk: Browser, document: str) -> dict[str, Any]:
    """What the API tells of a document."""
    told: dict[str, Any] = clerk.get(f"{API}/documents/{document}").json()
    return told


def decide(clerk: Browser, document: str, **wish: str) -> None:
    """A correction by the API."""
    path = f"{API}/documents/{document}"
    headers = {"If-Match": clerk.get(path).headers["etag"]}
    assert clerk.post(f"{path}/decisions", json=wish, headers=headers).status_code == 202


def delivered(hall: CityHall, text: str, **headers: str) -> str:
    """A mail of somebody who never wrote before."""
    document = hall.deliver(a_mail("Anliegen", text, sender=f"{random.random()}@buerger.test", **headers))["document"]
    return str(document)


def answer(told: dict[str, Any]) -> list[tuple[str, float]]:
    """What is proposed, and how sure."""
    return [(one["position"], one["confidence"]) for one in told["candidates"]]


def test_the_next_letter_goes_right_within_five_seconds_and_names_its_neighbour(hall: CityHall, clerk: Browser) -> None:
    """A letter that nobody knew is filed elsewhere; five seconds later the next of its kind is proposed there."""
    taught = delivered(hall, POTHOLE)
    before = judged(clerk, delivered(hall, AGAIN))
    assert [one["position"] for one in before["candidates"][:1]] != ["20.1"]
    decide(clerk, taught, action="file", position="20.1")
    assert LOOK_EVERY < WITHIN
    time.sleep(LOOK_EVERY.total_seconds() + 0.1)  # no more than that: how busy the machine is says nothing of us
    told = judged(clerk, delivered(hall, AGAIN))
    assert told["candidates"][0]["position"] == "20.1"
    assert {one["document"] for one in told["classification"]["evidence"] if one["kind"] == "neighbour"} == {taught}


def test_a_training_is_in_force_at_once_and_the_rollback_brings_the_old_answer_back(
    hall: CityHall, clerk: Browser
) -> None:
    """Trained by fifty corrections, in force at the next letter, taken back by one call, to the last digit."""
    chance = random.Random(4)
    for number in range(52):
        code = sorted(MATTERS)[number % 2]
        decide(clerk, delivered(hall, " ".join(chance.sample(MATTERS[code].split(), 5))), action="file", position=code)
    time.sleep(LOOK_EVERY.total_seconds() + 0.1)
    asked = "Dachgaube Giebel Stundung Statik Balkon Grundriss"
    before = judged(clerk, delivered(hall, asked))
    outcome = clerk.ask("POST", MODELS).json()
    assert (outcome["taken"], outcome["decisions"]) == (True, 52)
    beside = judged(clerk, delivered(hall, asked))
    assert f"+m{outcome['model'][:8]}" in beside["classification"]["knowledge_version"]
    assert clerk.ask("POST", f"{MODELS}/rollback").status_code == 200
    after = judged(clerk, delivered(hall, asked))
    assert answer(after) == answer(before)
    assert [one["strength"] for one in after["classification"]["evidence"]] == [
        one["strength"] for one in before["classification"]["evidence"]
    ]
    assert after["classification"]["knowledge_version"] == before["classification"]["knowledge_version"]


def test_the_reply_to_a_filed_mail_goes_to_its_file(hall: CityHall, clerk: Browser) -> None:
    """Without a clerk, and the explanation names the mail that it answers."""
    asked = delivered(hall, "Darf ich einen Zaun bauen?", **{"Message-ID": "<zaun@buerger.test>"})
    decide(clerk, asked, action="file", position="52.10")
    file = judged(clerk, asked)["filings"][-1]["file"]
    reply = judged(clerk, delivered(hall, "Noch etwas dazu.", **{"In-Reply-To": "<zaun@buerger.test>"}))
    assert (reply["state"], reply["filings"][-1]["file"]) == ("filed", file)
    assert [(one["kind"], one["document"]) for one in reply["classification"]["evidence"]] == [("thread", asked)]
