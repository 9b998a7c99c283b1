"""`docs/cli.md`: what every command says of itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from deploy.generators.markdown import page
from services.cli import errors as exits
from services.cli import poststelle

WIDTH = 100
ABOUT = f"""\
`poststelle` runs the mail room, or talks to a running one over HTTP with the key in its data folder
(`command-line.key`, or `--key-file`). Exit codes: {exits.DONE} done, {exits.FAILED} failed, {exits.USAGE} wrong usage
or settings, {exits.AWAY} no instance answers, {exits.BROKEN} a loop of `run` died, {exits.LATER} try again later."""


def cli_page(_: Path) -> Iterator[tuple[str, str]]:
    """`docs/cli.md`."""
    yield "docs/cli.md", page("Command line", ABOUT, *_sections(poststelle, "poststelle"))


def names(command: click.Command = poststelle, name: str = "poststelle") -> Iterator[str]:
    """Every command as it is typed, groups too."""
    yield name
    if isinstance(command, click.Group):
        for inner, one in command.commands.items():
            yield from names(one, f"{name} {inner}")


def _sections(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    # With its own settings, as when it is called: click remembers how the first context names the help option.
    widths: dict[str, Any] = {"terminal_width": WIDTH, "max_content_width": WIDTH, **command.context_settings}
    context = click.Context(command, info_name=name, parent=parent, **widths)
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for inner, one in command.commands.items():
            yield from _sections(one, inner, context)
