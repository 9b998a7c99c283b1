"""`poststelle search` takes the words of our search language, also those with a minus."""

from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from services.cli import poststelle
from services.cli.commands import ask


class Asked:
    """An instance that finds nothing and remembers what was asked."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}

    def post(self, _: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of a process without post."""
        self.body = body
        return {"total": 0, "items": []}

    def show(self, _: dict[str, Any]) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """A line for a person."""
        click.echo(line)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What `poststelle search` reaches here."""
    instance = Asked()
    monkeypatch.setattr(ask, "connect", lambda **_: instance)
    return instance


def search(*typed: str) -> Result:
    """What becomes of this line."""
    return CliRunner().invoke(poststelle, ["search", *typed])


@pytest.mark.parametrize(
    ("typed", "query", "limit"),
    [
        (("Carport", "-Statik"), "Carport -Statik", 20),
        (("-Statik", "Carport", "--limit", "5"), "-Statik Carport", 5),
        (("Bad", "-Bach", "-h2o", "--limit=5", "Amt"), "Bad -Bach -h2o Amt", 5),
        (('-"völlig dunkel"', "-von:Falkenried", "Lampe"), '-"völlig dunkel" -von:Falkenried Lampe', 20),
        (("Carport", "--", "-Statik", "--limit"), "Carport -Statik --limit", 20),
        (("Carport - Garage",), "Carport - Garage", 20),
    ],
)
def test_a_word_with_a_minus_is_a_word_in_its_place(
    asked: Asked, typed: tuple[str, ...], query: str, limit: int
) -> None:
    """The instance is asked what was typed, and options hold wherever they stand."""
    assert search(*typed).exit_code == 0
    assert asked.body == {"q": query, "limit": limit}


@pytest.mark.parametrize("typed", [("Carport", "--limitt", "5"), ("--Statik", "Carport"), ("Carport", "--limit", "-5")])
def test_a_mistyped_option_is_no_word(asked: Asked, typed: tuple[str, ...]) -> None:
    """It is wrong usage, and nothing is searched for."""
    answer = search(*typed)
    assert (answer.exit_code, asked.body) == (2, {})
    assert "\0" not in answer.output


def test_help_is_still_help(asked: Asked) -> None:
    """`-h` and `--help` explain the command, and how a word is excluded."""
    for option in ("-h", "--help"):
        answer = search("Carport", option)
        assert (answer.exit_code, asked.body) == (0, {})
        assert "-Statik" in answer.output
