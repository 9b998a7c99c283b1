"""What `poststelle check` says of the hot folder: whether the share is there, and what lies on it."""

from services.runtime.service import Finding, Room
from services.scan_intake.hot_folder import INBOX, TAKEN, sources
from services.scan_intake.pairing import is_unfinished
from services.scan_intake.share import Folder


def condition(room: Room) -> Finding | None:
    """Whether the share is there, with a line of numbers; None where no hot folder is set."""
    folder = room.settings.scan_intake.folder
    if folder is None:
        return None
    try:
        with Folder.at(folder) as root, root.inside(INBOX):
            return True, _told(root), ""
    except OSError:
        text = "the hot folder is not there, or has no folder inbox, or is closed to us"
        return False, text, "Mount the share and look at scan_intake.folder; scans wait there meanwhile."


def _told(root: Folder) -> str:
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
