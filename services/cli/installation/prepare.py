"""`poststelle prepare`: what a city's first start needs, made once for all its processes."""

import click

from services import settings as settings_page
from services import stack
from services.cli.client import KEY_FILE
from services.cli.installation import first_run
from services.runtime.access.credentials import Access
from services.runtime.context import observing

OPENS = ("search",)
"""Log, store and index: each makes what it lacks when it is opened. The service itself is not started."""


@click.command()
def prepare() -> None:
    """Make topics, buckets, index, plan, first account and key, where they are missing; safe to repeat.

    Prints the one-time link of the first account where it was made just now. `poststelle run SERVICE` needs this
    before; `poststelle run` of the whole mail room on one machine does it by itself.
    """
    settings = settings_page.load()
    observing.set_up(settings.logging)
    if settings.stack == "kafka":
        for line in stack.kafka_topics(settings, apply=True):
            click.echo(line, err=True)
    process = stack.open_process(settings, OPENS, lambda line: click.echo(line, err=True))
    try:
        secret = stack.session_secret(settings)
        access = Access(process.configuration, log=process.ports.log, clock=process.ports.clock, secret=secret)
        url = settings.http.address(settings.http.port)
        link = first_run.prepare(settings, process, access, url)
    finally:
        stack.close_ports(process.ports)
    click.echo(f"The key for `poststelle` and curl lies in {settings.storage.folder / KEY_FILE}.", err=True)
    if link:
        click.echo(link)
