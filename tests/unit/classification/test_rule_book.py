"""Rules are matched word by word, and as a reading of the whole letter would match them."""

import random

import msgspec
import pytest

from services.classification.knowledge.rule_book import RuleBook
from services.core.plan.file_plan import EMPTY, FilePlan, PlanPosition, Rule, folded


def plan_of(**rules: tuple[str, ...]) -> FilePlan:
    """A plan with a position for each name, led to by these words."""
    positions = tuple(PlanPosition(code=code, title=code, rules=(Rule(words=words),)) for code, words in rules.items())
    return msgspec.structs.replace(EMPTY, positions=positions)


BOOK = RuleBook(
    plan_of(
        hund=("Hundesteuer",),
        hof=("Antrag auf Ausnahme", "Friedhof"),
        loch=("Schlagloch",),
        wald=("Wald", "Brand"),
        mahn=("letzte Mahnung",),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wegen der Hundesteuer", {"hund": 1.0}),
        ("Mein Hundesteuerbescheid", {"hund": 0.6}),
        ("Hundesteuerbescheid zur Hundesteuer", {"hund": 1.0}),
        ("lauter Schlaglöcher", {"loch": 1.0}),
        ("Antrag auf eine Ausnahme am Friedhof", {}),
        ("Friedhof: ein Antrag auf\nAusnahme", {"hof": 1.0}),
        ("auf Antrag Ausnahme, Friedhof", {}),
        ("Wald", {}),
        ("Brand im Wald", {"wald": 1.0}),
        ("Mahnung, letzte", {}),
        ("Letzte-Mahnung", {"mahn": 1.0}),
        ("", {}),
    ],
)
def test_words_phrases_and_parts(text: str, expected: dict[str, float]) -> None:
    """A phrase stands in its order, across lines and hyphens; a part counts less; all words are needed."""
    assert {position.code: fits for position, _, fits in BOOK.matches(text)} == expected


def test_whole_words_match_as_in_the_whole_text() -> None:
    """Whatever the letters are: a rule of whole words fits where its phrases stand in the folded letter."""
    chance, words = random.Random(69), ("amt", "bau", "dorf", "eis", "feld")
    phrases = [" ".join(chance.choices(words, k=chance.randint(1, 3))) for _ in range(40)]
    rules = {f"p{number}": tuple(chance.sample(phrases, chance.randint(1, 2))) for number in range(40)}
    book = RuleBook(plan_of(**rules))
    fitted = 0
    for _ in range(300):
        text = chance.choice([" ", "\n", "-"]).join(chance.choices(words, k=chance.randint(0, 9)))
        expected = {code for code, said in rules.items() if all(folded(one) in folded(text) for one in said)}
        assert {position.code for position, _, _ in book.matches(text)} == expected, text
        fitted += len(expected)
    assert fitted
