"""A rule tried on the last letters before anybody saves it: where it would lead, and where those letters lie now."""

import time
from collections.abc import Iterator
from datetime import timedelta

import msgspec
from msgspec import Struct

from services.classification.evidence import _addresses, first_pages
from services.classification.knowledge.rule_book import RuleBook
from services.classification.knowledge.words import of_letter
from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.plan.file_plan import EMPTY, PlanPosition, Rule
from services.core.ports.entries import Viewer
from services.core.protocol.audience import is_visible
from services.runtime.access.visibility import title_for
from services.runtime.context.service import Context

LETTERS = 1_000
"""The last ones, of those that the clerk may see."""
DAYS = 400
"""How far back they are looked for."""
PATIENCE = timedelta(seconds=20)
"""A store that is slow ends the trial early; it says on how many letters it rests."""
SHOWN = 20


class Led(Struct, frozen=True, kw_only=True):
    """A letter that the rule leads to its position, and where it lies; empty where it waits."""

    document: str
    title: str
    state: str
    position: str


class Trial(Struct, frozen=True, kw_only=True):
    """What the rule would have done to the last letters."""

    tried: int
    led: int
    right: int
    """Of those: filed at its position."""
    elsewhere: int
    """Of those: filed at another position; each may be a mistake of the rule."""
    open: int
    """Of those: wait, or are no record."""
    letters: tuple[Led, ...]
    """The first ones, those that lie elsewhere first."""
    complete: bool
    """Whether the time was enough for all."""


def try_rule(position: PlanPosition, rule: Rule, viewer: Viewer, context: Context) -> Trial:
    """Read the last letters by this rule alone, as it would be read in force: by stems and parts of compounds."""
    book = RuleBook(msgspec.structs.replace(EMPTY, positions=(msgspec.structs.replace(position, rules=(rule,)),)))
    until = time.monotonic() + PATIENCE.total_seconds()
    tried, led, complete = 0, [], True
    for found in _letters(viewer, context):
        if time.monotonic() > until:
            complete = False
            break
        tried += 1
        if found.extraction and _leads(rule, book, found, found.extraction):
            led.append(_led(found, viewer))
    right = sum(one.position == position.code for one in led)
    elsewhere = [one for one in led if one.position not in ("", position.code)]
    order = sorted(led, key=lambda one: (one.position in ("", position.code), one.position == position.code))
    return Trial(
        tried=tried,
        led=len(led),
        right=right,
        elsewhere=len(elsewhere),
        open=len(led) - right - len(elsewhere),
        letters=tuple(order[:SHOWN]),
        complete=complete,
    )


def _leads(rule: Rule, book: RuleBook, found: Record, extraction: Extraction) -> bool:
    if rule.address and rule.address.strip().lower() in _addresses(found, extraction):
        return True
    return any(True for _ in book.matches(of_letter(extraction.title, first_pages(extraction))))


def _letters(viewer: Viewer, context: Context) -> Iterator[Record]:
    """The newest first, each once: days backwards by the pointers of arrivals."""
    ports, tenant, plan = context.ports, context.settings.tenant, context.plan
    seen: set[str] = set()
    today = ports.clock.now()
    for back in range(DAYS):
        day = keys.arrivals_of_day(tenant, today - timedelta(days=back))
        for pointer in reversed(list(ports.blobs.keys(Bucket.RECORDS, day))):
            document = _document_at(pointer, context)
            if not document or document in seen:
                continue
            seen.add(document)
            found = record.load(ports.blobs, tenant, document)
            if found.extraction and is_visible(found, viewer, plan):
                yield found
            if len(seen) == LETTERS:
                return


def _document_at(pointer: str, context: Context) -> str:
    try:
        return context.ports.blobs.read(Bucket.RECORDS, pointer).decode()
    except BlobMissing:
        return ""  # erased or taken back since it was listed


def _led(found: Record, viewer: Viewer) -> Led:
    now = record.standing(found)
    position = (now.filings[-1].position or "") if now.state == "filed" else ""
    return Led(document=found.document, title=title_for(found, viewer), state=now.state, position=position)
