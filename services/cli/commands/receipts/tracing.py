"""Why something is not found."""

from typing import Any

import click

from services.cli.client import connect, instance_options
from services.core import catalogue


@click.command("why")
@click.argument("reference", metavar="RECEIPT|MESSAGE-ID|SHA-256")
@click.option("--account", default="", help="Ask for this account: also says where it lacks the right to see it.")
@instance_options
def why(reference: str, account: str, **options: Any) -> None:
    """Tell why something cannot be found.

    It never came, waits, has a problem, was erased or set aside, or may be seen by others only. Exit code 1 where
    nothing is known that the key may know of.
    """
    instance = connect(**options)
    answer = instance.get("/traces", of=reference, account=account)
    instance.show(answer)
    for item in answer["items"]:
        instance.say(f"{item['receipt'] or item['document']}: {item['sentence']}")
        for fact in _facts(item):
            instance.say(f"  {fact}")
    if not answer["items"]:
        instance.say(catalogue.trace("not_received", language="en"))
        raise click.exceptions.Exit(1)


def _facts(item: dict[str, Any]) -> list[str]:
    texts = {
        "since": str(item["since"])[:19].replace("T", " "),
        "service": item["service"],
        "offices": ", ".join(item["offices"]),
        "problems": ", ".join(catalogue.text(code, "en") for code in item["problems"]),
        "given up because": catalogue.death(item["error_code"], "en") if item["error_code"] else "",
        "document": item["document"] if item["findable"] else "",
    }
    return [f"{name}: {text}" for name, text in texts.items() if text]
