"""A letter that names the number under which a specialist procedure keeps a filed document goes to that file."""

from collections.abc import Iterator
from itertools import islice

from services.classification.evidence import first_pages, names_a_file
from services.classification.threads import answered
from services.core.messages.events import Candidate
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Classification, Evidence, Extraction
from services.core.plan.file_numbers import template_of
from services.core.plan.file_plan import PlanPosition
from services.core.protocol.pointers import references
from services.runtime.context.service import Context

VERSION = "reference-1"
NUMBERS_AT_MOST, DOCUMENTS_AT_MOST = 20, 10
"""Different numbers that are looked up in one letter, and documents of one number."""

_Named = dict[str, tuple[PlanPosition, str, str]]
"""By file: its position, the number as the letter has it, and the document that it leads to."""


def by_reference(found: Record, extraction: Extraction, *, cause: str, context: Context) -> Classification | None:
    """The judgement about a letter with such a number; None where it has none, or says where it belongs by itself.

    A file number of ours and the thread of a mail say more. Numbers of several files conflict: a clerk looks.
    """
    if not context.procedures.procedures:
        return None
    named = _named(found, extraction, context)
    if not named or names_a_file(found, extraction, context) or answered(extraction, found.document, context):
        return None
    one = len(named) == 1
    places = {position.code: position for position, _, _ in named.values()}
    offices = {context.plan.office_of[code] for code in places}
    return Classification(
        cause=cause,
        made_at=context.ports.clock.now(),
        extraction=found.revisions["extraction"],
        plan_version=context.plan.version,
        classifier_version=VERSION,
        outcome="proposed" if one else "abstained",
        candidates=tuple(
            Candidate(position=code, confidence=1.0, evidence="reference", kinds=("reference",)) for code in places
        ),
        file=next(iter(named)) if one else None,
        office=offices.pop() if len(offices) == 1 else context.settings.filing.office,
        reason="reference" if one else "conflicting",
        certainty="sure" if one else "likely",
        office_confidence=1.0 if len(places) == 1 else 0.0,
        evidence=tuple(
            Evidence(kind="reference", position=position.code, strength=1.0, words=(word,), document=there, file=file)
            for file, (position, word, there) in named.items()
        ),
    )


def _named(found: Record, extraction: Extraction, context: Context) -> _Named:
    blobs, tenant = context.ports.blobs, context.settings.tenant
    texts = (extraction.title, *(part.name for part in extraction.parts), *first_pages(extraction))
    template, named = template_of(context.settings.filing.file_number), _Named()
    for word in islice(references.named_in(texts, blobs, tenant), NUMBERS_AT_MOST):
        for there, file in _files(word, found.document, context):
            number = template.parse(file)
            position = context.plan.by_number.get(number.position) if number else None
            if position:
                named.setdefault(file, (position, word, there))
    return named


def _files(word: str, own: str, context: Context) -> Iterator[tuple[str, str]]:
    """The documents that are kept under this number now, each with the files in which it stands."""
    blobs, tenant = context.ports.blobs, context.settings.tenant
    for document in islice(references.documents_of(blobs, tenant, word), DOCUMENTS_AT_MOST):
        found = record.load(blobs, tenant, document)
        if document == own or found.erased or record.standing(found).state != "filed":
            continue
        if references.normalised(word) in {references.normalised(one.reference) for one in found.references}:
            yield from ((document, filing.file) for filing in record.current_filings(found) if filing.file)
