"""What services gave up: listed, shown, and put before its services again."""

from collections.abc import Callable
from typing import Any

import click

from services.cli.client import connect, instance_options
from services.core.messages import topics

SERVICES = click.Choice(topics.DEAD_SERVICES)
_NAMES = ("service", "error_code", "topic", "code_version", "document", "from", "to")


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which dead letters are meant."""
    for option in (
        click.option("--to", default="", help="Died before this time, such as 2026-11-24T12:00."),
        click.option("--from", "from", default="", help="Died at this time or later."),
        click.option("--document", default="", help="The document that it was about."),
        click.option("--code-version", default="", help="The version of the program that gave it up."),
        click.option("--topic", default="", help="The topic that it lay on."),
        click.option("--code", "error_code", default="", help="Why it was given up, such as bug."),
        click.option("--service", type=SERVICES, help="The service that gave it up."),
    ):
        command = option(command)
    return command


@click.group()
def dead() -> None:
    """Dead letters: what a service gave up through a fault of ours."""


@dead.command("list")
@_filters
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200))
@click.option("--cursor", default="", help="Where the page before ended.")
@instance_options
def list_(limit: int, cursor: str, **options: Any) -> None:
    """Print what is dead now, newest first."""
    chosen = _chosen(options)
    instance = connect(**options)
    answer = instance.get("/dead-letters", **chosen, limit=str(limit), cursor=cursor)
    instance.show(answer)
    for item in answer["items"]:
        place = f"{item['service']:<15} {item['error_code']:<18} {item['document'] or 'no document'}"
        instance.say(f"{item['id']}  {str(item['died_at'])[:19].replace('T', ' ')}  {place}")
    if not answer["items"]:
        instance.say("nothing is dead")
    if answer["next"]:
        instance.say(f"there is more: --cursor {answer['next']}")


@dead.command("show")
@click.argument("letter")
@instance_options
def show(letter: str, **options: Any) -> None:
    """Print all that is known of one dead LETTER, and what to do about it."""
    instance = connect(**options)
    found = instance.get("/dead-letters", id=letter)["items"]
    if not found:
        raise click.ClickException(f"nothing that is dead now is called {letter}; it may have been worked off")
    for item in found:
        instance.show(item)
        for name in ("id", "event", "service", "document", "topic", "code_version", "died_at", "size_bytes"):
            instance.say(f"{name:<13} {item[name]}")
        instance.say(f"{'what':<13} {item['title']} ({item['error_code']})")
        instance.say(f"{'to do':<13} {item['advice']}")


@dead.command("replay")
@click.argument("letters", nargs=-1)
@_filters
@click.option("--all", "everything", is_flag=True, help="Everything that is dead; needed where nothing narrows.")
@click.option("--dry-run", is_flag=True, help="Only count what would be put before its service again.")
@instance_options
def replay(letters: tuple[str, ...], *, everything: bool, dry_run: bool, **options: Any) -> None:
    """Put LETTERS, or all that the filters mean, before their services again."""
    chosen = _chosen(options)
    if not (letters or chosen or everything):
        raise click.UsageError("say which ones: ids, a filter such as --service, or --all")
    instance = connect(**options)
    for one in letters or ("",):
        wanted = chosen | ({"id": one} if one else {})
        answer = instance.post("/dead-letters/replays", {"filter": wanted, "dry_run": dry_run})
        instance.show(answer)
        for group in answer["groups"]:
            instance.say(f"{group['count']:>6}  {group['service']}  {group['error_code']}")
        instance.say(f"{answer['count'] - answer['unreadable']} " + ("would be replayed" if dry_run else "replayed"))
        if answer["unreadable"]:
            instance.say(f"{answer['unreadable']} cannot be read by this version of the program and stay dead")


@dead.command("pass")
@click.argument("service", type=SERVICES)
@click.argument("event")
@instance_options
def pass_over(service: str, event: str, **options: Any) -> None:
    """Have SERVICE give EVENT up without a look, where it stops at it or waits for it in vain."""
    instance = connect(**options)
    answer = instance.post("/dead-letters/passed", {"service": service, "event": event})
    instance.show(answer)
    instance.say(f"{service} passes it over at its next look; one that is stopped has to be restarted")


def _chosen(options: dict[str, Any]) -> dict[str, str]:
    """The filters among the options, which go to the instance; the others stay."""
    return {name: value for name in _NAMES if (value := options.pop(name, ""))}
