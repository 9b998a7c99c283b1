"""The command line answers."""

from click.testing import CliRunner

from services.cli import commands


def test_help_says_what_the_command_is_for() -> None:
    """`poststelle --help` explains itself and ends well."""
    answer = CliRunner().invoke(commands, ["--help"])
    assert answer.exit_code == 0
    assert "mail room" in answer.output
