"""Books that agree: everything compared, and the balance of each day."""

from datetime import datetime
from typing import Any

import click

from services.cli.client import Instance, connect, instance_options

NAMED = 50
_TEXTS = {
    "ledger_row": "were in the store and not in the ledger: written into it",
    "ledger_state": "stood otherwise in the ledger: put right",
    "index_entry": "were not in the index as they are: told anew",
    "event_skipped": "stood still because an event was lost: told anew",
    "original_damaged": "have an original that is missing or not what was stored",
    "receipt_lost": "have receipts that the ledger knows and the store has no more",
    "record_lost": "have lost a part of their record",
    "record_unreadable": "have a record that cannot be read",
    "given_up": "were given up by a service (`poststelle dead list`)",
}
_COLUMNS = (
    "received",
    "booked",
    "extracted",
    "classified",
    "filed",
    "held",
    "set_aside",
    "erased",
    "under_way",
    "astray",
)


@click.command()
@click.option("--quick", is_flag=True, help="Only look whether each original is there; do not read it.")
@instance_options
def reconcile(*, quick: bool, **options: Any) -> None:
    """Compare store, ledger, index and originals, while the instance runs.

    What is derived is healed, the rest is named by receipt. Exit code 1 where anything differed, healed or not: once
    more, and it is 0 when all was healed.
    """
    instance = connect(**options)
    answer: dict[str, Any] = {"running": True, "failed": ""}
    for answer in instance.listen(f"/reconciliations?originals={'false' if quick else 'true'}"):
        if answer["running"]:
            instance.say(f"{answer['done']} documents compared", err=True)
    if answer["running"] or answer["failed"]:
        raise click.ClickException(f"the comparison ended early: {answer['failed'] or 'its process ended'}")
    instance.show(answer)
    _tell(instance, answer)
    if not answer["agrees"]:
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only this day (UTC), line by line.")
@click.option("--verify", is_flag=True, help="Exit code 1 where a day is missing, was changed or does not balance.")
@instance_options
def balance(day: datetime | None, *, verify: bool, **options: Any) -> None:
    """Print the balance of each day that is over: whether every receipt is in exactly one place."""
    instance = connect(**options)
    answer = instance.get(f"/balances/{day:%Y-%m-%d}" if day else "/balances")
    instance.show(answer)
    days, faults = ([answer], []) if day else (answer["items"], answer["faults"])
    for one in days:
        sums = {name: sum(line[name] for line in one["lines"]) for name in _COLUMNS}
        rest = f", {one['uncaptured']} uncaptured" + ("" if one["closed"] else "  (not closed)")
        instance.say(f"{one['day']}  {_balances(one)}  {_numbers(sums)}{rest}")
        for line in one["lines"] if day else ():
            place = f"{line['channel']} {line['source']} {line['office']}"
            instance.say(f"  {place}: {_balances(line)}  {_numbers(line)}")
    for fault in faults:
        instance.say(f"{fault['day']}  {fault['fault']}")
    if not day:
        instance.say(f"chain up to {answer['head_sha256'] or 'nothing'}: {'broken' if faults else 'whole'}")
    if verify and (faults or not all(one["balances"] for one in days)):
        raise click.exceptions.Exit(1)


def _balances(one: dict[str, Any]) -> str:
    return "balances" if one["balances"] else "DOES NOT BALANCE"


def _numbers(numbers: dict[str, Any]) -> str:
    return ", ".join(f"{numbers[name]} {name}" for name in _COLUMNS)


def _tell(instance: Instance, answer: dict[str, Any]) -> None:
    instance.say(f"{answer['done']} documents, {answer['receipts']} receipts, {answer['under_way']} under way")
    for fault, count in sorted(answer["counts"].items()):
        instance.say(f"{count} {_TEXTS[fault]}")
    for one in answer["differences"][:NAMED]:
        instance.say(f"  {one['fault']} {one['document']} {' '.join(one['receipts'])} {one['service']}".rstrip())
    if len(answer["differences"]) > NAMED:
        instance.say("  and more: `books_differ` in the log names all of them")
    if answer["agrees"]:
        instance.say("they agree")
