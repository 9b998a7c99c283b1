"""Backup and restore of the data folder, beside a running instance or without one."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from services import settings as settings_page
from services import stack
from services.cli.output import Output, output_options
from services.core.errors import Misconfigured
from services.runtime.operations.backups.backup import Tally, back_up, remove_all_but
from services.runtime.operations.backups.folder import BackupFault
from services.runtime.operations.backups.restore import newest_of
from services.runtime.operations.backups.restore import restore as restore_into
from services.runtime.operations.backups.restore import verify as verify_backup
from services.settings import Settings

SAYS_EVERY_S = 2.0
MB = 1_000_000
_MOST_NAMED = 3


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), help="Remove the oldest backups beyond this number.")
@click.option("--quick", is_flag=True, help="Do not read originals again that an earlier backup there has.")
@output_options
def backup(folder: Path, *, keep: int | None, quick: bool, **how: bool) -> None:
    """Back up the data folder into a new folder below FOLDER, while the instance runs.

    What an earlier backup there holds already is linked to it, not copied again. Every original is compared with what
    was stored: exit code 1 where one is damaged. The backup is made all the same, and holds an earlier good copy.
    """
    settings = _embedded()
    output = Output(**how)
    said = _Progress("saved", output)
    try:
        made, tally = back_up(
            settings.storage.folder, folder, open_log=stack.open_log_snapshot, tell=said, compare=not quick
        )
        removed = remove_all_but(folder, keep) if keep and not _lost(tally) else []
    except BackupFault as error:
        raise click.ClickException(str(error)) from error
    for old in removed:
        output.say(f"removed {old}")
    output.say(f"{made}: {tally.files} files, {tally.bytes / MB:.1f} MB ({tally.new_bytes / MB:.1f} MB new)")
    output.show({"backup": str(made), **asdict(tally), "removed": [str(old) for old in removed]})
    if tally.damaged:
        raise click.ClickException(_damage(tally))


@click.command()
@click.argument("backup", metavar="BACKUP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Only compare every file with the manifest; nothing is written.")
@output_options
def restore(backup: Path, *, verify: bool, **how: bool) -> None:
    """Restore BACKUP, or the newest one in that folder, into the empty data folder of the settings."""
    data = _embedded().storage.folder
    output = Output(**how)
    said = _Progress("verified" if verify else "restored", output)
    try:
        chosen = newest_of(backup)
        tally = verify_backup(chosen, tell=said) if verify else restore_into(chosen, data, tell=said)
    except BackupFault as error:
        raise click.ClickException(str(error)) from error
    rate = tally.bytes / MB / max(said.seconds, 0.001)
    output.say(f"{chosen}: {tally.files} files, {tally.bytes / MB:.1f} MB as written, {rate:.0f} MB/s")
    output.show(
        {"backup": str(chosen), "files": tally.files, "bytes": tally.bytes, "folder": None if verify else str(data)}
    )
    if not verify:
        output.say(f"{data} is whole. `poststelle run` starts on it; index and ledger fill themselves.")


def _lost(tally: Tally) -> bool:
    """Whether an original is damaged of which this backup has no good copy: an older one may have it, so none goes."""
    return len(tally.damaged) > tally.spared


def _damage(tally: Tally) -> str:
    named = ", ".join(tally.damaged[:_MOST_NAMED])
    text = f"{len(tally.damaged)} originals are missing or not what was stored ({named})"
    if _lost(tally):
        return f"{text}; look for good copies in older backups, none of which was removed."
    return f"{text}; the backup holds a good copy of each, below content/."


class _Progress:
    """A line every few seconds."""

    def __init__(self, word: str, output: Output) -> None:
        self._word = word
        self._output = output
        self._began = self._said = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, tally: Tally) -> None:
        now = time.monotonic()
        if now - self._said > SAYS_EVERY_S:
            self._said = now
            self._output.say(f"{self._word}: {tally.files} files, {tally.bytes / MB:.0f} MB", err=True)


def _embedded() -> Settings:
    settings = settings_page.load()
    if settings.stack != "embedded":
        raise Misconfigured("setting stack: log and store of this stack are backed up by their own servers' means")
    return settings
