"""The settings in force."""

import click

from services import settings as settings_page
from services.cli.output import Output, output_options


@click.group("settings")
def settings_group() -> None:
    """What this installation is set to."""


@settings_group.command("show")
@output_options
def show(**how: bool) -> None:
    """Print every setting in force, as JSON; with --json in one line."""
    output, settings = Output(**how), settings_page.load()
    output.say(settings.model_dump_json(indent=2))
    output.show(settings.model_dump(mode="json"))
