"""What was put away is looked at for a while longer: whoever still writes a file does not notice that it was moved."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from services.scan_intake.hot_folder import tickets
from services.scan_intake.hot_folder.directory_access import Folder
from services.scan_intake.hot_folder.tickets import Verdict

MOST_REMEMBERED = 10_000
"""Files looked at again; of more at once the oldest are let go."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _PutAway:
    source: str
    name: str
    """In `done` or `failed`; another than the scanner's where that was taken."""
    verdict: Verdict


class Aftercare:
    """The files put away by this process during the last `seconds`; belongs to one thread.

    It remembers nothing over a restart: `size_bytes` in the receipt beside a scan tells what was stored.
    """

    def __init__(self, monotonic: Callable[[], float], seconds: float) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._known: dict[_PutAway, float] = {}

    def begin(self, source: str, name: str, verdict: Verdict) -> None:
        """Look after a file from now on, where it is known how large it was."""
        if verdict.size_bytes is not None:
            self._known[_PutAway(source=source, name=name, verdict=verdict)] = self._monotonic()
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]

    def look(self, root: Folder, owner: str) -> list[str]:
        """The sources of files that have another size than was judged; each is in hand again, under a new ticket.

        Never back into the inbox, where its name may be another scan's. OSError is the share's fault; the file is then
        looked at again.
        """
        changed = []
        for file, since in list(self._known.items()):
            gone_or_grown = _is_other(root, file)
            if gone_or_grown:
                _take_back(root, file, tickets.new_ticket(owner))
                changed.append(file.source)
            if gone_or_grown is not False or self._monotonic() - since > self._seconds:
                del self._known[file]
        return changed


def _is_other(root: Folder, file: _PutAway) -> bool | None:
    """Whether it has another size than was judged; None where somebody has removed it."""
    with contextlib.suppress(FileNotFoundError), root.inside(file.verdict.outcome, file.source) as folder:
        return folder.size(file.name) != file.verdict.size_bytes
    return None


def _take_back(root: Folder, file: _PutAway, ticket: str) -> None:
    """Scan and sidecar go to a ticket of their own; a receipt stays, for what it tells of was stored."""
    verdict = file.verdict
    with root.inside("taken", file.source, make=True) as taken:
        taken.make(ticket)
        with root.inside(verdict.outcome, file.source) as kept, taken.inside(ticket) as desk:
            tickets.take_back(kept, desk, verdict, file.name)
        taken.drop(ticket)  # only where somebody was faster
