"""Documents in which malware was found: listed, looked at once more, unsealed."""

from typing import Any

import click

from services.cli.client import connect, instance_options


@click.group()
def sealed() -> None:
    """Sealed documents: malware was found in them, and nobody is given anything of them."""


@sealed.command("list")
@click.option("--cursor", default="", help="Where the page before ended.")
@instance_options
def list_(cursor: str, **options: Any) -> None:
    """Print what is sealed now, newest first, and how the scanner found it last."""
    instance = connect(**options)
    answer = instance.get("/sealed", cursor=cursor)
    instance.show(answer)
    for item in answer["items"]:
        rest = "  (unsealed, not read yet)" if item["released"] else _look(item)
        arrived = str(item["received_at"])[:19].replace("T", " ")
        instance.say(f"{item['document']}  {arrived}  {item['receipts'][0]}  {item['source']}{rest}")
    if not answer["items"]:
        instance.say("nothing is sealed")
    if answer["next"]:
        instance.say(f"there is more: --cursor {answer['next']}")


def _look(item: dict[str, Any]) -> str:
    """When the scanner looked last, with what, and what it found."""
    if not item["rescanned_at"]:
        return ""
    when = str(item["rescanned_at"])[:19].replace("T", " ")
    told = (item["outcome"], item["found"], f"at {when} by {item['signatures']}")
    return "  " + " ".join(filter(None, told))


@sealed.command("rescan")
@click.argument("document")
@instance_options
def rescan(document: str, **options: Any) -> None:
    """Have DOCUMENT scanned with the signatures of today; where nothing is found, it is unsealed and read.

    Exit code 1 where the scanner still finds something.
    """
    _unseal(document, "", options)


@sealed.command("release")
@click.argument("document")
@click.option("--reason", required=True, help="Why it is a false alarm; kept in the record with your account.")
@instance_options
def release(document: str, reason: str, **options: Any) -> None:
    """Unseal DOCUMENT for a reason, whatever the scanner says, and have it read."""
    if not reason.strip():
        raise click.UsageError("a reason, please")
    _unseal(document, reason, options)


def _unseal(document: str, reason: str, options: dict[str, Any]) -> None:
    instance = connect(**options)
    answer = instance.post(f"/documents/{document}/unsealing", {"reason": reason})
    instance.show(answer)
    instance.say(f"{document} is unsealed and is read")
