"""The command line answers."""

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from services.cli import WHERE, poststelle


def test_help_says_what_the_command_is_for() -> None:
    """`poststelle --help` explains itself and ends well."""
    answer = CliRunner().invoke(poststelle, ["--help"])
    assert answer.exit_code == 0
    assert "mail room" in answer.output


SERVE = {"run", "demo"}
FOR_SERVERS = {"prepare", "rights show", "rights apply", "rights check", "rights withdraw"}


def test_every_answer_is_there_for_programs_and_for_the_quiet() -> None:
    """`--json` and `--quiet` everywhere, but at what serves until it is stopped, and at what prepares a city."""
    without = {name for name, command in _all(poststelle) if not {"--json", "--quiet"} <= _options(command)}
    assert without == SERVE | FOR_SERVERS


def _all(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _all(command, f"{name} ")
        else:
            yield above + name, command


def _options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


def test_every_command_is_what_it_is_called() -> None:
    """The table says where each lies, and under which name it answers."""
    assert {name: command.name for name, command in poststelle.commands.items()} == {name: name for name in WHERE}


@pytest.mark.parametrize("module", ["services.cli.commands.ask", "services.stack"])
def test_a_process_loads_what_it_runs(module: str) -> None:
    """Who asks a running mail room loads nothing of it, and who opens one no service that was not named."""
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"], check=True, capture_output=True, text=True
    )
    loaded = found.stdout.split()
    assert module in loaded
    assert not [name for name in loaded if re.fullmatch(r"services\.\w+\.service", name)]
    assert not {"services.cli.demo", "jgo", "tantivy", "numpy"} & set(loaded)
