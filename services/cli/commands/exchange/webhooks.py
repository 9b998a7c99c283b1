"""Webhooks of specialist procedures: set, looked at, given another secret, sent again by hand, taken away."""

import json
from typing import Any

import click

from services.cli.client import Instance, connect, instance_options, where_not_found
from services.core import catalogue
from services.core.errors import Rejected
from services.core.messages.procedures import NAME


@click.group()
def webhook() -> None:
    """The webhook of a procedure: it is sent its inbox, line by line, instead of asking for it."""


@webhook.command("set")
@click.argument("name")
@click.argument("address")
@instance_options
def set_(name: str, address: str, **options: Any) -> None:
    """Send the inbox of a procedure to an address, from the next line on; prints the secret that signs, once."""
    instance = connect(**options)
    with where_not_found(f"no procedure has the name {name}; `poststelle procedure list` shows the names"):
        answer = instance.put(_path(name), json.dumps({"url": address}).encode())
    instance.show(answer)
    instance.say(answer["secret"] or f"{name} keeps its secret and goes on there.")


@webhook.command("show")
@click.argument("name")
@instance_options
def show(name: str, **options: Any) -> None:
    """Print how far a webhook was told, and what it would not take."""
    instance = connect(**options)
    with where_not_found(_none(name)):
        _print(instance, instance.get(_path(name)))


@webhook.command("resend")
@click.argument("name")
@click.option("--line", type=click.IntRange(1), help="From this line of the inbox on; else from the one not taken.")
@click.option("--pass-over", is_flag=True, help="Go on behind the line that was not taken; it stays in the inbox.")
@instance_options
def resend(name: str, *, line: int | None, pass_over: bool, **options: Any) -> None:
    """Send again at once, also to a webhook that is parked."""
    instance = connect(**options)
    with where_not_found(_none(name)):
        answer = instance.post(f"{_path(name)}/resends", {"line": line, "pass_over": pass_over})
    _print(instance, answer)


@webhook.command("rotate-secret")
@click.argument("name")
@click.option("--end-old", is_flag=True, help="The former one ends now; else it signs beside the new one for a day.")
@instance_options
def rotate_secret(name: str, *, end_old: bool, **options: Any) -> None:
    """Make another secret and print it once."""
    instance = connect(**options)
    with where_not_found(_none(name)):
        answer = instance.post(f"{_path(name)}/secrets", {"keep_old": not end_old})
    instance.show(answer)
    instance.say(answer["secret"])


@webhook.command("remove")
@click.argument("name")
@instance_options
def remove(name: str, **options: Any) -> None:
    """Send nothing more; what came stays in the inbox."""
    instance = connect(**options)
    with where_not_found(_none(name)):
        instance.put(_path(name), b"", method="DELETE")
    instance.show({"name": name, "removed": True})
    instance.say(f"{name} is sent nothing more; it asks for its inbox itself.")


def _print(instance: Instance, answer: dict[str, Any]) -> None:
    instance.show(answer)
    instance.say(f"address\t{answer['url']}")
    instance.say(f"taken\tup to line {answer['last_line']}, {answer['waiting']} wait")
    if answer["code"]:
        state = f"parked {answer['parked_at']}" if answer["parked_at"] else "tried again"
        sentence = catalogue.refusal(answer["code"], "en")
        instance.say(f"trouble\tsince {answer['trouble_since']}, {state}: {sentence} ({answer['code']})")


def _path(name: str) -> str:
    if not NAME.fullmatch(name):  # the name is part of an address: one with a slash leads elsewhere
        raise Rejected("bad_name")
    return f"/procedures/{name}/webhook"


def _none(name: str) -> str:
    return f"the procedure {name} has no webhook"
