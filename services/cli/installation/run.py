"""`poststelle run`: opens the mail room, prints where it is, and closes it in order."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import uvicorn

from services import settings as settings_page
from services import stack
from services.cli.client import KEY_FILE
from services.cli.installation.first_run import prepare
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context import observing
from services.runtime.process import Process
from services.settings import Settings

KEPT_OPEN_SECONDS = 75
"""How long a silent connection stays. Proxies close theirs after 60; who closes last never resets a request."""


@click.command()
@click.argument("services", nargs=-1)
def run(services: tuple[str, ...]) -> None:
    """Run SERVICES in this process, all of them where none is named."""
    known = [service.name for service in stack.SERVICES]
    for name in services:
        if name not in known:
            raise click.BadParameter(f"there is no service {name}; there are: {', '.join(known)}")
    settings = settings_page.load()
    observing.set_up(settings.logging)
    with opened(settings, services) as there:
        _announce(there)
        wait_for_stop()
        click.echo("Stopping …", err=True)


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
    server = _Server(process, access, settings)
    server.start()
    try:
        in_a_city = names and settings.stack == "kafka"  # there `poststelle prepare` was called once for all
        yield Opened(process, server.url, "" if in_a_city else prepare(settings, process, access, server.url))
    finally:
        server.stop()
        process.stop()
        stack.close_ports(process.ports)


class _Server:
    """uvicorn in a thread of its own; the main thread waits for signals."""

    def __init__(self, process: Process, access: Access, settings: Settings) -> None:
        self._app = app = create_app(process, access, settings)
        http = settings.http
        config = uvicorn.Config(
            app,
            host=http.host,
            port=http.port,
            timeout_keep_alive=KEPT_OPEN_SECONDS,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._public_url = settings.http.public_url
        self._host = settings.http.host
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def url(self) -> str:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return self._public_url or f"http://{self._host}:{port}"

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                sys.exit("poststelle: setting http.port: the address is taken or not ours")
            self._thread.join(0.02)

    def stop(self) -> None:
        self._app.state.closing = True  # whoever waits for news is answered
        self._server.should_exit = True
        self._thread.join(10)

    def _run(self) -> None:
        try:
            self._server.run()
        except SystemExit:
            return  # uvicorn could not bind; start() sees the thread end and says so


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


def wait_for_stop() -> None:
    """Until somebody presses Ctrl-C or sends SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.5):
        continue
