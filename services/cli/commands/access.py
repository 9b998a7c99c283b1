"""Accounts of people, deputies among them, and keys of machines."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.cli.client import connect, instance_options, where_not_found

RIGHTS = click.Choice(["deliver", "search", "decide", "administer", "audit"])
LEVEL = click.IntRange(1, 3)
SEEN = "The highest level of protection (Datenschutzstufe) that is seen."
WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
KEY_RIGHTS = click.Choice([*RIGHTS.choices, "procedure"])


@click.group()
def account() -> None:
    """People who work with the mail room."""


@account.command("add")
@click.argument("name")
@click.option("--right", "rights", multiple=True, type=RIGHTS, default=("search", "decide"), show_default=True)
@click.option("--office", "offices", multiple=True, help="Sees what belongs to this office; may be repeated.")
@click.option("--all-offices", is_flag=True, help="Sees everything (mail room, administrators).")
@click.option("--protection", type=LEVEL, help=f"{SEEN} Otherwise 2, and 3 for all offices.")
@instance_options
def add_account(name: str, **options: Any) -> None:
    """Make an account and print its one-time link."""
    body = {"name": name} | {field: options.pop(field) for field in ("rights", "offices", "all_offices", "protection")}
    instance = connect(**options)
    answer = instance.post("/accounts", body)
    instance.show(answer)
    instance.say(f"One-time link for {name}, good for 24 hours:\n{answer['link']}")


@account.command("reset")
@click.argument("name")
@instance_options
def reset_account(name: str, **options: Any) -> None:
    """End an account's sessions and print a new one-time link."""
    instance = connect(**options)
    with where_not_found(_nobody(name)):
        answer = instance.post("/accounts/resets", {"name": name})
    instance.show(answer)
    instance.say(f"One-time link for {name}, good for 24 hours:\n{answer['link']}")


@account.command("change")
@click.argument("name")
@click.option("--right", "rights", multiple=True, type=RIGHTS, help="The rights from now on; may be repeated.")
@click.option("--office", "offices", multiple=True, help="The offices from now on; may be repeated.")
@click.option("--all-offices/--some-offices", default=None, help="Whether all offices' documents are seen.")
@click.option("--protection", type=LEVEL, help=SEEN)
@click.option("--disable/--enable", "disabled", default=None, help="Sign the person out for good, or let them in.")
@instance_options
def change_account(name: str, **options: Any) -> None:
    """Change an account's rights, offices or standing; what is not named stays."""
    fields = {field: options.pop(field) for field in ("rights", "offices", "all_offices", "protection", "disabled")}
    instance = connect(**options)
    given = {field: value for field, value in fields.items() if value not in (None, ())}
    with where_not_found(_nobody(name)):
        answer = instance.post("/accounts/changes", {"name": name} | given)
    instance.show(answer)
    instance.say(_described(answer))


@account.command("list")
@instance_options
def list_accounts(**options: Any) -> None:
    """Print all accounts."""
    instance = connect(**options)
    answer = instance.get("/accounts")
    instance.show(answer)
    for item in answer["items"]:
        instance.say(_described(item))


@click.group()
def key() -> None:
    """Machines that deliver or search: gateways, scanners, procedures."""


@key.command("add")
@click.argument("source")
@click.option("--right", "rights", multiple=True, type=KEY_RIGHTS, default=("deliver",), show_default=True)
@click.option("--office", "offices", multiple=True, help="Sees what belongs to this office; may be repeated.")
@click.option("--all-offices", is_flag=True, help="Sees everything.")
@click.option("--protection", type=LEVEL, help=f"{SEEN} Otherwise 2, and 3 for all offices.")
@click.option("--procedure", help="Speaks for this specialist procedure and gets the right to, and no other.")
@click.option("--to-file", type=click.Path(path_type=Path), help="Write the key here instead of printing it.")
@instance_options
def add_key(source: str, to_file: Path | None, **options: Any) -> None:
    """Make a key for a machine; it is shown once."""
    named = ("rights", "offices", "all_offices", "protection", "procedure")
    body = {"source": source} | {field: options.pop(field) for field in named}
    if body["procedure"]:
        body["rights"] = ["procedure"]
    instance = connect(**options)
    with _taken(to_file) if to_file else contextlib.nullcontext():
        answer = instance.post("/keys", body)
        if to_file:
            to_file.write_text(answer["key"] + "\n", encoding="utf-8")
    if to_file:
        told = {"id": answer["id"], "file": str(to_file)}
        instance.show(told)
        instance.say(f"Key {answer['id']} written to {to_file}")
        return
    instance.show(answer)
    instance.say(answer["key"])


@key.command("change")
@click.argument("key_id")
@click.option("--protection", type=LEVEL, required=True, help=SEEN)
@instance_options
def change_key(key_id: str, *, protection: int, **options: Any) -> None:
    """Change how much a key sees; `poststelle key list` shows its KEY_ID."""
    instance = connect(**options)
    with where_not_found(f"no key has the id {key_id}; `poststelle key list` shows the ids"):
        answer = instance.post("/keys/changes", {"id": key_id, "protection": protection})
    instance.show(answer)
    instance.say(f"Key {key_id} sees level {protection}.")


@key.command("revoke")
@click.argument("key_id")
@instance_options
def revoke_key(key_id: str, **options: Any) -> None:
    """End a key at once; `poststelle key list` shows its KEY_ID."""
    instance = connect(**options)
    with where_not_found(f"no key has the id {key_id}; `poststelle key list` shows the ids"):
        answer = instance.post("/keys/revocations", {"id": key_id})
    instance.show(answer)
    instance.say(f"Key {key_id} is revoked.")


@key.command("list")
@instance_options
def list_keys(**options: Any) -> None:
    """Print all keys, without their secrets."""
    instance = connect(**options)
    answer = instance.get("/keys")
    instance.show(answer)
    for item in answer["items"]:
        instance.say(f"{item['id']}\t{item['source']}\t{', '.join(item['rights'])}")


@click.group()
def deputy() -> None:
    """People who act for somebody else for a time."""


@deputy.command("add")
@click.argument("name")
@click.option("--for", "represented", required=True, help="Whose documents are seen and decided meanwhile.")
@click.option(
    "--from", "begins_at", type=WHEN, help="Day or moment of the beginning, local time; at once if not named."
)
@click.option("--until", "ends_at", type=WHEN, required=True, help="The first day or moment after it, local time.")
@instance_options
def add_deputy(name: str, *, represented: str, begins_at: datetime | None, ends_at: datetime, **options: Any) -> None:
    """Let the account NAME act for another one, at most 366 days."""
    instance = connect(**options)
    body = {"deputy": name, "represented": represented, "ends_at": _moment(ends_at)}
    body |= {"begins_at": _moment(begins_at)} if begins_at else {}
    with where_not_found("no account has one of these names; `poststelle account list` shows the names"):
        answer = instance.post("/deputies", body)
    instance.show(answer)
    instance.say(_deputyship(answer))


@deputy.command("end")
@click.argument("deputyship_id")
@instance_options
def end_deputy(deputyship_id: str, **options: Any) -> None:
    """End a deputyship before its time; `poststelle deputy list` shows its DEPUTYSHIP_ID."""
    instance = connect(**options)
    with where_not_found(f"no deputyship has the id {deputyship_id}; `poststelle deputy list` shows the ids"):
        answer = instance.post("/deputies/endings", {"id": deputyship_id})
    instance.show(answer)
    instance.say(_deputyship(answer))


@deputy.command("list")
@instance_options
def list_deputies(**options: Any) -> None:
    """Print who acts, acted and will act for whom."""
    instance = connect(**options)
    answer = instance.get("/deputies")
    instance.show(answer)
    for item in answer["items"]:
        instance.say(_deputyship(item))


@contextlib.contextmanager
def _taken(file: Path) -> Iterator[None]:
    """The file is ours before a key is made: the one in an older file stays, and none is made that cannot be kept."""
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise click.BadParameter(f"{file} is there already; move it away, or name another file") from error
    except OSError as error:
        raise click.BadParameter(f"{file} cannot be written: {error.strerror}") from error
    try:
        yield
    except BaseException:
        file.unlink()
        raise


def _nobody(name: str) -> str:
    return f"no account has the name {name}; `poststelle account list` shows the names"


def _described(account: dict[str, Any]) -> str:
    offices = "all offices" if account["all_offices"] else ", ".join(account["offices"]) or "no office"
    standing = "\tdisabled" if account["disabled"] else ""
    level = f"level {account['protection']}" if account["protection"] else "any level"
    return f"{account['name']}\t{', '.join(account['rights'])}\t{offices}\t{level}{standing}"


def _moment(local: datetime) -> str:
    return local.astimezone().isoformat()


def _deputyship(one: dict[str, Any]) -> str:
    standing = "in force" if one["in_force"] else "not in force"
    return f"{one['id']}\t{one['deputy']}\tfor {one['represented']}\t{one['begins_at']} to {one['ends_at']}\t{standing}"
