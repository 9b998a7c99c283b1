"""What became of what somebody asks after: one answer a receipt, and whom it is told.

Nobody learns here what the search would not tell: what the asker may not see is answered as if it had never come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, cast

from services.core import catalogue, keys, vocabulary
from services.core.errors import Rejected
from services.core.keys import Bucket
from services.core.model import accounts, record
from services.core.model.accounts import Account, Accounts, Caller, caller_of, represented_by
from services.core.model.receipts import parse_receipt
from services.core.model.record import Record
from services.core.model.record_files import DeadLetter
from services.core.ports.entries import TOMBSTONE_VERSION
from services.core.ports.ledger_store import Line
from services.core.protocol.audience import Audience, audience_of
from services.core.protocol.pointers.threads import message_key
from services.core.protocol.receiving import receipt_at
from services.ledger.handler import line_of
from services.runtime.context.service import Context
from services.runtime.worker.dead_letters import LetterFilter, letters

TOLD_AT_MOST = 20
"""Receipts of one Message-ID or one content; anybody may send the same again and again."""
MAX_CHARACTERS = 1000
"""RFC 5322 lets a line have no more, so no Message-ID is longer."""
Outcome = Literal["waiting", "stopped", "problem", "no_right", "erased", "set_aside", "indexed"]
_SHA256 = re.compile(vocabulary.Sha256.__metadata__[0].pattern)  # type: ignore[attr-defined]  # the word's own pattern
_DAY = slice(3, 9)
"""Of a receipt number: `261129`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trail:
    """What became of one receipt, for whoever may know."""

    outcome: Outcome
    receipt: str
    """Empty for whoever sees the document for another reason than this arrival."""
    document: str
    received_at: datetime
    since: datetime
    service: str = ""
    """Where it waits, or which service gave it up."""
    state: str = ""
    reason: str = ""
    problems: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    """Whose it is: told only to whoever asks for somebody else."""
    error_code: str = ""
    """Why it was given up."""
    findable: bool = False
    """Whether the index has it, be it in an earlier state."""

    def sentence(self, language: catalogue.Language = "de") -> str:
        """What a person is told."""
        return catalogue.trace(self.outcome, self.service, language)


def trails(context: Context, caller: Caller, asked: str, *, account: Account | None = None) -> list[Trail]:
    """What the caller may know, newest first; nothing where nothing came, or nothing that is theirs.

    With an account: why that one does not find it. Rejected `bad_receipt` or `bad_reference` for what is
    none of the three.
    """
    found = []
    for line in _lines(context, asked):
        stored = record.load(context.ports.blobs, line.tenant, line.document)
        audience = audience_of(stored, context.plan)
        if caller.source != line.source and not caller.viewer.may_see(*audience):
            continue
        trail = _hidden(_trail(context, line, stored), line, caller, asked)
        if account is not None and not _finds(context, account, audience):
            trail = replace(trail, outcome="no_right", offices=tuple(sorted(audience.offices)))
        found.append(trail)
    return list(dict.fromkeys(found))


def _finds(context: Context, account: Account, audience: Audience) -> bool:
    everybody = cast("Accounts", context.configuration.parsed("accounts", accounts.decode) or Accounts())
    represents = represented_by(everybody, account.id, context.ports.clock.now())
    theirs = caller_of(account, context.settings.tenant, represents)
    may_search = not account.disabled and "search" in theirs.rights
    return may_search and theirs.using(("search",)).viewer.may_see(*audience)


def _hidden(trail: Trail, line: Line, caller: Caller, asked: str) -> Trail:
    """Without the arrival itself where it is another office's: who else got a letter is nobody's business (Bcc)."""
    own = caller.source == line.source or caller.viewer.may_see((line.office,))
    return trail if own or parse_receipt(asked) == line.receipt else replace(trail, receipt="", received_at=trail.since)


def _lines(context: Context, asked: str) -> list[Line]:
    ledger, tenant = context.ports.ledger, context.settings.tenant
    asked = asked.strip()
    if number := parse_receipt(asked):
        line = ledger.find(tenant, number) or _untold(context, number)
        return [line] if line else []
    if _SHA256.fullmatch(asked.lower()):
        return ledger.named(tenant, asked.lower(), limit=TOLD_AT_MOST)
    if "@" not in asked or len(asked) > MAX_CHARACTERS:
        raise Rejected("bad_receipt" if asked[:2].upper() == "PE" else "bad_reference")
    return ledger.named(tenant, message_key(asked), limit=TOLD_AT_MOST)


def _untold(context: Context, number: str) -> Line | None:
    """What the book does not know yet, or has lost: the store is asked, by the day in the number."""
    blobs, tenant = context.ports.blobs, context.settings.tenant
    try:
        day = datetime.strptime(number[_DAY], "%y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None  # no day of the calendar, so none of ours
    folder = keys.arrivals_of_day(tenant, day)
    for key in blobs.keys(Bucket.RECORDS, folder):
        if key.endswith(f"/{number}"):
            hour, minute, _ = key.removeprefix(folder).split("/")
            at = day.replace(hour=int(hour), minute=int(minute))
            receipt = receipt_at(blobs, tenant, minute=at, receipt_id=number)
            return line_of(receipt) if receipt else None
    return None


def _trail(context: Context, line: Line, found: Record) -> Trail:
    version = context.ports.index.version_of(line.document)
    standing = record.standing(found)
    trail = Trail(
        outcome="indexed",
        receipt=line.receipt,
        document=line.document,
        received_at=line.received_at,
        since=record.since(found) if found.receipts or found.erased else line.received_at,
        state=standing.state,
        reason=standing.reason,
        problems=standing.problems,
        findable=version is not None and version < TOMBSTONE_VERSION and not found.erased,
    )
    if found.erased:
        return replace(trail, outcome="erased")
    if waits := waits_at(found, version or 0):
        return _stopped(context, trail) or replace(trail, outcome="waiting", service=waits[0], since=waits[1])
    if standing.problems:
        return replace(trail, outcome="problem")
    return replace(trail, outcome="set_aside") if standing.state == "no_record" else trail


def waits_at(found: Record, indexed: int) -> tuple[str, datetime] | None:
    """The service whose turn it is and since when; None for what stands where it stays, also in the index."""
    state, extraction = record.standing(found).state, found.extraction
    first = found.receipts[0].received_at if found.receipts else record.since(found)
    if state == "received" or extraction is None:
        return "extraction", first
    if state == "reading":
        return "ocr", extraction.made_at
    if state == "classifying":
        return "classification", extraction.made_at
    if state == "filing":
        decided = found.decisions[-1].decided_at if found.decisions else None
        return "filing", decided or (found.classification or extraction).made_at
    return ("indexing", record.since(found)) if indexed < found.version else None


def _stopped(context: Context, trail: Trail) -> Trail | None:
    """Where a service gave up over it; looked for only while something waits, for every letter is opened."""
    for letter in _dead(context, trail.document):
        return replace(
            trail, outcome="stopped", service=letter.service, since=letter.died_at, error_code=letter.error_code
        )
    return None


def _dead(context: Context, document: str) -> Iterator[DeadLetter]:
    return letters(context.ports.blobs, context.settings.tenant, LetterFilter(document=document))
