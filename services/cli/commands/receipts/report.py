"""What came, how long it took and what is open: figures of a period, on the screen or as files to pass on."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.cli.client import connect, instance_options

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])
_HOUR = 3600.0


@click.command()
@click.option("--from", "since", type=_DAY, help="First day; the first of the month eleven months ago by default.")
@click.option("--to", "until", type=_DAY, help="Last day; today by default.")
@click.option("--csv", "table", type=_FILE, help="Also write the table to this file.")
@click.option("--pdf", "paper", type=_FILE, help="Also write the German paper to this file.")
@instance_options
def report(
    since: datetime | None, until: datetime | None, *, table: Path | None, paper: Path | None, **options: Any
) -> None:
    """Print volumes, times from receipt to filed, what is open and late, and corrections, of a period."""
    instance = connect(**options)
    days = {name: f"{day:%Y-%m-%d}" for name, day in (("from", since), ("to", until)) if day}
    answer = instance.get("/reports", **days)
    for file, path in ((table, "/reports/table"), (paper, "/reports/paper")):
        if file:
            file.write_bytes(instance.fetch(path, **days))
    instance.show(answer)
    instance.say(f"{answer['since']} to {answer['until']}: {answer['received']} receipts {_counts(answer['channels'])}")
    instance.say(f"filed {_passage(answer['passage'])}")
    instance.say(f"open {answer['open']}, of them {answer['late']} late; oldest {_oldest(answer['oldest'])}")
    instance.say(f"corrected {answer['corrected']} of {answer['automatic']} filed without a clerk")
    for office in answer["offices"]:
        instance.say(f"  {office['office']}: {office['received']} received, filed {_passage(office)}, {_open(office)}")


def _counts(channels: dict[str, int]) -> str:
    return "(" + ", ".join(f"{count} {name}" for name, count in channels.items()) + ")"


def _passage(one: dict[str, Any]) -> str:
    if not one["filed"]:
        return "0"
    return f"{one['filed']}, median {one['median_s'] / _HOUR:.1f} h, 90 % within {one['p90_s'] / _HOUR:.1f} h"


def _open(office: dict[str, Any]) -> str:
    return f"{office['open']} open, {office['late']} late"


def _oldest(case: dict[str, Any] | None) -> str:
    return f"{case['receipt'] or case['document']} since {case['received_at']}" if case else "none"
