"""The data folder of the demo, which is never that of a real mail room, and the settings of the demo."""

import contextlib
import socket
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from services.cli.demo.letters import TOWN
from services.core.errors import Misconfigured
from services.settings import Settings
from services.settings.sections import Http, Logging, MailIntake, Storage

NOTE = "demo.json"
KEPT = ("extraction", "tika", "ocr")
"""Settings of this machine; all others are the demo's own, so that no real folder, box or server is touched."""
BOXES = {
    "bauamt": ("bauamt", "bauantrag"),
    "hauptamt": ("hauptamt",),
    "jugendamt": ("jugendamt", "kita"),
    "kaemmerei": ("rechnung",),
    "kulturamt": ("stadtarchiv",),
    "ordnungsamt": ("ordnungsamt", "gewerbe", "fundbuero"),
    "personalamt": ("bewerbung",),
    "schulamt": ("schulamt",),
    "sozialamt": ("wohngeld",),
    "standesamt": ("standesamt",),
    "tiefbauamt": ("strassenschaden",),
    "umweltamt": ("umweltamt",),
}
"""Mailboxes of each office; what comes to another one belongs to the mail room."""
JOURNAL_MAILBOX, JOURNAL_SOURCE = f"journal@{TOWN}", "smtp-127.0.0.1"
"""Where journal reports go, and whose are believed: the demo sends by SMTP from this machine."""


class Note(Struct, kw_only=True):
    """What lies in the folder beside the mail room's own files: what was sent, so that it is sent once."""

    day: date
    receipts: dict[str, str] = {}
    """Receipt number of each letter."""
    files: dict[str, str] = {}
    """File number that each letter of the first kind opened."""
    answer: str = ""
    """Receipt number of the letter by which the demo's procedure answered."""
    bulk: dict[str, str] = {}
    """Receipt numbers of the batch and of the mail in the journal report."""
    lesson: dict[str, str] = {}
    """Receipt numbers of the two letters by which the demo learns."""
    said: tuple[str, ...] = ()
    """What was counted of what came in bulk, and what was learned."""
    delivered: bool = False


def claim(folder: Path) -> Note:
    """The note of a demo folder, a new one in an empty folder; Misconfigured where somebody else's things lie."""
    try:
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=Note)
    except FileNotFoundError:
        note = Note(day=date.today())  # noqa: DTZ011  # people date letters by their own calendar
    except (OSError, msgspec.DecodeError) as error:
        raise Misconfigured(f"--folder: {folder / NOTE} cannot be read") from error
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Misconfigured(f"--folder: {folder} is no folder of a demo and not empty; nothing in it was touched")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, note)
    return note


def write(folder: Path, note: Note) -> None:
    """Keep the note."""
    temporary = folder / f"{NOTE}.new"
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(note)))
    temporary.replace(folder / NOTE)


def settings_for(folder: Path, real: Settings) -> Settings:
    """The embedded stack in this folder, on free ports; of the real settings only what is this machine's."""
    own: dict[str, object] = {name: field.default for name, field in Settings.model_fields.items() if name not in KEPT}
    own |= {
        "storage": Storage(folder=folder, cache=real.storage.cache),
        "http": Http(port=free_port(Http().port), requests_per_minute=6000),
        "mail_intake": MailIntake(
            port=free_port(MailIntake().port),
            offices=_offices(),
            journal_mailboxes=(JOURNAL_MAILBOX,),
            journal_sources=(JOURNAL_SOURCE,),
        ),
        "logging": Logging(level="error"),
    }
    return real.model_copy(update=own)


def free_port(wanted: int) -> int:
    """This port of the loopback, or any other where somebody has it."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Misconfigured("no port of 127.0.0.1 is free")


def _offices() -> dict[str, str]:
    return {f"{box}@{TOWN}": office for office, boxes in BOXES.items() for box in boxes}
