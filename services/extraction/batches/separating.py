"""A scan is looked at sheet by sheet before it is read; what lies between separator sheets becomes documents."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from services.core import keys
from services.core.errors import OriginalDamaged, TryLater
from services.core.keys import Bucket
from services.core.messages.envelope import Event
from services.core.model.batches.sheets import SeparatedPart, SheetAccount
from services.core.model.record import Record
from services.core.model.record_files import Extraction, Part, Receipt
from services.core.ports.sheets.sheet_reader import Sheet, Stack
from services.core.vocabulary import MAIN_OFFICE, Problem
from services.extraction.batches.account import account_of, with_faults
from services.extraction.kinds.signatures import PDF
from services.extraction.malware import NotOpened, look
from services.runtime.access.originals import original
from services.runtime.context.service import Context
from services.runtime.streams.spooling import spool_folder

MAX_PAGES = 5_000
"""Pages of a scan that are looked at, as many as are read."""
TIFF = "image/tiff"
_HEAD = 1024


@dataclass(kw_only=True)
class Batch:
    """A scan in hand, and the files of its documents as far as they were taken out of it."""

    context: Context
    stack: Stack
    folder: Path
    media_type: str
    _taken: dict[str, Path] = field(default_factory=dict)

    def account(self, receipt: Receipt) -> SheetAccount | None:
        """Where its sheets belong, its documents taken out; None where nobody can look at it."""
        if not self.stack.page_count:
            return None
        sheets = self._sheets()
        if sheets is None:
            return SheetAccount(page_count=self.stack.page_count, faults=("not_looked",))
        separators = frozenset(self.context.settings.extraction.separators)
        offices = (MAIN_OFFICE, *self.context.plan.offices)
        turning = frozenset(self.context.settings.extraction.turning_sheets)
        account = account_of(receipt, sheets, separators=separators, turning=turning, offices=offices)
        return self.takeable(account)

    def takeable(self, account: SheetAccount) -> SheetAccount:
        """The same, where all its documents could be taken out, as far as they do not stand; else it has none."""
        if all(self._stands(part) or self._take(part) for part in account.parts):
            return account
        return with_faults(replace(account, parts=(), blanks=()), "not_taken")

    @contextlib.contextmanager
    def document(self, part: SeparatedPart) -> Iterator[BinaryIO]:
        """Its pages as a file. TryLater where they cannot be taken out now: they could when it was decided."""
        path = self._take(part)
        if path is None:
            raise TryLater("busy")
        with path.open("rb") as content:
            yield content

    def _sheets(self) -> list[Sheet] | None:
        """Every page; None where there are too many, or it takes too long. One that cannot be drawn is a page."""
        until = time.monotonic() + self.context.settings.extraction.document_timeout.total_seconds()
        if self.stack.page_count > MAX_PAGES:
            return None
        found = []
        for number in range(1, self.stack.page_count + 1):
            with self.context.semaphore.aside():
                sheet = self.stack.look(number)
            found.append(Sheet(number=number) if isinstance(sheet, str) else sheet)
            if time.monotonic() > until:
                return None
        return found

    def _stands(self, part: SeparatedPart) -> bool:
        key = keys.original(self.context.settings.tenant, part.document)
        return self.context.ports.blobs.size(Bucket.ORIGINALS, key) is not None

    def _take(self, part: SeparatedPart) -> Path | None:
        if part.document not in self._taken:
            path = self.folder / f"{len(self._taken) + 1}"
            with path.open("w+b") as target, self.context.semaphore.aside():
                if self.stack.take(part.pages, target, part.turns) or not path.stat().st_size:
                    return None
            self._taken[part.document] = path
        return self._taken[part.document]


@contextlib.contextmanager
def in_hand(context: Context, receipt: Receipt) -> Iterator[Batch | None]:
    """The scan, opened for a look at its sheets; None for what is none."""
    if receipt.channel != "scan":
        yield None
        return
    found = Record(tenant=receipt.tenant, document=receipt.document, receipts=(receipt,))
    with contextlib.ExitStack() as held:
        try:
            content = held.enter_context(original(context, receipt.tenant, receipt.document, found))
            media_type = _media_type(content)
            if media_type:
                look(context, receipt.document, content)
        except (OriginalDamaged, NotOpened):  # whoever reads it as one letter says so
            yield None
            return
        if not media_type:
            yield None
            return
        folder = held.enter_context(tempfile.TemporaryDirectory(dir=spool_folder(context.settings.storage.folder)))
        with context.semaphore.aside():
            stack = held.enter_context(context.ports.sheets.opened(content))
        yield Batch(context=context, stack=stack, folder=Path(folder), media_type=media_type)


def separated(
    context: Context, event: Event, account: SheetAccount, receipt: Receipt, *, media_type: str
) -> Extraction:
    """The reading of a batch: its documents stand for it, so there is no text of its own."""
    own = Part(
        part="0",
        media_type=media_type,
        size_bytes=receipt.size_bytes,
        sha256=receipt.sha256,
        role="body",
        page_count=account.page_count,
    )
    return Extraction(
        cause=event.id,
        made_at=context.ports.clock.now(),
        complete=True,
        extractor_version=context.ports.extractor.version,
        title=f"Stapel mit {len(account.parts)} {'Schriftstück' if len(account.parts) == 1 else 'Schriftstücken'}",
        parts=(own,),
        sheets=account,
    )


def _media_type(content: BinaryIO) -> str:
    """A PDF or TIFF by its bytes, else nothing."""
    content.seek(0)
    head = content.read(_HEAD)
    content.seek(0)
    if b"%PDF-" in head:
        return PDF
    return TIFF if head[:4] in (b"II*\0", b"MM\0*") else ""


def with_problem(read: Extraction, problem: Problem | None, *, cause: str, now: datetime) -> Extraction:
    """The reading of a batch that nobody may open any more, or may again; its documents are what they were."""
    parts = tuple(replace(part, problem=problem) for part in read.parts)
    return replace(read, cause=cause, made_at=now, problem=problem, parts=parts)
