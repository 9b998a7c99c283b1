"""What `poststelle check` says of the hot folder: whether we can work in it, and what lies on it."""

import contextlib
from collections.abc import Iterator

from services.core import catalogue
from services.runtime.context.service import Context, Finding
from services.scan_intake.hot_folder.directory_access import Folder, code_of
from services.scan_intake.hot_folder.pairing import is_unfinished
from services.scan_intake.hot_folder.watcher import INBOX, TAKEN, source_names, sources

_TODO = {
    "share_away": "Mount the share and look at scan_intake.folder; scans wait there meanwhile.",
    "share_full": "Make room on the share: done/ and failed/ are never cleaned by us. Scans wait there meanwhile.",
    "share_read_only": "Mount it for writing; under systemd give it to the unit (ReadWritePaths=, docs/hot-folder.md).",
    "share_closed": "Give the service's user the rights to read, write and enter (docs/hot-folder.md).",
}


def condition(context: Context) -> Finding | None:
    """Whether we can take, put away and tell there, with a line of numbers; None where no hot folder is set."""
    folder = context.settings.scan_intake.folder
    if folder is None:
        return None
    try:
        with Folder.at(folder) as root, root.inside(INBOX):
            return _closed(root) or (True, _sentence(root), "")
    except OSError as error:
        return _bad(error)


def _closed(root: Folder) -> Finding | None:
    """The first folder in which we cannot write; looking alone says nothing of a share that is read-only to us."""
    for names in _written(root):
        try:
            _probe(root, names)
        except OSError as error:
            return _bad(error, "/".join(names))
    return None


def _written(root: Folder) -> Iterator[tuple[str, ...]]:
    yield (TAKEN,)
    for source in source_names(root, INBOX):
        yield from ((place, source) for place in (INBOX, TAKEN, "done", "failed"))


def _probe(root: Folder, names: tuple[str, ...]) -> None:
    """Try out the folder; where it is still to be made, the one in which it will be."""
    for depth in range(len(names), -1, -1):
        with contextlib.suppress(FileNotFoundError), root.inside(*names[:depth]) as nearest:
            nearest.probe()
            return


def _bad(error: OSError, place: str = "") -> Finding:
    code = code_of(error)
    text = catalogue.refusal(code, "en")
    return False, f"{text} ({place})" if place else text, _TODO[code]


def _sentence(root: Folder) -> str:
    kinds = [[e.kind for e in inbox.entries() if not is_unfinished(e.name)] for _, inbox in sources(root, INBOX)]
    waiting = sum(found.count("file") for found in kinds)
    with root.inside(INBOX) as inbox:
        strange = sum(map(len, kinds)) - waiting + sum(1 for _ in inbox.entries()) - len(kinds)
    text = f"{waiting} files wait, {_count(root, TAKEN)} in hand, {_count(root, 'failed', '.reason.txt')} failed"
    return f"{text}, {strange} not taken (no plain file in the folder of a source)" if strange else text


def _count(root: Folder, place: str, ending: str = "") -> int:
    if not root.has(place):
        return 0
    return sum(entry.name.endswith(ending) for _, folder in sources(root, place) for entry in folder.entries())
