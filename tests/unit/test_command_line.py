"""The command line answers."""

from collections.abc import Iterator

import click
from click.testing import CliRunner

from services.cli import commands


def test_help_says_what_the_command_is_for() -> None:
    """`poststelle --help` explains itself and ends well."""
    answer = CliRunner().invoke(commands, ["--help"])
    assert answer.exit_code == 0
    assert "mail room" in answer.output


SERVE = {"run", "demo"}
FOR_SERVERS = {"prepare", "rights show", "rights apply", "rights check", "rights withdraw"}


def test_every_answer_is_there_for_programs_and_for_the_quiet() -> None:
    """`--json` and `--quiet` everywhere, but at what serves until it is stopped, and at what prepares a city."""
    without = {name for name, command in _all(commands) if not {"--json", "--quiet"} <= _options(command)}
    assert without == SERVE | FOR_SERVERS


def _all(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _all(command, f"{name} ")
        else:
            yield above + name, command


def _options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}
