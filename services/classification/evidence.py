"""What a document says of its place by itself: own file numbers, checked against plan and files, and mailboxes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from services.core import keys
from services.core.keys import Bucket
from services.core.model.record import Record
from services.core.model.record_files import Extraction
from services.core.plan import mentions
from services.core.plan.file_numbers import Template, template_of
from services.core.plan.file_plan import FilePlan, PlanPosition
from services.core.plan.mentions import Mention
from services.runtime.context.service import Context

PART_CHARACTERS = 10_000
"""Reference lines stand on the first pages: about three of them are looked at in each part."""
ALL_CHARACTERS = 60_000
"""Of a mail with many parts, the first."""
MAX_NUMBERS = 50
"""Different numbers that are looked up. Whoever writes more names no place."""
MAX_MENTIONS = 500
SENDERS_SIGN = 0.5
"""Confidence in a number under `Unser Zeichen`: the sender's own, or one of ours in a letter that came back."""

KEYED = ("aktenzeichen", "akte", "file")
"""Names of the fields of a sidecar that hold a file number."""

_NO_LETTER = re.compile(r"[^0-9A-Z]")
_ADDRESS = re.compile(r"[^\s<>,;:\"']+@[^\s<>,;:\"']+")

Exists = Callable[[str], bool]
"""Whether a file of this number has a register."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The own numbers that a document names."""

    files: dict[str, PlanPosition]
    """Existing files, with their positions."""
    senders: dict[str, PlanPosition]
    """Existing files named only as the sender's sign."""
    unknown: tuple[PlanPosition, ...] = ()
    """Positions of numbers whose files do not exist."""
    too_many: bool = False
    cases: dict[str, set[int]] = field(default_factory=dict)
    """The Vorgänge that stand behind numbers of `files`."""


def addressed(found: Record, domain: str) -> tuple[str, ...]:
    """What stands before the domain of the files, where it was sent there: `52.10.02-17-2026@akte.example`."""
    sent_to = (address for receipt in found.receipts if receipt.envelope for address in receipt.envelope.recipients)
    split = (address.rpartition("@") for address in sent_to)
    return tuple(dict.fromkeys(local for local, _, its in split if domain and its.lower() == domain.lower()))


def keyed(found: Record) -> tuple[str, ...]:
    """What was keyed in beside a scan as its file number (fields of the sidecar)."""
    told = (receipt.properties.get(f"scan.field.{name}", "") for receipt in found.receipts for name in KEYED)
    return tuple(dict.fromkeys(number for number in told if number))


def is_addressed(file: str, local_parts: tuple[str, ...]) -> bool:
    """Whether one of them stands for this file; an address has no slash."""
    return any(_NO_LETTER.sub("-", file.upper()) == _NO_LETTER.sub("-", one.upper()) for one in local_parts)


def numbers_in(
    extraction: Extraction, names: tuple[str, ...], *, plan: FilePlan, template: Template, exists: Exists
) -> Numbers:
    """Every own number in subject, first pages, file names and what is written like them, looked up."""
    found = list(islice(_mentions(extraction, names, template), MAX_MENTIONS + 1))
    known: dict[str, bool] = {}
    cases: dict[str, set[int]] = {}
    files: dict[str, PlanPosition] = {}
    senders: dict[str, PlanPosition] = {}
    unknown: dict[str, PlanPosition] = {}
    for mention in found:
        if len(known) > MAX_NUMBERS:
            break
        place = _existing(mention, known, plan=plan, template=template, exists=exists)
        if place:
            (senders if mention.whose == "theirs" else files)[place[0]] = place[1]
            if mention.whose != "theirs" and place[2]:
                cases.setdefault(place[0], set()).add(place[2])
        elif mention.whose != "theirs" and mention.as_read and mention.as_read.position in plan.by_number:
            position = plan.by_number[mention.as_read.position]
            unknown[position.code] = position
    only_senders = {file: position for file, position in senders.items() if file not in files}
    too_many = len(found) > MAX_MENTIONS or len(known) > MAX_NUMBERS
    return Numbers(files, only_senders, tuple(unknown.values()), too_many, cases)


def _existing(
    mention: Mention, known: dict[str, bool], *, plan: FilePlan, template: Template, exists: Exists
) -> tuple[str, PlanPosition, int | None] | None:
    for number in mention.readings:
        position = plan.by_number.get(number.position)
        if position is None:
            continue
        file = template.render(position.code, number.number, number.year)
        if file not in known:
            known[file] = exists(file)
        if known[file]:
            return file, position, number.case
    return None


def _mentions(extraction: Extraction, names: tuple[str, ...], template: Template) -> Iterator[Mention]:
    yield from mentions.mentions(template, extraction.title)
    for name in (*names, *(part.name for part in extraction.parts)):
        yield from mentions.mentions(template, name, in_name=True)
    for text in first_pages(extraction):
        yield from mentions.mentions(template, text)


def first_pages(extraction: Extraction) -> Iterator[str]:
    """The beginning of each part's text, as far as the whole is bounded."""
    left = ALL_CHARACTERS
    for part in extraction.parts:
        text = part.text[: min(PART_CHARACTERS, left)]
        left -= len(text)
        if text:
            yield text
        if not left:
            return


def by_address(found: Record, extraction: Extraction, plan: FilePlan) -> dict[str, float]:
    """Positions that the mailbox it came to leads to, and how sure the plan is of each."""
    if not plan.rules_by_address:
        return {}
    leads: dict[str, float] = {}
    for address in _addresses(found, extraction):
        for position, rule in plan.rules_by_address.get(address, ()):
            leads[position.code] = max(rule.confidence, leads.get(position.code, 0.0))
    return leads


def _addresses(found: Record, extraction: Extraction) -> frozenset[str]:
    """The mailboxes it was delivered to; what the author wrote only where no envelope tells."""
    delivered = [a for receipt in found.receipts if receipt.envelope for a in receipt.envelope.recipients]
    written = (*extraction.mail.to, *extraction.mail.cc) if extraction.mail else ()
    return frozenset(address.lower() for text in delivered or written for address in _ADDRESS.findall(text))


def names_a_file(found: Record, extraction: Extraction, context: Context) -> bool:
    """Whether it has the number of a file of ours that exists."""

    def exists(file: str) -> bool:
        return context.ports.blobs.size(Bucket.RECORDS, keys.register_entry(found.tenant, file, 1)) is not None

    names = tuple(receipt.name for receipt in found.receipts)
    template = template_of(context.settings.filing.file_number)
    return bool(numbers_in(extraction, names, plan=context.plan, template=template, exists=exists).files)
