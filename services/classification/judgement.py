"""From evidence to one judgement: a file that is certain, or a reason why a clerk must look, with candidates."""

from collections.abc import Iterable

from services.classification.evidence import SENDERS_SIGN, Numbers, by_rules, first_pages, numbers_in
from services.classification.likeness import by_likeness
from services.core import keys
from services.core.keys import Bucket
from services.core.messages.events import Candidate
from services.core.model.record import Record
from services.core.model.record_files import Classification, Extraction
from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import MAIN_OFFICE, HeldBecause
from services.runtime.context.service import Context

VERSION = "likeness-1"
MAX_CANDIDATES = 10


def judge(found: Record, extraction: Extraction, *, cause: str, context: Context) -> Classification:
    """The judgement about this extraction, the record's latest.

    Exactly one existing file is proposed. Everything else abstains: several files conflict; a system notice names no
    place; a number without a file, rules and likeness lead to a position only, and no file is opened without a clerk.
    Likeness ranks proposals; it moves a letter to no office.
    """
    plan = context.plan
    numbers = _numbers(found, extraction, context)
    certain = len(numbers.files) == 1 and not numbers.too_many
    leads = _numbered(numbers) if certain else [*_numbered(numbers), *by_rules(found, extraction, plan)]
    closed_too = frozenset(p.code for p in numbers.files.values())
    firm = _best(leads, plan, closed_too=closed_too)
    closed = any(plan.by_code[lead.position].closed for lead in leads if lead.confidence > SENDERS_SIGN)
    told = bool(numbers.files or numbers.unknown) or closed or _is_notice(extraction)
    like = () if told else by_likeness(plan, extraction.title, first_pages(extraction))
    candidates = _best([*leads, *like], plan, closed_too=closed_too)
    reason = None if certain else _why_not(extraction, numbers, candidates=firm, closed=closed)
    return Classification(
        cause=cause,
        made_at=context.ports.clock.now(),
        extraction=found.revisions["extraction"],
        plan_version=plan.version,
        classifier_version=VERSION,
        outcome="abstained" if reason else "proposed",
        candidates=candidates,
        file=None if reason else next(iter(numbers.files)),
        office=_office(found, firm, context),
        reason=reason or "number",
    )


def _numbers(found: Record, extraction: Extraction, context: Context) -> Numbers:
    def exists(file: str) -> bool:
        return context.ports.blobs.size(Bucket.RECORDS, keys.register_entry(found.tenant, file, 1)) is not None

    names = tuple(receipt.name for receipt in found.receipts)
    template = Template(context.settings.filing.file_number)
    return numbers_in(extraction, names, plan=context.plan, template=template, exists=exists)


def _numbered(numbers: Numbers) -> list[Candidate]:
    certain = [*numbers.files.values(), *numbers.unknown]
    leads = [Candidate(position=p.code, confidence=1.0, evidence="number") for p in certain]
    theirs = numbers.senders.values()
    return leads + [Candidate(position=p.code, confidence=SENDERS_SIGN, evidence="number") for p in theirs]


def _best(leads: Iterable[Candidate], plan: FilePlan, *, closed_too: frozenset[str]) -> tuple[Candidate, ...]:
    """Each position once, the surest first; closed ones only where a file is there to be filled."""
    by_position: dict[str, Candidate] = {}
    for lead in leads:
        known = by_position.get(lead.position)
        usable = lead.position in plan.open_codes or lead.position in closed_too
        if usable and (known is None or lead.confidence > known.confidence):
            by_position[lead.position] = lead
    order = sorted(by_position.values(), key=lambda lead: (-lead.confidence, lead.position))
    return tuple(order[:MAX_CANDIDATES])


def _why_not(
    extraction: Extraction, numbers: Numbers, *, candidates: tuple[Candidate, ...], closed: bool
) -> HeldBecause:
    if numbers.files:
        return "conflicting"
    if _is_notice(extraction):
        return "system_notice"
    if closed and not candidates:
        return "closed_position"
    if numbers.unknown:
        return "unknown_number"
    if candidates or any(part.text.strip() for part in extraction.parts):
        return "unsure"
    return "no_text"


def _is_notice(extraction: Extraction) -> bool:
    return bool(extraction.mail and extraction.mail.automatic)


def _office(found: Record, candidates: tuple[Candidate, ...], context: Context) -> str:
    """The position's where the candidates agree, else the one whose box it came through, else the mail room."""
    offices = {context.plan.office_of[candidate.position] for candidate in candidates}
    if len(offices) == 1:
        return offices.pop()
    received = (receipt.office for receipt in found.receipts if receipt.office != MAIN_OFFICE)
    return next(received, context.settings.filing.office)
