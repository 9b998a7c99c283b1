"""Letters are like positions by their words, and the examples that are shipped are many and various."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from services.classification.likeness import PROPOSED, SURE_AT_MOST, Likeness, by_likeness
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan

FOLDER = Path(__file__).parents[3] / "deploy" / "file-plans"
WRITERS = {"citizen", "lawyer", "company", "authority", "form", "reply"}
AT_LEAST, SEQUENCE, OFTEN = 10, 5, 6
EVERY = 7
"""Every seventh example is held back and asked about."""


def letters() -> list[dict[str, str]]:
    """All examples, in the order of the files."""
    files = sorted((FOLDER / "examples").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def plan() -> FilePlan:
    """The plan that is shipped."""
    return file_plan.decode((FOLDER / "musterstadt.json").read_bytes())


def test_every_position_has_examples_of_its_own(plan: FilePlan) -> None:
    """At least ten each, by all kinds of writers, and none for a position that takes no files."""
    found = Counter(letter["position"] for letter in letters())
    assert set(found) == set(plan.open_codes)
    assert min(found.values()) >= AT_LEAST
    assert {letter["writer"] for letter in letters()} == WRITERS


def test_examples_were_written_one_by_one() -> None:
    """No five words stand in a row in more than six of the three thousand: a pattern filled in would."""
    seen: Counter[tuple[str, ...]] = Counter()
    for letter in letters():
        words = re.findall(r"\w+", letter["text"].lower())
        seen.update({tuple(words[place : place + SEQUENCE]) for place in range(len(words) - SEQUENCE + 1)})
    assert [row for row, times in seen.items() if times > OFTEN] == []


def test_what_was_held_back_is_recognised() -> None:
    """Letters that it never saw, each of a matter of its own: without the plan's words it names one in eight.

    Chance is one in three hundred; with the plan's words it is more than one in four.
    """
    every = letters()
    asked = every[::EVERY]
    known: dict[str, list[str]] = {}
    for number, letter in enumerate(every):
        if number % EVERY:
            known.setdefault(letter["position"], []).append(f"{letter['subject']}\n{letter['text']}")
    likeness = Likeness(known)
    ranks = []
    for letter in asked:
        order = [code for code, _ in likeness.nearest(f"{letter['subject']}\n{letter['text']}")]
        ranks.append(order.index(letter["position"]) if letter["position"] in order else len(order))
    assert sum(rank == 0 for rank in ranks) / len(asked) >= 0.12
    assert sum(rank < 3 for rank in ranks) / len(asked) >= 0.24


def test_a_letter_in_a_citizens_words_finds_its_position(plan: FilePlan) -> None:
    """Inflected, and without a word of the plan's title; what is told is never more than half sure."""
    found = by_likeness(
        plan, "Loch in der Fahrbahn", ["In unserer Straße sind nach dem Frost tiefe Schlaglöcher im Asphalt."]
    )
    assert found[0].position.startswith("54")
    assert len(found) == PROPOSED
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
    assert found[0].confidence == SURE_AT_MOST


@pytest.mark.parametrize("text", ["", "ok", "??? 12345", "lorem ipsum dolor"])
def test_what_says_nothing_is_like_nothing(plan: FilePlan, text: str) -> None:
    """No guess where there are no words to guess by."""
    assert by_likeness(plan, "", [text]) == []


def test_a_plan_that_shares_no_title_with_ours_gets_no_proposals() -> None:
    """Its positions know no letters yet."""
    foreign = file_plan.decode((FOLDER.parents[1] / "tests" / "plans" / "small.json").read_bytes())
    titles = {position.title for position in foreign.positions}
    assert titles
    assert all(
        one.position in foreign.open_codes for one in by_likeness(foreign, "Bauantrag", ["Ein Carport am Haus."])
    )
