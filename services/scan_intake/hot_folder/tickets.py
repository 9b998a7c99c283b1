"""A scan in hand: claimed by one rename, judged by a file beside it, put away step by step; any step may be the last.

`taken/<source>/<ticket>/` holds the scan, its sidecar, and once it is judged `.note` (what people will read) and
`.verdict` (what remains to be done). Whoever comes after a crash finds by it how far the work got.
"""

import contextlib
import errno
import json
import secrets
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, structs

from services.scan_intake.hot_folder.directory_access import Folder, NoFile
from services.scan_intake.hot_folder.pairing import NOTE_ENDING, PUT_AWAY, Pair, kept_name, numbered, pairs

_Name = Annotated[str, Meta(pattern=r"\A(?!\.)[^/]+\Z")]
_NameOrNone = Annotated[str, Meta(pattern=r"\A((?!\.)[^/]+)?\Z")]
Outcome = Literal["done", "failed"]
MAX_NOTE_BYTES = 64 * 1024
_NOTE, _VERDICT = ".note", ".verdict"
_NUMBERS = 20
"""Files of one name that are told apart by a number; further ones by their ticket."""


class Verdict(Struct, frozen=True, kw_only=True):
    """Where the files of a ticket go."""

    outcome: Outcome
    content: _Name
    sidecar: _NameOrNone = ""
    size_bytes: int | None = None
    """Of the scan when it was judged; None where another size would change nothing."""


def new_ticket(owner: str) -> str:
    """A name that nobody else will ever use; it begins with whoever works on it."""
    return f"{owner}-{secrets.token_hex(8)}"


def claim(inbox: Folder, taken: Folder, pair: Pair, ticket: str) -> bool:
    """Take a delivery into our hand; False where somebody else was first. Of two that try, one wins the scan.

    A sidecar that a crash leaves behind in the inbox is fetched by `in_hand`.
    """
    taken.make(ticket)
    try:
        with taken.inside(ticket) as desk:
            for note in pair.notes:  # before the scan: one that a crash left alone would be post
                inbox.remove(note)
            if not inbox.move(pair.content, desk, pair.content):
                return False
            if pair.sidecar:
                inbox.move(pair.sidecar, desk, pair.sidecar)
            desk.sync()
        taken.sync()
    finally:
        taken.drop(ticket)  # only where nothing came into it
    return True


def in_hand(desk: Folder, inbox: Folder | None = None, still: Iterable[str] = ()) -> Pair | None:
    """The delivery of a ticket, None where it is put away already.

    Where its sidecar lies in the inbox still, it is fetched, unless another scan of that name has come.
    """
    names = [entry.name for entry in desk.entries() if not entry.name.startswith(".")]
    found = pairs(names)
    if not found:
        return None
    own, waiting = found[0], list(still)
    if inbox is None or own.sidecar or own.content in waiting:
        return own
    beside = next(pair for pair in pairs([*waiting, own.content]) if own.content in pair.names)
    if beside.content == own.content and beside.sidecar and inbox.move(beside.sidecar, desk, beside.sidecar):
        return beside
    return own


def judge(desk: Folder, verdict: Verdict, note: str) -> None:
    """Write down what becomes of the ticket: from here on only `put_away` remains."""
    desk.write(_NOTE, note.encode())
    desk.write(_VERDICT, json.dumps(structs.asdict(verdict)).encode())


def verdict_of(desk: Folder) -> Verdict | None:
    """What was judged, if it was; a verdict that is none of ours is none, and the ticket is judged again."""
    # Not msgspec's JSON: a name may hold bytes that are no text, which Python keeps as lone surrogates.
    with contextlib.suppress(NoFile, FileNotFoundError, ValueError, RecursionError):
        return msgspec.convert(json.loads(desk.read(_VERDICT, MAX_NOTE_BYTES)), Verdict)
    return None


def put_away(desk: Folder, into: Folder, verdict: Verdict, ticket: str) -> str:
    """Move everything to where people look for it, and return the name that it has there. Repeatable at every step.

    1. The note appears under a name that is free, and so reserves that name.
    2. The sidecar follows, then the scan.
    3. The judgement is removed; the empty ticket is the caller's.
    """
    ending = NOTE_ENDING[verdict.outcome]
    name = next(name for name in _names(verdict, ticket) if _reserved(desk, into, name, note=name + ending, by=ticket))
    if verdict.sidecar:
        desk.move(verdict.sidecar, into, _beside(name, verdict.sidecar))
    desk.move(verdict.content, into, name)
    into.sync()
    for entry in list(desk.entries()):
        if entry.name.startswith("."):
            desk.remove(entry.name)
    return name


def take_back(kept: Folder, desk: Folder, verdict: Verdict, name: str) -> None:
    """Move what was put away under this name onto a desk again, as it was called before.

    The scan first: a sidecar that a crash leaves behind is missed, a scan that it leaves behind would not be. What told
    why it failed is removed, for the next try leaves a note of its own.
    """
    if kept.move(name, desk, verdict.content) and verdict.sidecar:
        kept.move(_beside(name, verdict.sidecar), desk, verdict.sidecar)
    if verdict.outcome == "failed":
        kept.remove(name + NOTE_ENDING["failed"])
    desk.sync()


def _names(verdict: Verdict, ticket: str) -> Iterator[str]:
    kept = kept_name(verdict.content)
    yield from (numbered(kept, number) for number in range(1, _NUMBERS + 1))
    stem, dot, ending = kept.rpartition(".")
    yield f"{stem} ({ticket}).{ending}" if dot and stem else f"{kept} ({ticket})"
    raise FileExistsError(errno.EEXIST, "no name is free")


def _reserved(desk: Folder, into: Folder, name: str, *, note: str, by: str) -> bool:
    if into.has(note):
        return _is_by(into, note, by)
    if into.has(name) or any(into.has(_beside(name, ending)) for ending in (".json", ".xml")):
        return False
    return desk.lend(_NOTE, into, note)


def _is_by(into: Folder, note: str, ticket: str) -> bool:
    with contextlib.suppress(NoFile, FileNotFoundError):
        return ticket.encode() in into.read(note, MAX_NOTE_BYTES)
    return False


def _beside(name: str, sidecar: str) -> str:
    return f"{name}{PUT_AWAY}.{sidecar.rpartition('.')[2].lower()}"
