"""Users and rights on the servers of a city: shown, applied by an administrator, and compared."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from services import settings as settings_page
from services import stack
from services.core.errors import Misconfigured
from services.core.messages import log_rights, topics
from services.core.messages.procedures import NAME
from services.core.ports import store_rights
from services.runtime.operations import instance_folder
from services.settings import Settings

LOG_PASSWORD, STORE_KEY, STORE_SECRET = "kafka_password", "s3_access_key", "s3_secret_key"
"""What lies in a user's folder below that of the secrets."""


LogUsers = Iterator[tuple[str, frozenset[log_rights.TopicRight]]]
StoreUsers = Iterator[tuple[str, frozenset[store_rights.BucketRight]]]
Processes = dict[str, tuple[str, ...]]
"""Users of processes that run several services, by their names, and those services."""
_NAME = re.compile(r"[a-z][a-z0-9_]{2,31}")


def _read_processes(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> Processes:
    found: Processes = {}
    for text in given:
        name, _sign, services = text.partition("=")
        if not _NAME.fullmatch(name) or name in store_rights.users():
            raise click.BadParameter("a process needs a name of its own, of small letters, digits and _")
        found[name] = tuple(services.split(","))
        if not set(found[name]) <= set(log_rights.users()):
            raise click.BadParameter(f"what {name} runs are no services: {services or 'none is named'}")
    return found


def _choices(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--only", type=click.Choice(["log", "store"]), help="Only the log, or only the store."),
        click.option(
            "--process",
            "processes",
            multiple=True,
            callback=_read_processes,
            metavar="NAME=SERVICE,…",
            help="A user for a process that runs some services together.",
        ),
        click.option(
            "--procedure", "procedures", multiple=True, help="A procedure that reads and writes Kafka itself."
        ),
    ):
        command = option(command)
    return command


@click.group()
def rights() -> None:
    """Users and rights on Kafka and S3: one for each service, one that runs all, one for each procedure."""


@rights.command("show")
@click.argument("user", required=False)
def show(user: str | None) -> None:
    """Print what USER may do, for those who grant it by other means; all users where none is named.

    `procedures.NAME` is the user of the specialist procedure NAME: its two topics, and the consumer groups it may join.
    """
    settings = settings_page.load()
    users = dict.fromkeys((*log_rights.users(), *store_rights.users()))
    procedure = _procedure_of(user or "")
    if user and user not in users and not procedure:
        known = f"{', '.join(users)}, and procedures.NAME for a procedure"
        raise click.BadParameter(f"there is no user {user}; there are: {known}")
    if procedure:
        rights = {user: _rights_of_procedure(procedure, settings)}
    else:
        rights = {name: _rights_of(name, settings) for name in ([user] if user else users)}
    click.echo(json.dumps(rights, indent=2))


@rights.command("apply")
@click.option("--secrets", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@_choices
def apply(folder: Path, only: str | None, procedures: tuple[str, ...], processes: Processes) -> None:
    """Make buckets, users and rights, as the administrator whom the settings name. Safe to repeat.

    Passwords lie below the folder of the secrets, one folder a user; those that are missing are made.
    """
    settings = _city()
    if only != "store":
        _apply_log(settings, folder, _log_users(procedures, processes))
    if only != "log":
        _apply_store(settings, folder, _store_users(settings, processes))


@rights.command("check")
@_choices
def check(only: str | None, procedures: tuple[str, ...], processes: Processes) -> None:
    """Compare the servers' rights with ours; 1 where they differ."""
    settings = _city()
    differing = [*(_differing_log(settings, _log_users(procedures, processes)) if only != "store" else ())]
    differing += _differing_store(settings, _store_users(settings, processes)) if only != "log" else ()
    for line in differing:
        click.echo(line)
    if differing:
        raise click.ClickException("rights differ; `poststelle rights apply` mends it")
    click.echo("all users have their rights, and no others")


@rights.command("withdraw")
@click.option("--procedure", "procedures", multiple=True, required=True, help="A procedure that takes part no more.")
def withdraw(procedures: tuple[str, ...]) -> None:
    """Take user, password and rights on the brokers from procedures; their topics stay until they are worked off."""
    settings = _city()
    grants = stack.open_grants(settings)
    for name in procedures:
        user = log_rights.user_of_procedure(name)
        click.echo(f"log: {settings.prefix}{user}: {grants.remove(user)} rights went, and the password")


def _apply_log(settings: Settings, folder: Path, users: LogUsers) -> None:
    grants = stack.open_grants(settings)
    for user, wanted in users:
        grants.set_password(user, _secret(folder / user / LOG_PASSWORD))
        came, went = grants.apply(user, wanted)
        click.echo(f"log: {settings.prefix}{user}: {came} rights came, {went} went")


def _apply_store(settings: Settings, folder: Path, users: StoreUsers) -> None:
    keyring = stack.open_keyring(settings, make=True)
    click.echo("store: buckets are there")
    for user, wanted in users:
        _name(folder / user / STORE_KEY, keyring.access_key(user))
        keyring.apply(user, _secret(folder / user / STORE_SECRET), wanted)
        click.echo(f"store: {keyring.access_key(user)}: has its rights")


def _differing_log(settings: Settings, users: LogUsers) -> Iterator[str]:
    grants = stack.open_grants(settings)
    for user, wanted in users:
        missing, spare = grants.differences(user, wanted)
        if missing or spare:
            yield f"log: {settings.prefix}{user}: {missing} rights are missing, {spare} are too many"


def _differing_store(settings: Settings, users: StoreUsers) -> Iterator[str]:
    keyring = stack.open_keyring(settings, make=False)
    for user, wanted in users:
        if keyring.differs(user, wanted):
            yield f"store: {keyring.access_key(user)}: is missing, or has other rights"


def _log_users(procedures: tuple[str, ...], processes: Processes) -> LogUsers:
    for user in log_rights.users():
        yield user, log_rights.rights_of(user)
    for name, services in processes.items():
        yield name, log_rights.rights_of_all(services)
    for name in procedures:
        yield log_rights.user_of_procedure(name), log_rights.rights_of_procedure(name)


def _store_users(settings: Settings, processes: Processes) -> StoreUsers:
    legal_hold = settings.s3.legal_hold
    for user in store_rights.users():
        yield user, store_rights.rights_of(user, legal_hold=legal_hold)
    for name, services in processes.items():
        yield name, store_rights.rights_of_all(services, legal_hold=legal_hold)


def _rights_of(user: str, settings: Settings) -> dict[str, Any]:
    rights: dict[str, Any] = {}
    if user in log_rights.users():
        rights["log"] = [right._asdict() for right in sorted(log_rights.rights_of(user))]
    if user in store_rights.users():
        wanted = store_rights.rights_of(user, legal_hold=settings.s3.legal_hold)
        rights["store"] = stack.store_policy(settings, wanted)
    return rights


def _procedure_of(user: str) -> str:
    """The procedure whose user this is; empty for a service's."""
    name = user.removeprefix(log_rights.EVERY_PROCEDURE)
    return name if user.startswith(log_rights.EVERY_PROCEDURE) and NAME.fullmatch(name) else ""


def _rights_of_procedure(name: str, settings: Settings) -> dict[str, Any]:
    """What an integrator sets its client up by, under the names that the broker knows."""
    user, prefix = f"{settings.prefix}{log_rights.user_of_procedure(name)}", settings.prefix
    return {
        "username": user,
        "reads": f"{prefix}{topics.inbox_of(name)}",
        "writes": f"{prefix}{topics.outbox_of(name)}",
        "groups": [user, f"{user}.*"],
        "log": [right._asdict() for right in sorted(log_rights.rights_of_procedure(name))],
    }


def folder_of(folder: Path, user: str) -> Path:
    """The folder of one user's secrets, readable by us alone."""
    made = folder / user
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def _secret(file: Path) -> str:
    """What lies there, or a fresh one that lies there from now on."""
    if not file.exists():
        folder_of(file.parent.parent, file.parent.name)
        instance_folder.write_secret(file, secrets.token_urlsafe(24))
    return instance_folder.read_secret(file, setting="--secrets")


def _name(file: Path, name: str) -> None:
    """Let the file say the name; one that does is not written, so that it may lie where we only read."""
    if not file.exists() or instance_folder.read_secret(file, setting="--secrets") != name:
        instance_folder.write_secret(folder_of(file.parent.parent, file.parent.name) / file.name, name)


def _city() -> Settings:
    settings = settings_page.load()
    if settings.stack != "kafka":
        raise Misconfigured("setting stack: the embedded stack has no servers, and so no users there")
    return settings
