"""`poststelle import`: the count, then the mails, then the numbers."""

import time
from pathlib import Path
from typing import Any

import click

from services import settings as settings_page
from services.cli.client import Instance, connect, instance_options
from services.cli.importing.delivering import Delivery, Numbers
from services.cli.importing.journal import Journal, journal_of
from services.cli.importing.sources import items

SAYS_EVERY_S = 2.0
FOLDER = "imports"
"""In the data folder: where journals lie unless the command says otherwise."""
REASONS = {
    "cut": "the mbox ends in the middle of it",
    "empty": "empty",
    "no_mail": "no mail, mbox, PST or zip; of an Outlook archive: an address, a date, a task",
    "no_file": "no plain file",
    "pst_reader_missing": "Outlook archives need the package libpff-python: `pip install libpff-python`",
    "too_large": "too large",
    "too_deep": "archives in archives, too many levels",
    "too_many_parts": "more files than one archive may have",
    "bomb": "unpacks to far more than an honest archive",
    "encrypted": "locked by a password",
    "unsupported": "packed by a method that is not unpacked here",
    "broken": "the archive is damaged",
}


@click.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "recipient", default="", help="The mailbox it was for: its office sees the mails.")
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 32), help="Mails at one time.")
@click.option("--count", "only_count", is_flag=True, help="Only count what is there.")
@click.option("--journal", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where it notes each mail.")
@instance_options
def import_mail(
    source: Path, *, recipient: str, workers: int, only_count: bool, file: Path | None, **options: Any
) -> None:
    """Bring in SOURCE: an mbox, a Maildir, a folder of .eml and .msg, an Outlook archive (PST), or a zip of these.

    Interrupted, the same command goes on where it was. Each mail is a document of its own and keeps its folder. Exit
    code 1 where the numbers do not balance in the end, or anything was refused.
    """
    instance = connect(**options)
    numbers = Numbers(counted=sum(1 for _ in items(source)))
    instance.say(f"{numbers.counted} in {source}")
    if only_count:
        instance.show({"counted": numbers.counted})
        return
    journal = Journal(file or journal_of(source, settings_page.load().storage.folder / FOLDER))
    try:
        _deliver(instance, source, journal, numbers, recipient=recipient, workers=workers)
    finally:
        journal.close()
        _report(instance, numbers, journal.file)
    if not numbers.balance:
        raise click.ClickException(
            f"{numbers.counted} were counted, {numbers.done} were found: did {source} change meanwhile?"
        )
    if numbers.outcomes["refused"]:
        raise click.exceptions.Exit(1)


def _deliver(  # noqa: PLR0913  # what one run is made of
    instance: Instance, source: Path, journal: Journal, numbers: Numbers, *, recipient: str, workers: int
) -> None:
    began = said = time.monotonic()
    with instance.deliveries() as deliver:
        delivery = Delivery(deliver=deliver, journal=journal, recipient=recipient)
        for _ in delivery.all(items(source), numbers, workers=workers):
            now = time.monotonic()
            if now - said > SAYS_EVERY_S:
                said = now
                instance.say(progress(numbers, now - began), err=True)


def progress(numbers: Numbers, seconds: float) -> str:
    """How far it is, how fast, and how long it will take; what an earlier run did says nothing about that."""
    rate = (numbers.done - numbers.resumed) / max(seconds, 0.001)
    left = (numbers.counted - numbers.done) / rate if rate else 0.0
    share = 100 * numbers.done // max(numbers.counted, 1)
    remaining = f"{left / 60:.0f} min left" if rate else "no mail yet"
    return f"{numbers.done} of {numbers.counted} ({share} %), {rate:.0f} a second, {remaining}"


def _report(instance: Instance, numbers: Numbers, journal: Path) -> None:
    instance.show(
        {
            "counted": numbers.counted,
            "taken": numbers.outcomes["taken"],
            "known": numbers.outcomes["known"],
            "refused": numbers.outcomes["refused"],
            "reasons": dict(numbers.reasons),
            "resumed": numbers.resumed,
            "balances": numbers.balance,
            "journal": str(journal),
        }
    )
    taken, known, refused = (numbers.outcomes[outcome] for outcome in ("taken", "known", "refused"))
    instance.say(f"{numbers.counted} counted = {taken} taken + {known} known already + {refused} refused")
    for reason, count in sorted(numbers.reasons.items()):
        instance.say(f"  {count} {reason}: {REASONS.get(reason, 'refused by the mail room')}")
    instance.say(f"each of them with its receipt: {journal}")
