"""Lets the real judgement look at letters: a store in memory, the shipped plan, as many examples as one likes."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from services.core.model.record_files import Classification, MailHead
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from tests.component.registry_office import RegistryOffice
from tests.evaluation.letters import FILE_PLANS, Letter
from tests.evaluation.measures import Row

_EXAMPLES = "services.classification.knowledge.known.examples_for"


def shipped_plan() -> FilePlan:
    """The plan of the first start."""
    return file_plan.decode((FILE_PLANS / "musterstadt.json").read_bytes())


@contextmanager
def knowing(letters: Iterable[Letter], plan: FilePlan) -> Iterator[RegistryOffice]:
    """A registry that works by the plan and knows these letters of its positions, and no other."""
    known: dict[str, list[str]] = {}
    for letter in letters:
        known.setdefault(letter.position, []).append(f"{letter.subject}\n{letter.text}")
    office = RegistryOffice()
    office.configuration.force("plan", plan)
    with patch(_EXAMPLES, lambda *_: known):
        yield office


def judged(office: RegistryOffice, letter: Letter, plan: FilePlan) -> tuple[Row, str, Classification]:
    """What became of a letter, its document and the judgement; the time is CPU of the handler."""
    event = office.read(letter.text, title=letter.subject, mail=MailHead(sender=letter.sender, subject=letter.subject))
    began = time.thread_time()
    office.handle(event)
    seconds = time.thread_time() - began
    made = office.record(event.document).classification
    assert made
    return row_of(letter, made, plan.office_of, seconds), event.document, made


def row_of(letter: Letter, made: Classification, office_of: Mapping[str, str], seconds: float) -> Row:
    """The judgement against what is right."""
    order = [candidate.position for candidate in made.candidates]
    return Row(
        position=letter.position,
        first=order[:1] != [] and order[0] in letter.right,
        three=not letter.right.isdisjoint(order[:3]),
        office=made.office in {office_of.get(code, "") for code in letter.right},
        sure=made.candidates[0].confidence if made.candidates else 0.0,
        filed=made.file is not None,
        milliseconds=seconds * 1000,
    )


def corrected(office: RegistryOffice, letter: Letter, document: str) -> None:
    """The clerk who knows decides."""
    office.clock.advance(timedelta(seconds=2))
    place = {"position": letter.position} if letter.position else {}
    decision = office.decide(document, "file" if letter.position else "no_record", **place)
    office.work(decision)
