"""Index and ledger written anew by the running instance."""

from typing import Any

import click

from services.cli.client import Instance, connect, instance_options


@click.command()
@instance_options
def rebuild(**options: Any) -> None:
    """Write the index and the ledger anew from the store, while the instance runs; compare every original."""
    instance = connect(**options)
    index, ledger = (_heard(instance, name) for name in ("index", "ledger"))
    damaged = int(ledger.get("damaged", 0))
    instance.show({"index": index["done"], "ledger": ledger["done"], "damaged": damaged})
    instance.say(f"index: {index['done']} documents, ledger: {ledger['done']} documents")
    if damaged:
        raise click.ClickException(
            f"{damaged} originals are missing or not what was stored: `original_damaged` in the log"
        )


def rebuilt(instance: Instance, name: str) -> int:
    """Begin one and listen to its end; how many documents it read."""
    return int(_heard(instance, name)["done"])


def _heard(instance: Instance, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"running": True, "done": 0, "failed": ""}
    for answer in instance.listen(f"/rebuilds/{name}"):
        if answer["running"]:
            instance.say(f"{name}: {answer['done']} documents read")
    if answer["running"] or answer["failed"]:
        raise click.ClickException(f"the rebuild of the {name} ended early: {answer['failed'] or 'its process ended'}")
    return answer
