"""The settings in force."""

import click

from services import settings as settings_page


@click.group("settings")
def settings_group() -> None:
    """What this installation is set to."""


@settings_group.command("show")
def show() -> None:
    """Print every setting in force."""
    click.echo(settings_page.load().model_dump_json(indent=2))
