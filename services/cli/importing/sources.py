"""What lies in a source: mbox, Maildir, folders of `.eml` and `.msg`, PST, zip files of any of these, in a fixed order.

Everything in it is strange: names are shown and never opened as paths, archives unpack within the limits of the reading
service, and what is no mail is an item with a reason, so that the count holds.
"""

import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from services.cli.importing import mbox, pst
from services.extraction.kinds.signatures import ZIP
from services.extraction.reading.unpack_archive import Unpacking

MIB = 1024 * 1024
LARGEST = 200 * MIB
"""Bytes of one mail that are held; the mail room's own limit (`mail_intake.max_size`) is lower in most towns."""
UNPACKED = 64 * 1024 * MIB
"""Bytes that one archive may unpack to in all."""
MOST_MEMBERS = 1_000_000
DEEPEST = 3
"""Archives in archives; a quine, which holds itself, ends here."""
ONE_MAIL = (".eml", ".mail", ".msg")
MBOX_ENDINGS = (".mbox", ".mbx")
PST_ENDINGS, PST_BEGINNING = (".pst", ".ost"), b"!BDN"
MAILDIR = ("cur", "new")
Kind = Literal["mail", "msg"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One thing of the source that counts."""

    place: str
    """Where it lies: a path below the source, and a number in an mbox."""
    folder: str
    kind: Kind = "mail"
    read: Callable[[], bytes] = bytes
    problem: str = ""
    """Why it is refused before anything is sent."""
    is_cut: bool = False


def items(source: Path) -> Iterator[Item]:
    """Everything in the source, always in the same order."""
    if source.is_dir():
        yield from _of_folder(source, source)
    else:
        yield from _of_file(source, source.name, PurePosixPath())


def _of_folder(folder: Path, source: Path) -> Iterator[Item]:
    place = PurePosixPath(folder.relative_to(source).as_posix())
    maildir = is_maildir(folder)
    for part in MAILDIR if maildir else ():
        for file in _sorted(folder / part):
            yield _plain(file, f"{place / part / file.name}", _maildir_name(place))
    for entry in _sorted(folder):
        if not (maildir and _is_housekeeping(entry)):
            yield from _of_entry(entry, source, place)


def _of_entry(entry: Path, source: Path, place: PurePosixPath) -> Iterator[Item]:
    if entry.is_symlink():
        yield Item(place=f"{place / entry.name}", folder=f"{place}", problem="no_file")
    elif entry.is_dir():
        yield from _of_folder(entry, source)
    else:
        yield from _of_file(entry, f"{place / entry.name}", place)


def _is_housekeeping(entry: Path) -> bool:
    """What a Maildir has beside its mails: its three parts, and the notes of the servers that look after it."""
    if entry.is_dir():
        return entry.name in {*MAILDIR, "tmp"}
    return entry.name.startswith(("dovecot", "maildir", "courier", "subscriptions"))


def is_maildir(folder: Path) -> bool:
    """Whether the folder has what every Maildir has."""
    return all((folder / part).is_dir() for part in MAILDIR)


def _maildir_name(place: PurePosixPath) -> str:
    """Maildir++ writes folders below each other as `.Vorgang.2024`."""
    return "/".join(part.removeprefix(".").replace(".", "/") if part.startswith(".") else part for part in place.parts)


def _of_file(file: Path, place: str, folder: PurePosixPath) -> Iterator[Item]:
    if not stat.S_ISREG(file.stat(follow_symlinks=False).st_mode):
        yield Item(place=place, folder=f"{folder}", problem="no_file")
        return
    with file.open("rb") as stream:
        if _named(place, ONE_MAIL):
            yield _plain(file, place, f"{folder}")
        elif _is_pst(stream, place):
            yield from _of_pst(file, place)
        else:
            yield from _of_stream(stream, place, f"{folder}", depth=0)


def _plain(file: Path, place: str, folder: str) -> Item:
    """A file that is one mail; it is read when its turn comes."""
    if file.is_symlink() or not file.is_file():
        return Item(place=place, folder=folder, problem="no_file")
    size = file.stat().st_size
    return _one(place, folder, size, file.read_bytes)


def _one(place: str, folder: str, size: int, read: Callable[[], bytes]) -> Item:
    problem = "empty" if not size else "too_large" if size > LARGEST else ""
    kind: Kind = "msg" if _named(place, (".msg",)) else "mail"
    return Item(place=place, folder="" if folder == "." else folder, kind=kind, read=read, problem=problem)


def _of_stream(stream: BinaryIO, place: str, folder: str, *, depth: int) -> Iterator[Item]:
    """An mbox or an archive by what it is, not by what it is called; anything else is no mail."""
    beginning = stream.read(len(mbox.BEGINNING))
    stream.seek(0)
    if beginning == mbox.BEGINNING or (_named(place, MBOX_ENDINGS) and beginning):
        yield from _of_mbox(stream, place)
    elif _named(place, (".zip",)) or (beginning.startswith(b"PK\x03\x04") and zipfile.is_zipfile(stream)):
        yield from _of_zip(stream, place, depth=depth)
    else:
        yield Item(place=place, folder=folder, problem="no_mail" if beginning else "empty")


def _of_mbox(stream: BinaryIO, place: str) -> Iterator[Item]:
    folder = place.removesuffix(PurePosixPath(place).suffix) if _named(place, MBOX_ENDINGS) else place
    for number, mail in enumerate(mbox.mails(stream, largest=LARGEST), 1):
        read = partial(bytes, mail.content)
        yield Item(place=f"{place}#{number}", folder=folder, read=read, problem=mail.problem, is_cut=mail.is_cut)


def _is_pst(stream: BinaryIO, place: str) -> bool:
    beginning = stream.read(len(PST_BEGINNING))
    stream.seek(0)
    return beginning == PST_BEGINNING or (_named(place, PST_ENDINGS) and bool(beginning))


def _of_pst(file: Path, place: str) -> Iterator[Item]:
    if not pst.can_be_read():
        yield Item(place=place, folder="", problem="pst_reader_missing")
        return
    folder = place.removesuffix(PurePosixPath(place).suffix) if _named(place, PST_ENDINGS) else place
    for found in pst.found_in(file, largest=LARGEST):
        below = f"{folder}/{found.folder}" if found.folder else folder
        read = partial(bytes, found.content)
        yield Item(place=f"{place}#{found.number + 1}", folder=below, read=read, problem=found.problem)


def _of_zip(stream: BinaryIO, place: str, *, depth: int) -> Iterator[Item]:
    if depth >= DEEPEST:
        yield Item(place=place, folder="", problem="too_deep")
        return
    unpacking = Unpacking(stream, ZIP, name=place, budget=UNPACKED)
    for number, member in enumerate(unpacking.members()):
        if number >= MOST_MEMBERS:
            yield Item(place=place, folder="", problem="too_many_parts")
            return
        inner = f"{place}/{_shown(member.path)}"
        if member.problem:
            yield Item(place=inner, folder=f"{PurePosixPath(inner).parent}", problem=member.problem)
        else:
            yield from _of_member(member.content, inner, depth=depth)
    if unpacking.problem:
        yield Item(place=place, folder="", problem=unpacking.problem)


def _of_member(content: bytes, place: str, *, depth: int) -> Iterator[Item]:
    folder = PurePosixPath(place).parent
    if folder.name in MAILDIR or _named(place, ONE_MAIL):
        where = f"{folder.parent if folder.name in MAILDIR else folder}"
        yield _one(place, where, len(content), partial(bytes, content))
    elif _is_pst(io.BytesIO(content), place):
        with tempfile.NamedTemporaryFile(suffix=".pst") as file:  # libpff reads it in another process, by its name
            file.write(content)
            file.flush()
            yield from _of_pst(Path(file.name), place)
    else:
        yield from _of_stream(io.BytesIO(content), place, f"{folder}", depth=depth + 1)


def _shown(name: str) -> str:
    """The name of a member as a path that leads nowhere."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}) or "-"


def _named(place: str, endings: tuple[str, ...]) -> bool:
    return place.lower().endswith(endings)


def _sorted(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [folder / name for name in sorted(entry.name for entry in entries)]
