"""From a whole record to its entry in the index; pure, so that live events and a rebuild give the same."""

import re
from collections.abc import Iterable

import msgspec

from services.core import spellings
from services.core.model import invoice_keys, record
from services.core.model.record import Record
from services.core.model.record_files import Extraction, Filing, Receipt
from services.core.plan import file_numbers
from services.core.plan.file_plan import FilePlan
from services.core.ports.entries import TOMBSTONE_VERSION, Entry, Occurrence
from services.core.protocol.audience import audience_of
from services.core.protocol.near_duplicates import sketch_of
from services.core.protocol.working import handling

BODY_ROLES = ("body",)
_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")


def entry_of(found: Record, plan: FilePlan) -> Entry | None:
    """The entry of a record; a tombstone where it was erased, None where nobody ever accepted it."""
    if found.erased:
        return Entry(tenant=found.tenant, document=found.document, version=TOMBSTONE_VERSION, erased=True)
    if not found.receipts:
        return None
    standing, audience = record.standing(found), audience_of(found, plan)
    first, last = found.receipts[0], found.receipts[-1]
    entry = Entry(
        tenant=found.tenant,
        document=found.document,
        version=found.version,
        state=standing.state,
        problems=standing.problems,
        reason=standing.reason,
        channel=first.channel,
        sources=_once(receipt.source for receipt in found.receipts),
        receipts=tuple(receipt.receipt for receipt in found.receipts),
        received_at=first.received_at,
        latest_at=last.received_at,
        occurrences=_occurrences(found),
        files=_once(filing.file or "" for filing in standing.filings),
        cases=_once(_case(filing) for filing in standing.filings),
        positions=_once(filing.position or "" for filing in standing.filings),
        kind=(found.classification.kind or "") if found.classification else "",
        clerk=handling.clerk_of(found),
        due=handling.words_of(handling.due_of(found)),
        offices=tuple(sorted(audience.offices)),
        protection=audience.protection,
    )
    whole = _with_text(entry, found.extraction, title=record.title_of(found)) if found.extraction else entry
    notes = [note.text for note in handling.notes_of(found)]
    references = [one.reference for one in found.references]
    told = _once((*references, *(form for text in (*references, *notes) for form in spellings.of_text(text))))
    return msgspec.structs.replace(
        whole,
        spellings=" ".join(filter(None, (whole.spellings, *told))),
        attachments=_text((whole.attachments, *notes)),
    )


def _case(filing: Filing) -> str:
    return file_numbers.normalised(file_numbers.case_sign(filing.file or "", filing.case)) if filing.case else ""


def _occurrences(found: Record) -> tuple[Occurrence, ...]:
    mail = found.extraction.mail if found.extraction else None
    named = frozenset(_ADDRESS.findall(" ".join((*mail.to, *mail.cc)).lower())) if mail else None
    return tuple(
        Occurrence(one.office, one.name, one.channel, one.received_at, _only_in_envelope(one, named))
        for one in found.receipts
    )


def _only_in_envelope(receipt: Receipt, named: frozenset[str] | None) -> tuple[str, ...]:
    """Recipients whom the headers do not name; before those are read, nobody can say which they are."""
    told = receipt.envelope.recipients if receipt.envelope and named is not None else ()
    return _once(address for address in told if address.lower() not in (named or ()))


def _with_text(entry: Entry, extraction: Extraction, *, title: str) -> Entry:
    mail = extraction.mail
    names = _once(part.name for part in extraction.parts)
    invoices = [part.invoice for part in extraction.parts if part.invoice]
    texts = _once((title, extraction.title, *names, *(part.text for part in extraction.parts)))
    return msgspec.structs.replace(
        entry,
        complete=extraction.complete,
        title=title,
        sender=mail.sender if mail else extraction.sender_on_page,
        recipients=(*mail.to, *mail.cc) if mail else (),
        sent_at=mail.sent_at if mail else None,
        names=names,
        spellings=" ".join(_once(form for text in texts for form in spellings.of_text(text))),
        body=_text(part.text for part in extraction.parts if part.role in BODY_ROLES),
        attachments=_text(
            (part.text for part in extraction.parts if part.role not in BODY_ROLES),
            # Whoever knows the letter by what it calls itself still finds it.
            also=extraction.title if title != extraction.title else "",
        ),
        invoices=invoice_keys.numbers_of(invoices),
        amounts=invoice_keys.amounts_of(invoices),
        suppliers=invoice_keys.suppliers_of(invoices),
        sketch=sketch_of(extraction),
    )


def _text(texts: Iterable[str], *, also: str = "") -> str:
    return "\n\n".join(filter(None, (*texts, also)))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
