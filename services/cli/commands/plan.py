"""The file plan: checked offline, compared with the one in force, put in force."""

from pathlib import Path
from typing import Any

import click
from msgspec.structs import asdict

from services.cli.client import Instance, connect, instance_options
from services.cli.commands.judgements.plan_knowledge import knowledge
from services.cli.commands.plan_files import FILE, convert, export, given_file, sound_text
from services.cli.commands.plan_letters import letters_of
from services.cli.commands.rebuilding import rebuilt
from services.cli.errors import Away, Refused, sentence_of
from services.cli.output import Output, output_options
from services.core.plan import file_plan, plan_check
from services.core.plan.exchange import forms
from services.core.plan.plan_changes import changes

SENTENCES = {
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
    "validity": "{code} changes when it is valid: {old} -> {new}",
    "see_also": "{code} changes what to see also: {old} -> {new}",
    "codes": "{code} changes its products or services (KGSt, LeiKa): {old} -> {new}",
    "replaces": "{code} changes what it replaces: {old} -> {new}",
    "filing": "{code} changes how its files are formed: {old} -> {new}",
    "cases": "{code} changes whether its files have Vorgänge: {old} -> {new}",
    "invoices": "checked invoices are filed elsewhere: {old} -> {new}",
    "leitweg": "Leitweg-ID {code} names another office: {old} -> {new}",
}
"""What is said of each kind of change, `plan_changes.Kind`."""
NO_RULES = "none"
_TWO = 2


@click.group()
def plan() -> None:
    """The file plan."""


plan.add_command(convert)
plan.add_command(export)
plan.add_command(knowledge)


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
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="[OLD] NEW")
@click.option("--letters/--no-letters", default=True, help="Also ask which letters move and which need a clerk.")
@instance_options
def diff(files: tuple[Path, ...], *, letters: bool, **options: Any) -> None:
    """Print what a plan file changes: of the plan in force, or of the file OLD. A dry run.

    Then the letters that it concerns in the running instance: those that go on elsewhere, and those that a clerk has to
    decide. Exit 1 where the plan cannot be put in force.
    """
    if len(files) > _TWO:
        raise click.UsageError("At most two files are compared.")
    output = _output(options)
    content = _sound(files[-1], output)
    compared = _of_files(_sound(files[0], output), content) if len(files) == _TWO else None
    if compared and not letters:
        _tell(output, compared)
        output.show(compared)
        return
    instance = connect(**options)
    answer = compared or instance.put("/plan", content, dry_run="true")
    _tell(instance, answer)
    found = letters_of(instance, content) if letters else []
    instance.show(answer | {"letters": found})
    if answer["rebuild"]:
        instance.say("Offices in charge of files change: `activate` rebuilds the index, so that the search follows.")
    if answer["in_use"]:
        raise click.exceptions.Exit(1)


def _of_files(old: bytes, new: bytes) -> dict[str, Any]:
    """The changes between two sound files, as the instance would tell them."""
    before, after = (file_plan.decode(plan_check.compact(forms.read(content)[0])) for content in (old, new))
    return {"changes": [asdict(change) for change in changes(before, after)], "in_use": [], "rebuild": False}


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
    """The content of a file without faults; otherwise they are printed and the exit code is 1."""
    content = given_file(file)
    sound_text(file, content, output)
    return content


def _tell(instance: Output, answer: dict[str, Any]) -> None:
    for change in answer["changes"]:
        facts = change | {side: change[side] or NO_RULES for side in ("old", "new")}
        refused = " - refused: files lie there, it can only be closed" if change["code"] in answer["in_use"] else ""
        instance.say(SENTENCES[change["kind"]].format(**facts) + refused)
    if not answer["changes"]:
        version = f"version {answer['version']} is this plan" if "version" in answer else "both are the same plan"
        instance.say(f"Nothing changes: {version}.")
