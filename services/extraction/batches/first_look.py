"""The first reading of a document: as the one letter that it is, or as a batch whose documents stand for it."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Self

from msgspec.structs import replace

from services.core.errors import OriginalDamaged, TryLater
from services.core.messages.envelope import Event, event_id
from services.core.messages.events import DocumentReceived
from services.core.model.batches.sheets import SeparatedPart
from services.core.model.record import Record
from services.core.model.record_files import Extraction, Receipt
from services.core.protocol.receiving import received_event
from services.core.protocol.revise import Draft, revise
from services.core.protocol.separating import Separating, receive_parts
from services.core.vocabulary import Problem
from services.extraction.batches.separating import Batch, in_hand, separated, with_problem
from services.extraction.malware import NotOpened, look
from services.extraction.reading import revisions
from services.extraction.reading.original import read_first
from services.runtime.access.originals import original
from services.runtime.context.service import Context


@dataclass(kw_only=True)
class FirstLook:
    """A received document, opened at most once and only where somebody has to look into it."""

    context: Context
    event: Event
    receipt: Receipt | None
    """None where it was erased since."""
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def reading(self, facts: DocumentReceived) -> Extraction:
        """What is read of it. A batch is not read, its documents are."""
        divisible = self.receipt and not self.receipt.part_of  # a document of a batch is separated by people alone
        account = self._batch.account(self.receipt) if divisible and self._batch and self.receipt else None
        if account and self.receipt and account.is_batch and self._batch:
            return separated(self.context, self.event, account, self.receipt, media_type=self._batch.media_type)
        self._held.close()  # reading takes long, and others want to look meanwhile
        self.__dict__.pop("_batch", None)
        read = read_first(self.context, self.event, facts)
        return replace(read, sheets=account) if account and account.faults else read

    def documents(self, kept: Extraction, receipts: Sequence[Receipt], *, first: bool) -> list[Event]:
        """Store the documents of a batch under these arrivals of it, and tell of them; nothing of what is none.

        `first` is whether one of them is the arrival by which it was separated.
        """
        if kept.sheets is None or not kept.sheets.is_batch:
            return []
        ports, told = self.context.ports, []
        for place, batch in enumerate(receipts):
            # Of what a clerk arranged, every arrival so far is the first.
            its_first = first and (place == 0 or kept.sheets.decision is not None)
            separating = Separating(batch=batch, account=kept.sheets, first=its_first, take=self._pages)
            try:
                told += receive_parts(separating, blobs=ports.blobs, clock=ports.clock)
            except OriginalDamaged:  # told in its record: the rest comes into being when it is mended
                self.context.log.warning("parts_wait", document=self.event.document)
            except NotOpened as error:  # the scanner knows more than when it was separated
                return [*self._told(told), *self._closed(error.problem)]
        return self._told(told)

    def _told(self, made: Sequence[Receipt]) -> list[Event]:
        now = self.context.ports.clock.now()
        return [received_event(one, service=self.context.service, now=now) for one in made]

    def _closed(self, problem: Problem) -> Sequence[Event]:
        """Say in the record that nobody opens it any more: the rest of it comes into being when it is unsealed.

        Else it would be tried for ever, and nobody told.
        """
        context, cause = self.context, event_id(self.event.id, "closed")
        context.log.warning("parts_wait", document=self.event.document)

        def decide(found: Record) -> Draft | Sequence[Event]:
            told = revisions.told_before(context, replace(self.event, id=cause), found.revisions[revisions.STAGE])
            if told or found.extraction is None or found.extraction.problem == problem:
                return told
            made = with_problem(found.extraction, problem, cause=cause, now=context.ports.clock.now())
            return Draft(made=made, tell=lambda number: self._events(number, made))

        return revise(context.ports.blobs, self.event, revisions.STAGE, decide)

    def _events(self, revision: int, made: Extraction) -> list[Event]:
        return revisions.events_of(self.context, self.event, revision=revision, extraction=made)

    @cached_property
    def _batch(self) -> Batch | None:
        return self._held.enter_context(in_hand(self.context, self.receipt)) if self.receipt else None

    @contextlib.contextmanager
    def _pages(self, part: SeparatedPart) -> Iterator[BinaryIO]:
        if self._batch is None and self.receipt:
            with original(self.context, self.receipt.tenant, self.receipt.document) as content:
                look(self.context, self.receipt.document, content)
                raise TryLater("busy")  # it is not damaged, and clean: it could not be looked at this once
        if self._batch is None:
            raise TryLater("busy")
        with self._batch.document(part) as content:
            yield content
