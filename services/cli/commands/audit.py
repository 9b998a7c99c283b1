"""The audit log of looks at protected documents."""

from typing import Any

import click

from services.cli.client import Instance, connect, instance_options

NAMED = 50
AT_ONCE = 5_000
"""Entries that one request verifies."""
BEGINNING = "0" * 64


@click.group()
def audit() -> None:
    """Who looked at protected documents (level 3)."""


@audit.command("verify")
@click.option("--expect", default="", metavar="NUMBER:SHA256", help="An end that was printed earlier has to be in it.")
@instance_options
def verify(expect: str, **options: Any) -> None:
    """Verify the chain from its first entry to its last one.

    Exit code 1 where an entry is missing or was changed. It prints number and hash of the last entry: noted down
    outside of the mail room, `--expect` proves with them later that the whole log was not written anew.
    """
    noted = _noted(expect)
    instance = connect(**options)
    number, sha256, faults = _looked_through(instance, noted)
    if noted and number < noted[0]:
        faults.append({"number": noted[0], "fault": "missing"})
    instance.show({"entries": number, "sha256": sha256, "faults": faults})
    for one in faults[:NAMED]:
        instance.say(f"entry {one['number']}: {one['fault']}")
    instance.say(f"{number} entries, the last one {number}:{sha256}")
    if faults:
        raise click.exceptions.Exit(1)


def _noted(expect: str) -> tuple[int, str] | None:
    number, _, sha256 = expect.partition(":")
    if expect and not (number.isdecimal() and len(sha256) == len(BEGINNING)):
        raise click.BadParameter("this is no number and hash, as this command prints them", param_hint="--expect")
    return (int(number), sha256) if expect else None


def _looked_through(instance: Instance, noted: tuple[int, str] | None) -> tuple[int, str, list[dict[str, Any]]]:
    """The last entry, and all faults; piece by piece, one of which ends at the entry that was noted."""
    number, sha256, whole = 0, BEGINNING, False
    faults: list[dict[str, Any]] = []
    while not whole:
        ahead = noted[0] - number if noted and noted[0] > number else AT_ONCE
        asked = {"number": str(number), "sha256": sha256, "limit": str(min(ahead, AT_ONCE))}
        answer = instance.get("/audit/verification", **asked)
        number, sha256, whole = answer["number"], answer["sha256"], answer["whole"]
        faults += answer["faults"]
        if noted and number == noted[0] and sha256 != noted[1]:
            faults.append({"number": number, "fault": "not what was noted"})
    return number, sha256, faults
