"""From evidence to one judgement: a file that is certain, or a reason why a clerk must look, with candidates."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.classification import fusion
from services.classification.evidence import Numbers, addressed, first_pages, is_addressed, keyed, numbers_in
from services.classification.kinds import kind_of
from services.classification.knowledge.known import Known, known
from services.classification.threads import answered, answered_cases
from services.classification.told.divided import in_case
from services.classification.weighing import Weighed, weigh
from services.core import keys
from services.core.keys import Bucket
from services.core.messages.events import Candidate
from services.core.model.record import Record
from services.core.model.record_files import Classification, Evidence, Extraction
from services.core.plan.file_numbers import Template, template_of, year_at
from services.core.plan.file_plan import PlanPosition
from services.core.vocabulary import MAIN_OFFICE, FiledBy, HeldBecause, LetterKind, Reason
from services.runtime.context.service import Context

VERSION = "evidence-1"
MOST_NUMBERED = 10
"""Positions of numbers that are told."""
SET_ASIDE = 0.6
"""Likeness to a letter that a clerk set aside as no record, from which a letter opens and fills no file."""


def judge(found: Record, extraction: Extraction, *, cause: str, context: Context) -> Classification:
    """The judgement about this extraction, the record's latest.

    1. Exactly one existing file of ours is named: it is proposed. Several conflict.
    2. It answers a mail that stands in exactly one file: it is proposed.
    3. Everything else is weighed together. A sure letter to a position that keeps a collective file goes there; all
       others abstain, with the reason and the candidates. A sure office gets the letter to decide about.
    """
    return _Judging(found, extraction, cause, context).judge()


@dataclass(frozen=True, slots=True)
class _Place:
    """What was decided, before it is written down."""

    reason: Reason
    file: str | None = None
    candidates: tuple[Candidate, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    offices: tuple[tuple[str, float], ...] = ()
    cases: frozenset[int] = frozenset()
    """The Vorgänge of the file that are named."""


@dataclass(frozen=True, slots=True)
class _Judging:
    found: Record
    extraction: Extraction
    cause: str
    context: Context

    def judge(self) -> Classification:
        texts = tuple(first_pages(self.extraction))
        automatic = bool(self.extraction.mail and self.extraction.mail.automatic)
        kind = kind_of(self.extraction.title, texts, automatic=automatic)
        numbers = self._numbers()
        knowledge = known(self.context)
        place = self._named(numbers) or self._answered() or self._weighed(numbers, kind, knowledge)
        office, sure = self._office(dict(place.offices))
        made = Classification(
            cause=self.cause,
            made_at=self.context.ports.clock.now(),
            extraction=self.found.revisions["extraction"],
            plan_version=self.context.plan.version,
            classifier_version=VERSION,
            outcome="proposed" if place.file else "abstained",
            candidates=place.candidates,
            file=place.file,
            office=office,
            reason=place.reason,
            certainty=fusion.certainty(place.candidates[0].confidence) if place.candidates else "unsure",
            office_confidence=sure,
            kind=kind,
            knowledge_version=knowledge.version,
            evidence=place.evidence,
        )
        return in_case(made, place.cases, self.context)

    def _numbers(self) -> Numbers:
        def exists(file: str) -> bool:
            key = keys.register_entry(self.found.tenant, file, 1)
            return self.context.ports.blobs.size(Bucket.RECORDS, key) is not None

        names = (*(receipt.name for receipt in self.found.receipts), *self._addressed, *keyed(self.found))
        return numbers_in(self.extraction, names, plan=self.context.plan, template=self._template, exists=exists)

    @property
    def _addressed(self) -> tuple[str, ...]:
        return addressed(self.found, self.context.settings.classification.file_domain)

    @property
    def _template(self) -> Template:
        return template_of(self.context.settings.filing.file_number)

    def _named(self, numbers: Numbers) -> _Place | None:
        """What numbers of existing files say; None where none is named."""
        if not numbers.files:
            return None
        positions = (*numbers.files.values(), *numbers.unknown)
        candidates = _certain({position.code: position for position in positions}.values())
        said = tuple(
            Evidence(kind=self._kind(file), position=position.code, strength=1.0, words=(file,), file=file)
            for file, position in numbers.files.items()
        )
        one = len(numbers.files) == 1 and not numbers.too_many
        offices = {self.context.plan.office_of[candidate.position] for candidate in candidates}
        return _Place(
            reason=self._kind(next(iter(numbers.files))) if one else "conflicting",
            file=next(iter(numbers.files)) if one else None,
            candidates=candidates[:1] if one else candidates,
            evidence=said[:MOST_NUMBERED],
            offices=tuple((office, 1.0) for office in offices if len(offices) == 1),
            cases=frozenset(numbers.cases.get(next(iter(numbers.files)), ())),
        )

    def _kind(self, file: str) -> FiledBy:
        return "address" if is_addressed(file, self._addressed) else "number"

    def _answered(self) -> _Place | None:
        """The file of the mail that this one answers; None where none of the thread is filed."""
        files = answered(self.extraction, self.found.document, self.context)
        if not files:
            return None
        plan, places = self.context.plan, {}
        for file in files:
            parsed = self._template.parse(file)
            position = plan.by_number.get(parsed.position) if parsed else None
            if position:
                places[file] = position
        if not places:
            return None
        said = tuple(
            Evidence(kind="thread", position=position.code, strength=1.0, document=files[file], file=file)
            for file, position in places.items()
        )
        one = len(files) == 1
        cases = answered_cases(files.values(), next(iter(files)), self.context) if one else ()
        offices = {position.office for position in places.values()}
        return _Place(
            reason="thread" if one else "conflicting",
            file=next(iter(files)) if one else None,
            candidates=_certain({p.code: p for p in places.values()}.values(), by_thread=True),
            evidence=said[:MOST_NUMBERED],
            offices=tuple((office, 1.0) for office in offices if len(offices) == 1),
            cases=frozenset(cases),
        )

    def _weighed(self, numbers: Numbers, kind: LetterKind | None, knowledge: Known) -> _Place:
        plan = self.context.plan
        weighed = weigh(self.found, self.extraction, plan=plan, known=knowledge, numbers=numbers)
        reason = self._why_not(numbers, kind, weighed)
        offices = () if reason in ("system_notice", "advertising") else tuple(weighed.offices.items())
        best = weighed.candidates[0] if weighed.candidates else None
        if best and reason == "unsure" and weighed.confirmed:
            position = plan.by_code[best.position]
            if position.filing == "collective":
                now, zone = self.context.ports.clock.now(), self.context.settings.filing.time_zone
                file = self._template.collective(position.code, year_at(now, zone))
                return _Place(best.evidence, file, weighed.candidates, weighed.evidence, offices)
        return _Place(reason, None, weighed.candidates, weighed.evidence, offices)

    def _why_not(self, numbers: Numbers, kind: LetterKind | None, weighed: Weighed) -> HeldBecause:
        if kind == "system_notice":
            return "system_notice"
        named = [position.code for position in numbers.unknown]
        if (weighed.closed and not weighed.candidates) or (named and not self.context.plan.open_codes & set(named)):
            return "closed_position"  # what a number names says so, whatever else the letter is like
        if numbers.unknown:
            return "unknown_number"
        if kind == "advertising" or weighed.set_aside >= SET_ASIDE:
            return "advertising"
        if weighed.candidates or any(part.text.strip() for part in self.extraction.parts):
            return "unsure"
        return "no_text"

    def _office(self, offices: dict[str, float]) -> tuple[str, float]:
        """The likeliest office where it is sure enough; else the one whose box it came through, or the mail room.

        Whoever addressed an office meant it: its post goes to another one only where that is sure.
        """
        settings = self.context.settings
        received = next((r.office for r in self.found.receipts if r.office != MAIN_OFFICE), "")
        office = min(offices, key=lambda one: (-offices[one], one), default="")
        needed = fusion.SURE if received else settings.classification.office_from
        if office and offices[office] >= needed:
            return office, round(min(offices[office], 1.0), 3)
        return received or settings.filing.office, round(offices.get(received, 0.0), 3)


def _certain(positions: Iterable[PlanPosition], *, by_thread: bool = False) -> tuple[Candidate, ...]:
    kind: FiledBy = "thread" if by_thread else "number"
    found = [Candidate(position=p.code, confidence=1.0, evidence=kind, kinds=(kind,)) for p in positions]
    return tuple(sorted(found, key=lambda candidate: candidate.position))[:MOST_NUMBERED]
