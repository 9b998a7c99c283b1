"""Index and ledger written anew by the running instance."""

from typing import Any

import click

from services.cli.client import Instance, connect, instance_options


@click.command()
@instance_options
def rebuild(**options: Any) -> None:
    """Write the index and the ledger anew from the store, while the instance runs."""
    instance = connect(**options)
    done = {name: rebuilt(instance, name) for name in ("index", "ledger")}
    instance.show(done)
    instance.say(f"index: {done['index']} documents, ledger: {done['ledger']} documents")


def rebuilt(instance: Instance, name: str) -> int:
    """Begin one and listen to its end; how many documents it read."""
    answer: dict[str, Any] = {"running": True, "done": 0, "failed": ""}
    for answer in instance.listen(f"/rebuilds/{name}"):
        if answer["running"]:
            instance.say(f"{name}: {answer['done']} documents read")
    if answer["running"] or answer["failed"]:
        raise click.ClickException(f"the rebuild of the {name} ended early: {answer['failed'] or 'its process ended'}")
    return int(answer["done"])
