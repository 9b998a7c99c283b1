"""Questions and deliveries to the running instance."""

from pathlib import Path
from typing import Any

import click

from services.cli.client import Instance, connect, instance_options
from services.cli.words import WordsCommand, as_typed
from services.core.model.receipts import parse_receipt

MAIL_ENDINGS = {".eml", ".mail"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@instance_options
def send(files: tuple[Path, ...], **options: Any) -> None:
    """Deliver files: .eml as mails, everything else as scans."""
    instance = connect(**options)
    for file in files:
        answer = _deliver(instance, file)
        instance.show(answer)
        instance.say(f"{answer['receipt']}  {file.name}" + ("  (known already)" if answer["duplicate"] else ""))


@click.command()
@click.argument("receipt", required=False)
@instance_options
def status(receipt: str | None, **options: Any) -> None:
    """Tell where the document of a RECEIPT is, or how the instance is."""
    instance = connect(**options)
    if receipt is None:
        _overview(instance)
        return
    number = parse_receipt(receipt)
    if number is None:
        raise click.BadParameter("this is no receipt number: a character was misread or is missing")
    answer = instance.get(f"/receipts/{number}")
    instance.show(answer)
    instance.say(f"{answer['receipt']}: {answer['state']}" + (f" ({answer['reason']})" if answer["reason"] else ""))
    for step in answer["history"]:
        instance.say("  " + "  ".join(str(part) for part in _columns(step) if part))
    instance.say("  in the index" if answer["indexed"] else "  not in the index yet")


@click.command(cls=WordsCommand)
@click.argument("words", nargs=-1, required=True, callback=as_typed)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@instance_options
def search(words: tuple[str, ...], limit: int, **options: Any) -> None:
    """Find documents by WORDS. One with a minus before it excludes: `search Carport -Statik`."""
    instance = connect(**options)
    answer = instance.post("/search", {"q": " ".join(words), "limit": limit})
    instance.show(answer)
    instance.say(f"{answer['total']} found")
    for hit in answer["items"]:
        instance.say(f"{hit['document']}  {hit['state']:<12} {hit['title']}")


@click.command()
@instance_options
def check(**options: Any) -> None:
    """Look whether everything that the instance needs is there; exit 1 where something is not."""
    instance = connect(**options)
    answer = instance.get("/checks")
    instance.show(answer)
    for item in answer["items"]:
        instance.say(f"{'ok  ' if item['good'] else 'BAD '} {item['name']}: {item['text']}")
        if item["todo"]:
            instance.say(f"     {item['todo']}")
    if not all(item["good"] for item in answer["items"]):
        raise click.exceptions.Exit(1)


def _deliver(instance: Instance, file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        if file.suffix.lower() in MAIL_ENDINGS:
            return instance.upload("/mails", stream, {"Content-Type": "message/rfc822"})
        name = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in file.name)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/octet-stream"}
        return instance.upload("/scans", stream, headers)


def _overview(instance: Instance) -> None:
    answer = instance.get("/overview")
    instance.show(answer)
    for state, count in sorted(answer["documents"].items()):
        instance.say(f"{state:<12} {count}")
    for name, good in answer["ports"].items():
        instance.say(f"{name:<12} {'ready' if good else 'not ready'}")
    for queue in answer["flow"]["queues"]:
        waiting = "?" if queue["waiting"] < 0 else queue["waiting"] + queue["replays"]
        instance.say(f"{queue['service']:<15} {waiting} waiting, {queue['dead']} dead")
    for name, code in answer["red"].items():
        instance.say(f"{name:<12} stopped: {code}")
    for name, text in answer["faults"].items():
        instance.say(f"{name:<12} {text}")
    for one in answer["processes"]:
        state = "silent" if one["silent"] else "ready" if one["ready"] else "not ready"
        instance.say(f"{'+'.join(one['services'])} at {one['process']}: {state}")


def _columns(step: dict[str, Any]) -> list[str]:
    entry = f"-{step['entry']:03d}" if step["entry"] else ""
    place = f"{step['file']}{entry}" if step["file"] else step["position"]
    return [str(step["at"])[:19].replace("T", " "), step["stage"], step["code"], place, step["office"], step["actor"]]
