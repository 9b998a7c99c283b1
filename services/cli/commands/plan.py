"""The file plan: checked offline, compared with the one in force, put in force."""

from pathlib import Path
from typing import Any

import click
from msgspec.structs import asdict

from services.cli.client import Instance, connect, instance_options
from services.cli.commands.rebuilding import rebuilt
from services.cli.errors import Away, Refused, sentence_of
from services.cli.output import Output, output_options
from services.core.plan import plan_check
from services.core.plan.plan_check import MAX_BYTES

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SENTENCES = {
    "office_added": "office {code} is new: {new}",
    "office_removed": "office {code} goes: {old}",
    "office_renamed": "office {code} is renamed: {old} -> {new}",
    "added": "{code} is new: {new}",
    "removed": "{code} goes: {old}",
    "renamed": "{code} is renamed: {old} -> {new}",
    "moved": "{code} moves: below {old} -> below {new}",
    "closed": "{code} is closed: it takes no new files",
    "opened": "{code} is opened again",
    "office": "{code} changes its office: {old} -> {new}",
    "retention": "{code} changes its retention: {old} -> {new}",
    "disposal": "{code} changes its disposal: {old} -> {new}",
    "protection": "{code} changes its protection: {old} -> {new}",
    "rules": "{code} changes its rules: {old} -> {new}",
    "described": "{code} changes its description or keywords",
}
NO_RULES = "none"


@click.group()
def plan() -> None:
    """The file plan."""


@plan.command("check")
@click.argument("file", type=FILE)
@output_options
def check(file: Path, **how: bool) -> None:
    """Report every fault of a plan file with its line; exit 1 where there is one."""
    output = Output(**how)
    _sound(file, output)
    output.say(f"{file}: no faults")
    output.show({"file": str(file), "faults": []})


@plan.command("diff")
@click.argument("file", type=FILE)
@instance_options
def diff(file: Path, **options: Any) -> None:
    """Print what a plan file changes of the plan in force; exit 1 where it cannot be put in force."""
    content = _sound(file, _output(options))
    instance = connect(**options)
    answer = instance.put("/plan", content, dry_run="true")
    instance.show(answer)
    _tell(instance, answer)
    if answer["rebuild"]:
        instance.say("Offices in charge of files change: `activate` rebuilds the index, so that the search follows.")
    if answer["in_use"]:
        raise click.exceptions.Exit(1)


@plan.command("activate")
@click.argument("file", type=FILE)
@instance_options
def activate(file: Path, **options: Any) -> None:
    """Put a plan file in force, in every process; where offices of files change, the index is rebuilt."""
    content = _sound(file, _output(options))
    instance = connect(**options)
    compared = instance.put("/plan", content, dry_run="true")
    _tell(instance, compared)
    answer = instance.put("/plan", content, base=str(compared["version"]))
    instance.show(answer)
    instance.say(f"Version {answer['version']} is in force.")
    if answer["rebuild"]:
        _have_search_follow(instance)


def _have_search_follow(instance: Instance) -> None:
    """Entries of the index hold the offices of the day they were written: until they are new, the ones before see them.

    Documents and files ask the plan in force and need nothing.
    """
    instance.say("Offices in charge of files change: the index is rebuilt, so that the search follows.")
    try:
        instance.say(f"index: {rebuilt(instance, 'index')} documents")
    except (click.ClickException, Refused, Away) as error:  # the plan is in force all the same, and that was said
        told = sentence_of(error).rstrip(".")
        raise click.ClickException(f"{told}. Until `poststelle rebuild` the search goes by the old offices.") from error


def _output(options: dict[str, Any]) -> Output:
    return Output(as_json=options["as_json"], quiet=options["quiet"])


def _sound(file: Path, output: Output) -> bytes:
    """The content of a file without faults; otherwise they are printed, also for the quiet, and the exit code is 1."""
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    _, faults = plan_check.read(content)
    for fault in () if output.as_json else faults:
        click.echo(f"{file}:{fault.line}: {fault.sentence}")
    if faults:
        output.show({"file": str(file), "faults": [asdict(fault) for fault in faults]})
        raise click.exceptions.Exit(1)
    return content


def _tell(instance: Instance, answer: dict[str, Any]) -> None:
    for change in answer["changes"]:
        facts = change | {side: change[side] or NO_RULES for side in ("old", "new")}
        refused = " - refused: files lie there, it can only be closed" if change["code"] in answer["in_use"] else ""
        instance.say(_SENTENCES[change["kind"]].format(**facts) + refused)
    if not answer["changes"]:
        instance.say(f"Nothing changes: version {answer['version']} is this plan.")
