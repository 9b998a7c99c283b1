"""`poststelle demo`: a mail room of its own with invented post in it, to look at."""

import importlib.util
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import click

from services import settings as settings_page
from services.cli.client import KEY_FILE, Instance
from services.cli.demo import folder as demo_folder
from services.cli.demo.folder import Note
from services.cli.demo.trying import SEARCHES, finds, typed
from services.cli.installation.first_run import FIRST_ACCOUNT
from services.cli.installation.run import Opened, opened, wait_for_stop
from services.core.errors import Misconfigured
from services.runtime.context import observing
from services.runtime.operations.instance_folder import read_secret
from services.settings import Settings

State = dict[str, Any]


@click.command()
@click.option(
    "--folder", default=Path("demo-data"), show_default=True, type=click.Path(path_type=Path), help="Its data folder."
)
@click.option("--exit", "ends", is_flag=True, help="End when the post is in and the searches were tried.")
def demo(folder: Path, *, ends: bool) -> None:
    """Start a mail room of its own, send it some seventy invented letters, and keep it open to look at.

    Among them a batch of scans with separator sheets, a journal report and an import, and how their numbers balance;
    and two letters about one matter, the second of which goes where a clerk filed the first.

    Nothing of a real mail room is touched: the demo has its own folder, refuses any other, and takes free ports.
    """
    if importlib.util.find_spec("reportlab") is None:
        raise Misconfigured("the demo needs the package reportlab: `make demo` installs it, or pip install reportlab")
    note = demo_folder.claim(folder)
    settings = demo_folder.settings_for(folder, settings_page.load())
    observing.set_up(settings.logging)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with opened(settings) as process:
        good = _show(process, settings, note)
        if not ends:
            click.echo("Ctrl-C stops; the folder stays and opens again with the same command.")
            wait_for_stop()
    if not good:
        raise click.exceptions.Exit(1)


def _show(process: Opened, settings: Settings, note: Note) -> bool:
    """Deliver, try the searches, print what there is to see; whether each search found its letter."""
    # Only now: the libraries that write letters are no part of a mail room.
    from services.cli.demo.delivering import Round  # noqa: PLC0415

    if not process.process.ports.ocr.ready():
        raise Misconfigured(
            "the demo reads scans, and Tesseract's German data is missing. On Debian and Ubuntu: "
            "apt-get install tesseract-ocr-deu; where it lies elsewhere: setting ocr.tessdata"
        )
    folder = settings.storage.folder
    key = read_secret(folder / KEY_FILE, setting="--folder")
    instance = Instance(process.url, key, as_json=False, quiet=False)
    tour = Round(instance, settings.mail_intake.port, folder, note)
    tour.deliver_all()
    link = process.link or instance.post("/accounts/resets", {"name": FIRST_ACCOUNT})["link"]
    _print(process, link, tour.lines(), note=note, smtp=settings.mail_intake.port)
    return _try_searches(instance, note)


def _print(process: Opened, link: str, lines: dict[str, State], *, note: Note, smtp: int) -> None:
    states = Counter({line["document"]: line["state"] for line in lines.values()}.values())
    click.echo(
        f"\n{len(lines)} letters, {states.total()} documents: {states['held']} wait in the Posteingang, "
        f"{states['filed']} are filed, {states['no_record']} noted as no record.\n"
        + "".join(f"{sentence}\n" for sentence in note.said)
        + f"The mail room answers at {process.url} (SMTP: port {smtp})."
    )
    click.echo(f"Sign in as {FIRST_ACCOUNT} by this one-time link, good for 24 hours:\n  {link}")


def _try_searches(instance: Instance, note: Note) -> bool:
    click.echo("\nFive searches worth trying:")
    found = [(search, finds(search, instance, note)) for search in SEARCHES]
    for search, good in found:
        click.echo(f"  {typed(search, note):<22} {search.why}{'' if good else '  (NOT FOUND)'}")
    missed = sum(not good for _, good in found)
    click.echo(f"{missed} of them did not find their letter." if missed else "Each was tried and found its letter.")
    return not missed
