"""Files of a plan: read with all their faults, turned into another form, fetched from the running instance."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec.structs import asdict

from services.cli.client import connect, instance_options
from services.cli.output import Output, output_options
from services.core.plan import file_plan, plan_check
from services.core.plan.exchange import forms, xdomea_reading
from services.core.plan.exchange.xdomea_form import Message, confirmation
from services.core.plan.plan_check import MAX_BYTES

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_XDOMEA = click.Choice(["4.0.0", "3.1.0"])
_FORMS = click.Choice([*forms.MEDIA_TYPES])


@click.command("convert")
@click.argument("file", type=FILE)
@click.argument("target", type=NEW_FILE)
@click.option("--xdomea", type=_XDOMEA, default="4.0.0", help="Version of the message that is written.")
@click.option("--recipient", default="Empfänger", help="Whom a message is for.")
@click.option("--confirmation", "confirmed", type=NEW_FILE, help="Also write message 0302, which answers the one read.")
@output_options
def convert(file: Path, target: Path, *, confirmed: Path | None, **options: Any) -> None:
    """Write a plan file in another form: TARGET ends in .json, .csv or .xml (xdomea message 0301)."""
    form = forms.SUFFIXES.get(target.suffix.lower())
    if form is None:
        raise click.UsageError("TARGET has to end in .json, .csv or .xml.")
    message = Message(
        created_at=datetime.now(UTC),
        version=options.pop("xdomea"),
        recipient=options.pop("recipient"),
        sender="Poststelle",
    )
    output = Output(**options)
    given = given_file(file)
    plan = file_plan.decode(plan_check.compact(sound_text(file, given, output)))
    if confirmed:
        confirmed.write_text(_answer_to(given, message), encoding="utf-8")
    target.write_bytes(forms.write(plan, form, message))
    output.say(f"{target}: {plan.name}, version {plan.version}, {len(plan.positions)} positions")
    output.show({"file": str(target), "positions": len(plan.positions)})


@click.command("export")
@click.option("--form", type=_FORMS, default="json", help="What is written; JSON by default.")
@click.option("--xdomea", type=_XDOMEA, default="4.0.0", help="Version of the message.")
@click.option("--recipient", default="Empfänger", help="Whom a message is for.")
@click.option("--out", type=NEW_FILE, help="Write to this file; standard output by default.")
@instance_options
def export(form: str, xdomea: str, recipient: str, *, out: Path | None, **options: Any) -> None:
    """Fetch the plan in force: as our JSON, as CSV for a spreadsheet, as xdomea message 0301."""
    instance = connect(**options)
    content = instance.fetch("/plan", form=form, xdomea=xdomea, recipient=recipient)
    if out:
        out.write_bytes(content)
        instance.say(f"{out}: {len(content)} bytes")
    else:
        click.echo(content, nl=False)


def given_file(file: Path) -> bytes:
    """The beginning of a file, one byte more than any plan has."""
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def sound_text(file: Path, content: bytes, output: Output) -> str:
    """Our JSON of a plan without faults; otherwise they are printed, also for the quiet, and the exit code is 1."""
    text, faults = forms.read(content)
    for fault in () if output.as_json else faults:
        click.echo(f"{file}:{fault.line}: {fault.sentence}")
    if faults:
        output.show({"file": str(file), "faults": [asdict(fault) for fault in faults]})
        raise click.exceptions.Exit(1)
    return text


def _answer_to(content: bytes, message: Message) -> str:
    """Message 0302 of the same exchange and version, back to whoever sent the plan."""
    head = xdomea_reading.received(content)
    if head is None:
        raise click.UsageError("Only a message of xdomea (0301) can be confirmed.")
    return confirmation(
        Message(
            created_at=message.created_at,
            version="3.1.0" if head.version == "3.1.0" else "4.0.0",
            recipient=head.sender or message.recipient,
            process=head.process,
        )
    )
