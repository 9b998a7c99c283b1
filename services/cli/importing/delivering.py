"""Items become post: several at a time, again where the mail room is busy, and each of them ends in the journal."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from services.cli.errors import Away, Refused
from services.cli.importing.journal import Entry, Journal
from services.cli.importing.sources import Item

Deliver = Callable[[str, bytes, dict[str, str]], dict[str, Any]]
"""Path, bytes and headers to the answer of the mail room."""
_Waiting = set[Future[tuple[Entry, bool]]]
LATER = (429, 503)
LONGEST_PAUSE_S = 30.0
FOLDER_CHARACTERS = 500


@dataclass(slots=True)
class Numbers:
    """What was counted, and what became of it."""

    counted: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    """Of all, those of an earlier run of the same import."""

    @property
    def done(self) -> int:
        """How many have an outcome."""
        return self.outcomes.total()

    @property
    def balance(self) -> bool:
        """Whether every item that was counted has one outcome, and no other was found."""
        return self.done == self.counted

    def take(self, entry: Entry) -> None:
        """Count one."""
        self.outcomes[entry.outcome] += 1
        if entry.reason:
            self.reasons[entry.reason] += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How items are delivered."""

    deliver: Deliver
    journal: Journal
    recipient: str = ""
    patience_s: float = 600.0
    """How long an item is tried again while the mail room is away or busy."""
    sleep: Callable[[float], None] = time.sleep

    def all(self, found: Iterable[Item], numbers: Numbers, *, workers: int) -> Iterator[Numbers]:
        """Deliver everything; tells after each item. Away or Refused where the mail room stays away: then it ends.

        No more items are held than workers have before them, however many there are.
        """
        pool = ThreadPoolExecutor(workers, thread_name_prefix="import")
        waiting: _Waiting = set()
        try:
            for item in found:
                waiting.add(pool.submit(self._one, item))
                while len(waiting) >= 2 * workers:
                    waiting = yield from _taken(waiting, numbers)
            while waiting:
                waiting = yield from _taken(waiting, numbers)
        finally:
            pool.shutdown(cancel_futures=True)

    def _one(self, item: Item) -> tuple[Entry, bool]:
        """What became of an item, and whether an earlier run did it."""
        content = b"" if item.problem else item.read()
        sha256 = hashlib.sha256(content).hexdigest() if content else ""
        before = self.journal.of(item.place, sha256)
        if before:
            return before, True
        entry = self._entry(item, content, sha256)
        self.journal.note(entry)
        return entry, False

    def _entry(self, item: Item, content: bytes, sha256: str) -> Entry:
        here = Entry(place=item.place, folder=item.folder, sha256=sha256, outcome="refused", reason=item.problem)
        if item.problem or not content:
            return here if item.problem else replace(here, reason="empty")
        copied = self.journal.copy_of(item.folder, sha256)
        if copied:
            return replace(here, outcome="known", receipt=copied)
        try:
            answer = self._patiently(item, content, sha256)
        except Refused as error:
            if error.status in LATER or error.status in (401, 403):
                raise
            return replace(here, reason=error.code or str(error.status))
        outcome = "known" if answer["duplicate"] else "taken"
        reason = "cut" if item.is_cut else ""
        return replace(here, outcome=outcome, reason=reason, receipt=answer["receipt"], document=answer["document"])

    def _patiently(self, item: Item, content: bytes, sha256: str) -> dict[str, Any]:
        until, pause = time.monotonic() + self.patience_s, 0.5
        while True:
            try:
                return self._deliver(item, content, sha256)
            except (Away, Refused) as error:
                hopeless = isinstance(error, Refused) and error.status not in LATER
                if hopeless or time.monotonic() > until:
                    raise
            self.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _deliver(self, item: Item, content: bytes, sha256: str) -> dict[str, Any]:
        key = hashlib.sha256(f"import\0{item.folder}\0{sha256}".encode("utf-8", "surrogatepass")).hexdigest()
        folder = item.folder.encode("utf-8", "replace").decode()[:FOLDER_CHARACTERS]
        headers = {"Idempotency-Key": f"import-{key}", "Folder": quote(folder, safe="/")}
        if item.kind == "msg":
            name = quote(item.place.rpartition("/")[2].encode("utf-8", "replace"))
            named = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
            return self.deliver("/scans", content, headers | named | {"Content-Type": "application/vnd.ms-outlook"})
        to = {"Rcpt-To": self.recipient} if self.recipient else {}
        return self.deliver("/mails", content, headers | to | {"Content-Type": "message/rfc822"})


def _taken(waiting: _Waiting, numbers: Numbers) -> Generator[Numbers, None, _Waiting]:
    done, rest = wait(waiting, return_when=FIRST_COMPLETED)
    for one in done:
        entry, resumed = one.result()
        numbers.take(entry)
        numbers.resumed += resumed
        yield numbers
    return rest
