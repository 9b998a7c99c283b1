"""The hot folder: scans that lie still in `inbox/<source>/` are taken, and put away with a receipt or a reason.

It is looked through at intervals, because no share tells of changes; nothing is decided by the share's clock.
Instances that share a folder share the store: of two one wins a scan by renaming it into `taken/`, and what one left
there is finished by another.
"""

import contextlib
import errno
import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from services.core.errors import Rejected, TryLater
from services.runtime.context.observing import where
from services.runtime.context.service import Context
from services.scan_intake.hot_folder import tickets
from services.scan_intake.hot_folder.aftercare import Aftercare
from services.scan_intake.hot_folder.completeness import lacks_its_end
from services.scan_intake.hot_folder.directory_access import Entry, Folder, NoFile, code_of, stamp_of
from services.scan_intake.hot_folder.ingest import Delivery, StillWritten, take_in
from services.scan_intake.hot_folder.notes import MAX_BYTES, is_note, reason_note, receipt_note
from services.scan_intake.hot_folder.pairing import Pair, file_of_note, is_unfinished, may_be_sidecar, pairs
from services.scan_intake.hot_folder.stability import EntryPath, StabilityWatch, Stamp
from services.scan_intake.hot_folder.tickets import Verdict
from services.scan_intake.intake import Intake

ABANDONED = timedelta(minutes=10)
"""A ticket of another instance that lies still for so long is finished by us; both doing it does no harm."""

SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""Like `words.SourceId`."""

INBOX, TAKEN = "inbox", "taken"
_THIS_FILE_ONLY = {
    errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY, errno.ENOENT, errno.ENOTDIR, errno.EAGAIN,
    errno.ENAMETOOLONG, errno.EISDIR, errno.EEXIST,
}  # fmt: skip
_PATIENCE = timedelta(seconds=15)


class HotFolder:
    """A listener (see runtime/service.py) with a thread of its own; `turn` belongs to that thread."""

    def __init__(self, context: Context, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._folder = folder
        self._settings = context.settings.scan_intake
        self._patience = max(self._settings.settle, self._settings.patience).total_seconds()
        self._intake = Intake(context)
        self._stability = StabilityWatch(monotonic)
        self._aftercare = Aftercare(monotonic, self._patience)
        self._owner = _owner(context.settings.storage.folder)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scan_intake-hot_folder", daemon=True)

    def __str__(self) -> str:
        """A line for whoever started the mail room."""
        return f"Scans are taken from {self._folder / INBOX}/<source>."

    def start(self) -> None:
        """See the listener; a share that is not there yet is waited for."""
        self._thread.start()

    def stop(self) -> None:
        """See the listener; a share that hangs is not waited for: what is in hand is finished by the next start."""
        self._stopping.set()
        self._thread.join(_PATIENCE.total_seconds())

    def turn(self) -> int:
        """Look through the folder once: finish what is in hand, then take what is still. How many were put away.

        TryLater where share or store are away.
        """
        try:
            with Folder.at(self._folder) as root, root.inside(INBOX):  # no inbox: nothing is mounted here
                return self._finish(root) + self._take(root)
        except OSError as error:
            raise TryLater(code_of(error)) from error

    def _run(self) -> None:
        shortest, longest = self._settings.poll_every, self._context.settings.worker.longest_pause
        pause = shortest
        while not self._stopping.wait(pause.total_seconds()):
            try:
                self.turn()
                pause = shortest
            except TryLater as error:
                self._context.log.warning("hot_folder_put_off", code=error.code)
                pause = min(2 * pause, max(shortest, longest))
            except Exception as error:  # noqa: BLE001  # a fault of ours must not close the listener for good
                self._context.log.error("bug", **where(error))
                pause = min(2 * pause, max(shortest, longest))

    def _finish(self, root: Folder) -> int:
        root.make(TAKEN)
        for source in self._aftercare.look(root, self._owner):
            self._context.log.warning("scan_still_written", source=source)
        self._stability.look(dict(_places(root)))
        finished = 0
        for source, taken in sources(root, TAKEN):
            waiting = [entry.name for entry in taken.entries() if entry.kind == "folder"]
            finished += sum(self._resumed(root, taken, source, ticket) for ticket in waiting if self._may_go_on())
        return finished

    def _take(self, root: Folder) -> int:
        took = 0
        for source, inbox in sources(root, INBOX):
            names = [entry.name for entry in inbox.entries() if entry.kind == "file"]
            ready = [pair for pair in pairs(names, self._notes(inbox, names)) if self._is_ready(source, pair)]
            if not ready:
                continue
            with root.inside(TAKEN, source, make=True) as taken:
                going = (pair for pair in ready if self._may_go_on())
                took += sum(self._took(root, inbox, taken, source=source, pair=pair) for pair in going)
        return took

    def _resumed(self, root: Folder, taken: Folder, source: str, ticket: str) -> bool:
        place = (TAKEN, source, ticket)
        own = ticket.startswith(self._owner + "-")
        wanted = self._settings.settle if own else max(ABANDONED, self._settings.settle)
        if self._stability.seconds(place) < wanted.total_seconds():
            return False
        try:
            with taken.inside(ticket) as desk:
                pair = None if tickets.verdict_of(desk) else self._in_hand(root, desk, source)
                self._work(root, desk, source=source, ticket=ticket, pair=pair)
        except OSError as error:
            return self._put_off(error)
        finally:
            taken.drop(ticket)
        return True

    def _took(self, root: Folder, inbox: Folder, taken: Folder, *, source: str, pair: Pair) -> bool:
        ticket = tickets.new_ticket(self._owner)
        try:
            if not self._is_as_seen(inbox, source, pair) or not tickets.claim(inbox, taken, pair, ticket):
                return False
            with taken.inside(ticket) as desk:
                self._work(root, desk, source=source, ticket=ticket, pair=pair)
            taken.drop(ticket)
        except OSError as error:
            return self._put_off(error)
        return True

    def _work(self, root: Folder, desk: Folder, *, source: str, ticket: str, pair: Pair | None) -> None:
        verdict = tickets.verdict_of(desk)
        if verdict is None and pair:
            delivery = Delivery(source=source, ticket=ticket, pair=pair, desk=desk)
            verdict = self._judged(delivery)
        if verdict is None:
            return
        with root.inside(verdict.outcome, source, make=True) as into:
            self._aftercare.begin(source, tickets.put_away(desk, into, verdict, ticket), verdict)

    def _judged(self, delivery: Delivery) -> Verdict | None:
        log, pair = self._context.log, delivery.pair
        try:
            accepted, submission = take_in(delivery, self._intake)
        except StillWritten:
            log.warning("scan_still_written", source=delivery.source)
            return None
        except Rejected as error:
            log.warning("scan_refused", source=delivery.source, code=error.code)
            return self._refused(delivery, error.code)
        except (TryLater, OSError):
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours: the scan is set aside where people look
            log.error("bug", **where(error))
            return self._refused(delivery, "internal")
        self._intake.announcer.announce(accepted.event)
        note = receipt_note(delivery, accepted, submission, at=self._context.ports.clock.now())
        size = submission.size_bytes
        verdict = Verdict(outcome="done", content=pair.content, sidecar=pair.sidecar, size_bytes=size)
        tickets.judge(delivery.desk, verdict, note)
        return verdict

    def _refused(self, delivery: Delivery, code: str) -> Verdict:
        pair = delivery.pair
        size = None if code == "too_large" else delivery.desk.size(pair.content)
        verdict = Verdict(outcome="failed", content=pair.content, sidecar=pair.sidecar, size_bytes=size)
        tickets.judge(delivery.desk, verdict, reason_note(delivery, code, at=self._context.ports.clock.now()))
        return verdict

    def _notes(self, inbox: Folder, names: Iterable[str]) -> set[str]:
        """Our own, moved back with the files that they tell of; what only has such a name is post."""
        finished = {name for name in names if not is_unfinished(name)}
        return {name for name in finished if file_of_note(name) in finished and self._is_note(inbox, name)}

    def _is_note(self, inbox: Folder, name: str) -> bool:
        try:
            return is_note(name, inbox.read(name, MAX_BYTES + 1))
        except (FileNotFoundError, NoFile):
            return False
        except OSError as error:
            return self._put_off(error)

    def _is_ready(self, source: str, pair: Pair) -> bool:
        places = [(INBOX, source, name) for name in pair.names]
        stamp = self._stability.stamp(places[0])
        lacks_other = not pair.sidecar and (may_be_sidecar(pair.content) or source in self._settings.sidecars)
        patient = lacks_other or file_of_note(pair.content) or stamp is None or not stamp[0]
        wanted = self._patience if patient else self._settings.settle.total_seconds()
        return all(self._stability.seconds(place) >= wanted for place in places)

    def _is_as_seen(self, inbox: Folder, source: str, pair: Pair) -> bool:
        """The last look before taking; opening makes a share forget what it remembers of the file's size."""
        with contextlib.suppress(NoFile):
            return all(self._is_finished(inbox, (INBOX, source, name)) for name in pair.names)
        return False

    def _is_finished(self, inbox: Folder, place: EntryPath) -> bool:
        with inbox.open(place[-1]) as stream:
            halted = lacks_its_end(stream) and self._stability.seconds(place) < self._patience
            return not halted and stamp_of(stream) == self._stability.stamp(place)

    def _in_hand(self, root: Folder, desk: Folder, source: str) -> Pair | None:
        settle = self._settings.settle.total_seconds()
        for known, inbox in sources(root, INBOX):
            if known == source:
                names = [entry.name for entry in inbox.entries() if entry.kind == "file"]
                still = [name for name in names if self._stability.seconds((INBOX, source, name)) >= settle]
                return tickets.in_hand(desk, inbox, still)
        return tickets.in_hand(desk)

    def _may_go_on(self) -> bool:
        return not self._stopping.is_set()

    def _put_off(self, error: OSError) -> bool:
        """What is wrong with one file leaves the others alone; what is wrong with the share ends the turn."""
        if error.errno not in _THIS_FILE_ONLY:
            raise error
        self._context.log.warning("scan_put_off", code=errno.errorcode.get(error.errno or 0, "").lower())
        return False


def sources(root: Folder, place: str) -> Iterator[tuple[str, Folder]]:
    """The folders of the sources below inbox, taken, done or failed; one that is closed to us is passed over."""
    for name in source_names(root, place):
        with contextlib.suppress(PermissionError), root.inside(place, name) as below:
            yield name, below


def source_names(root: Folder, place: str) -> list[str]:
    """Of all sources that have a folder there, also of those that are closed to us."""
    with root.inside(place) as folder:
        return sorted(e.name for e in folder.entries() if e.kind == "folder" and SOURCE.fullmatch(e.name))


def _places(root: Folder) -> Iterator[tuple[EntryPath, Stamp]]:
    for source, inbox in sources(root, INBOX):
        files = [entry for entry in inbox.entries() if entry.kind == "file" and not is_unfinished(entry.name)]
        yield from (((INBOX, source, entry.name), entry.stamp) for entry in files)
    for source, taken in sources(root, TAKEN):
        for ticket in taken.entries():
            yield (TAKEN, source, ticket.name), _stamp_of_ticket(taken, ticket)


def _stamp_of_ticket(taken: Folder, ticket: Entry) -> Stamp:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), taken.inside(ticket.name) as desk:
        stamps = [ticket.stamp, *(entry.stamp for entry in desk.entries())]
        return sum(size for size, _ in stamps), max(changed for _, changed in stamps)
    return ticket.stamp


def _owner(data_folder: Path) -> str:
    """The same over all starts of an instance, so that it finds its own tickets at once."""
    return hashlib.sha256(f"{socket.gethostname()}\n{data_folder.absolute()}".encode()).hexdigest()[:8]
