"""Settings and file plans."""

from pathlib import Path

import click

from services import settings as settings_page
from services.core import plan_check


@click.group("settings")
def settings_group() -> None:
    """What this installation is set to."""


@settings_group.command("show")
def show() -> None:
    """Print every setting in force."""
    click.echo(settings_page.load().model_dump_json(indent=2))


@click.group()
def plan() -> None:
    """The file plan."""


@plan.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Report every fault of a plan file with its line; exit 1 where there is one."""
    faults = plan_check.faults_of(file.read_text(encoding="utf-8"))
    for fault in faults:
        click.echo(f"{file}:{fault.line}: {fault.sentence}")
    if faults:
        raise click.exceptions.Exit(1)
    click.echo(f"{file}: no faults")
