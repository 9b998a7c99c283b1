"""What waits for a clerk: listed, and filed from the command line."""

import re
import time
from typing import Any

import click

from services.cli.client import Instance, connect, instance_options

PATIENCE_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.2


@click.group()
def clearing() -> None:
    """What waits for a clerk (the Posteingang)."""


@clearing.command("list")
@click.option("--office", default="", help="Only what waits with this office.")
@click.option("--reason", default="", help="Only what waits for this reason, such as unsure.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100))
@click.option("--cursor", default="", help="Where the page before ended.")
@instance_options
def list_(office: str, reason: str, *, limit: int, cursor: str, **options: Any) -> None:
    """Print what waits, oldest first."""
    instance = connect(**options)
    answer = instance.get("/clearing", office=office, reason=reason, limit=str(limit), cursor=cursor)
    instance.show(answer)
    instance.say(f"{answer['total']} waiting")
    for hit in answer["items"]:
        came = str(hit["received_at"])[:16].replace("T", " ")
        instance.say(f"{hit['document']}  {came}  {hit['reason']:<15} {hit['title']}")
    if answer["next"]:
        instance.say(f"there is more: --cursor {answer['next']}")


@clearing.command("file")
@click.argument("document")
@click.option("--file", "file", default="", help="An existing file by its number, such as 52.10.02/17-2026.")
@click.option("--position", default="", help="A position of the plan, at which a new file is opened.")
@click.option("--case", default="", help="The Vorgang of the file that it shall lie in: its number, or new.")
@instance_options
def file_(document: str, file: str, position: str, case: str, **options: Any) -> None:
    """File DOCUMENT into an existing file or a new one, and print its entry."""
    if bool(file) == bool(position):
        raise click.UsageError("say where to: --file or --position, and not both")
    if case not in ("", "new") and not re.fullmatch("[1-9][0-9]{0,5}", case):
        raise click.BadParameter("a number, or new", param_hint="--case")
    instance = connect(**options)
    seen = instance.get(f"/documents/{document}")
    wanted: dict[str, Any] = {"action": "file"} | ({"file": file} if file else {"position": position})
    wanted |= {"case": int(case) if case.isdigit() else case} if case else {}
    made = instance.post(f"/documents/{document}/decisions", wanted, {"If-Match": f'"{seen["version"]}"'})
    told = _settled(instance, document)
    if told["state"] != "filed":
        raise click.ClickException(f"the decision {made['decision']} is stored, its entry has not come yet")
    instance.show(told)
    known = {filing["label"] for filing in seen["filings"]}
    for filing in told["filings"]:
        if filing["label"] not in known:
            instance.say(f"{filing['label']}  {filing['case']}".rstrip())


def _settled(instance: Instance, document: str) -> dict[str, Any]:
    """The document once its decision has had its effect, or when patience ends."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        told = instance.get(f"/documents/{document}")
        if told["state"] != "filing" or time.monotonic() > until:
            return told
        time.sleep(LOOK_EVERY_SECONDS)
