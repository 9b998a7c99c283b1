"""Specialist procedures: which there are, and what each is given."""

import json
import time
from typing import Any

import click

from services.cli.client import Instance, connect, instance_options, where_not_found
from services.cli.commands.exchange.searches import procedure_search
from services.cli.commands.exchange.webhooks import webhook
from services.cli.errors import Refused
from services.core.errors import Rejected
from services.core.messages.procedures import NAME

LOOK_EVERY_SECONDS = 0.5


@click.group()
def procedure() -> None:
    """Specialist procedures (Fachverfahren) that take part."""


procedure.add_command(webhook)
procedure.add_command(procedure_search)


@procedure.command("add")
@click.argument("name")
@click.option("--position", "positions", multiple=True, help="Gets what is filed at or below it; may be repeated.")
@click.option("--office", "offices", multiple=True, help="Gets what is filed with this office; may be repeated.")
@click.option(
    "--invoices", is_flag=True, help="Is told of every electronic invoice, and given it wherever it is filed."
)
@click.option(
    "--answer-days", type=click.IntRange(0, 365), default=0, show_default=True, help="Answers within so many days."
)
@click.option("--owner", "office", default="poststelle", show_default=True, help="Office of what it submits.")
@click.option("--protection", type=click.IntRange(1, 3), help="Highest level of what it gets; else as positions need.")
@instance_options
def add(name: str, **options: Any) -> None:
    """Register a procedure, or change what it is given."""
    path = _path(name)
    fields = ("positions", "offices", "office", "protection", "invoices", "answer_days")
    body = {field: options.pop(field) for field in fields}
    instance = connect(**options)
    instance.show(instance.put(path, json.dumps(body).encode()))
    instance.say(f"{name} takes part. Make its key: poststelle key add {name} --procedure {name}")


@procedure.command("list")
@instance_options
def listed(**options: Any) -> None:
    """Print all procedures."""
    instance = connect(**options)
    answer = instance.get("/procedures")
    instance.show(answer)
    for item in answer["items"]:
        paused = "\tpaused" if item["paused_since"] else ""
        instance.say(f"{item['name']}\t{_given(item)}{paused}")


@procedure.command("show")
@click.argument("name")
@click.option("--starter", is_flag=True, help="Print the beginning of a settings file for the procedure's side.")
@instance_options
def show(name: str, *, starter: bool, **options: Any) -> None:
    """Print what a procedure is given, and how far the exchange with it is."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        answer = instance.get(_path(name))
    if starter:
        answer = {"name": name, "url": instance.url, "key_file": f"{name}.key", "folder": name}
        click.echo(json.dumps(answer, indent=2))
        return
    instance.show(answer)
    instance.say(f"gets\t{_given(answer)}")
    instance.say(f"office\t{answer['office']}")
    instance.say(f"level\t{answer['protection'] or 'any'}")
    instance.say(f"paused\t{answer['paused_since'] or 'no'}")
    instance.say(f"webhook\t{answer['webhook'] or 'none'}")
    instance.say(f"inbox\t{answer['lines']} lines, {answer['deliveries']} deliveries")
    oldest = f", the oldest of {answer['oldest_unanswered']}" if answer["unanswered"] else ""
    instance.say(f"unanswered\t{answer['unanswered']}{oldest}")
    instance.say(f"keys\t{' '.join(_keys(instance, name)) or 'none'}")


@procedure.command("deliveries")
@click.argument("name")
@click.option("--rejected", is_flag=True, help="Those that it rejected, with its reason.")
@instance_options
def deliveries(name: str, *, rejected: bool, **options: Any) -> None:
    """Print what a procedure has not answered, the oldest first."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        answer = instance.get(f"{_path(name)}/deliveries", state="rejected" if rejected else "unanswered")
    instance.show(answer)
    for item in answer["items"]:
        words = (item["delivered_at"], item["document"], item["file"], item["reason_code"] or "")
        instance.say("\t".join(words).rstrip())


@procedure.command("test")
@click.argument("name")
@click.option("--wait", type=click.IntRange(0, 3600), default=30, show_default=True, help="Seconds for its answer.")
@instance_options
def test(name: str, wait: int, **options: Any) -> None:
    """Send a procedure a test message, and wait until it has answered; ends with 1 where it has not."""
    instance = connect(**options)
    path, begun = f"{_path(name)}/tests", time.monotonic()
    with where_not_found(_nobody(name)):
        answer = instance.post(path, {})
    while not answer["answered"] and time.monotonic() - begun < wait:
        time.sleep(LOOK_EVERY_SECONDS)
        answer = instance.get(f"{path}/{answer['delivery']}")
    instance.show(answer)
    if not answer["answered"]:
        sentence = f"{name} has not answered the test {answer['delivery']} within {wait} s; it lies in its inbox"
        raise Refused(sentence, status=0)
    said = f"rejected it: {answer['reason_code']}" if answer["reason_code"] else "acknowledged it"
    instance.say(f"{name} {said}, after {time.monotonic() - begun:.1f} s")


@procedure.command("pause")
@click.argument("name")
@instance_options
def pause(name: str, **options: Any) -> None:
    """Tell a procedure nothing and take nothing from it until it is resumed; what is filed with it waits."""
    _act(name, "pause", f"{name} is paused.", **options)


@procedure.command("resume")
@click.argument("name")
@instance_options
def resume(name: str, **options: Any) -> None:
    """Take up the exchange again; what waited is told first."""
    _act(name, "resume", f"{name} takes part again.", **options)


@procedure.command("replay")
@click.argument("name")
@click.option("--since", required=True, help="From when on: RFC 3339 with offset, such as 2026-11-01T00:00:00+01:00.")
@instance_options
def replay(name: str, since: str, **options: Any) -> None:
    """Tell a procedure on Kafka once more what it was told since then, under the same ids."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        answer = instance.post(f"{_path(name)}/replays", {"since": since})
    instance.show(answer)
    told = answer["last"] - answer["first"] + 1 if answer["last"] else 0
    instance.say(f"{told} events were told again.")


@procedure.command("rotate-key")
@click.argument("name")
@click.option("--keep-old", is_flag=True, help="The old keys go on until you end them by `poststelle key revoke`.")
@instance_options
def rotate_key(name: str, *, keep_old: bool, **options: Any) -> None:
    """Make a new key for a procedure, print it once, and end all others that speak for it."""
    instance = connect(**options)
    old = _keys(instance, name)
    answer = instance.post("/keys", {"source": name, "rights": ["procedure"], "procedure": name})
    instance.show(answer)
    instance.say(answer["key"])
    for key_id in () if keep_old else old:
        instance.post("/keys/revocations", {"id": key_id})


@procedure.command("remove")
@click.argument("name")
@instance_options
def remove(name: str, **options: Any) -> None:
    """Let a procedure take part no more and end its keys; what was exchanged stays in the store."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        instance.put(_path(name), b"", method="DELETE")
    for key_id in _keys(instance, name):
        instance.post("/keys/revocations", {"id": key_id})
    instance.show({"name": name, "removed": True})
    instance.say(f"{name} takes part no more. On Kafka: poststelle rights withdraw --procedure {name}")


def _act(name: str, what: str, said: str, **options: Any) -> None:
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        instance.show(instance.post(f"{_path(name)}/{what}", {}))
    instance.say(said)


def _given(item: dict[str, Any]) -> str:
    return " ".join([*item["positions"], *item["offices"], *(["invoices"] if item["invoices"] else [])]) or "nothing"


def _path(name: str) -> str:
    if not NAME.fullmatch(name):  # the name is part of an address: one with a slash leads elsewhere
        raise Rejected("bad_name")
    return f"/procedures/{name}"


def _keys(instance: Instance, name: str) -> list[str]:
    items = instance.get("/keys")["items"]
    return [item["id"] for item in items if item["procedure"] == name and not item["revoked"]]


def _nobody(name: str) -> str:
    return f"no procedure has the name {name}; `poststelle procedure list` shows the names"
