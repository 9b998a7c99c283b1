"""Which names in a folder belong together: a scan and the sidecar beside it, and what is no scan yet."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.runtime.streams.labels import display_name

SIDECAR_ENDINGS = (".json", ".xml")
"""In this order: where both lie beside a scan the first counts, and the other is one that lies alone."""

PUT_AWAY = ".sidecar"
"""Stands before the ending of a sidecar that was put away, so that it stays with its scan under any name."""
NOTE_ENDING = {"done": ".receipt.json", "failed": ".reason.txt"}
"""Of what we lay beside a scan that was put away."""

_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".writing", ".lock", "~")
"""What scanners and copying programs call a file that they still write."""
_OF_THE_SYSTEM = frozenset({"thumbs.db", "desktop.ini"})
MAX_KEPT_BYTES = 180
"""Of a kept name, so that the number of a double and `.receipt.json` still fit into 255 bytes."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One delivery: the scan and, where there is one, its sidecar."""

    content: str
    sidecar: str = ""
    notes: tuple[str, ...] = ()
    """Of ours, from an earlier try: they go when the delivery is taken."""

    @property
    def names(self) -> tuple[str, ...]:
        """Scan and sidecar, or the one."""
        return (self.content, self.sidecar) if self.sidecar else (self.content,)


def is_unfinished(name: str) -> bool:
    """Whether the name says that this is no scan, or none yet: hidden, temporary, or the system's own."""
    lower = name.lower()
    return lower.startswith((".", "~")) or lower.endswith(_UNFINISHED) or lower in _OF_THE_SYSTEM


def may_be_sidecar(name: str) -> bool:
    """Whether the name alone could be that of a sidecar."""
    return name.lower().endswith(SIDECAR_ENDINGS)


def file_of_note(name: str) -> str:
    """The file beside which a note of ours would have this name; empty where none would."""
    return next((name.removesuffix(ending) for ending in NOTE_ENDING.values() if name.endswith(ending)), "")


def pairs(names: Iterable[str], notes: Collection[str] = ()) -> list[Pair]:
    """Every delivery among the names, sorted; those that are known as notes of ours are none, but go with theirs.

    `scan.pdf.json` (or `.xml`) belongs to `scan.pdf`; so does `scan.pdf.sidecar.json`, as it was put away, where there
    is none of the first kind and no scan `scan.pdf.sidecar`; so does `scan.json`, where no other scan has that stem and
    it is no delivery's sidecar already. A sidecar's own name never has one of the last kind.
    """
    finished = sorted(name for name in names if name not in notes and not is_unfinished(name))
    known = {_comparable(name): name for name in reversed(finished) if may_be_sidecar(name)}
    others, taken = set(finished), set[str]()
    found: dict[str, str] = {}
    for name in finished:  # sorted: a name comes before those that are made from it
        if name not in taken:
            again = "" if name + PUT_AWAY in others else _first(known, name + PUT_AWAY)
            found[name] = _first(known, name) or again
            taken.add(found[name])
    scans = [name for name in found if not may_be_sidecar(name)]
    stems = Counter(map(_stem, scans))
    for name in scans:
        beside = _first(known, _stem(name))
        if not found[name] and stems[_stem(name)] == 1 and beside not in taken:
            found[name] = beside
            taken.add(beside)
    return [Pair(name, own, _beside((name, own), notes)) for name, own in found.items() if name not in taken]


def kept_name(name: str) -> str:
    """The name under which a scan is put away: the same, unless it could do harm or is too long."""
    harmless = display_name(name).lstrip(".~ ") or "ohne-Namen"
    stem, dot, ending = harmless.rpartition(".")
    if len(harmless.encode()) <= MAX_KEPT_BYTES:
        return harmless
    ending = dot + ending if dot and len(ending) < MAX_KEPT_BYTES // 10 else ""
    context = MAX_KEPT_BYTES - len(ending.encode())
    return (stem or harmless).encode()[:context].decode(errors="ignore") + ending


def numbered(name: str, number: int) -> str:
    """The name for the so-manieth file of that name: `a.pdf`, `a (2).pdf`, `a (3).pdf`."""
    if number == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({number}).{ending}" if dot and stem else f"{name} ({number})"


def _first(known: dict[str, str], stem: str) -> str:
    return next((known[stem + ending] for ending in SIDECAR_ENDINGS if stem + ending in known), "")


def _beside(names: tuple[str, ...], notes: Collection[str]) -> tuple[str, ...]:
    return tuple(name + ending for name in names for ending in NOTE_ENDING.values() if name + ending in notes)


def _comparable(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem + dot + ending.lower()


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return stem if dot else name
