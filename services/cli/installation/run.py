"""`poststelle run`: opens the mail room, prints where it is, and closes it in order."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from services import settings as settings_page
from services import stack
from services.cli.client import KEY_FILE
from services.cli.errors import BROKEN
from services.cli.installation.first_run import prepare
from services.cli.installation.http_server import HttpServer
from services.runtime.access.credentials import Access
from services.runtime.context import observing
from services.runtime.operations.heartbeats import Heart
from services.runtime.process import Process
from services.settings import Settings

LINGER = timedelta(seconds=30)
"""From the death of a loop to the end of the process: `/health/live` tells of it meanwhile, post is taken in, and a
fault that comes back at each start does not start hundreds of processes."""
_LOOP_DIED = "A loop has died (`loop_died` in the log): this process ends, so that a new one is started."


@click.command()
@click.argument("services", nargs=-1)
def run(services: tuple[str, ...]) -> None:
    """Run SERVICES in this process, all of them where none is named."""
    for name in services:
        if name not in stack.SERVICES:
            raise click.BadParameter(f"there is no service {name}; there are: {', '.join(stack.SERVICES)}")
    settings = settings_page.load()
    observing.set_up(settings.logging)
    with opened(settings, services) as there:
        _announce(there)
        asked = wait_for_stop(lambda: there.process.lives)
        click.echo("Stopping …" if asked else _LOOP_DIED, err=True)
    if not asked:
        raise click.exceptions.Exit(BROKEN)


@dataclass(frozen=True, slots=True)
class Opened:
    """A process whose listeners are open."""

    process: Process
    url: str
    link: str
    """The one-time link of the first account, where it was made just now."""


@contextlib.contextmanager
def opened(settings: Settings, names: Sequence[str] = ()) -> Iterator[Opened]:
    """Open the mail room with these services, all where none is named, and close it in order."""
    process = stack.open_process(settings, names, _tell)
    access = Access(
        process.configuration,
        log=process.ports.log,
        clock=process.ports.clock,
        secret=stack.session_secret(settings),
        main_office=settings.filing.office,
    )
    process.start()
    server, heart = HttpServer(process, access, settings), Heart(process)
    server.start()
    if settings.stack == "kafka":  # one process alone has nobody to tell
        heart.start()
    try:
        in_a_city = names and settings.stack == "kafka"  # there `poststelle prepare` was called once for all
        yield Opened(process, server.url, "" if in_a_city else prepare(settings, process, access, server.url))
    finally:
        server.stop()
        heart.stop()
        process.stop()
        stack.close_ports(process.ports)


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _announce(there: Opened) -> None:
    process, link = there.process, there.link
    click.echo(f"Poststelle answers at {there.url}")
    for line in process.intakes():
        click.echo(line)
    if link:
        click.echo(f"First account (administrator), one-time link, good for 24 hours:\n  {link}")
    settings = process.contexts[process.services[0].name].settings
    if settings.stack == "kafka" and any(map(stack.lives_once, process.services)):
        click.echo(f"The ledger is a file in {settings.storage.folder}: run it in this process only.")
    key_file = Path(settings.storage.folder) / KEY_FILE
    if key_file.exists():
        click.echo(f"The key for `poststelle` and curl lies in {key_file}. Ctrl-C stops.")


def wait_for_stop(lives: Callable[[], bool] = lambda: True) -> bool:
    """Until somebody presses Ctrl-C or sends SIGTERM; False where a loop has died, and a new process is needed."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return until_stopped(stop, lives)


def until_stopped(stop: threading.Event, lives: Callable[[], bool], *, linger: timedelta = LINGER) -> bool:
    """Whether it was stopped; a process in which a loop died goes on for a while, for it may still take post in."""
    while not stop.wait(0.5):
        if not lives():
            return stop.wait(linger.total_seconds())
    return True
