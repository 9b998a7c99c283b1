"""Specialist procedures (Fachverfahren): which there are, what each is given, and what is stored of the exchange."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from services.core import vocabulary
from services.core.errors import Rejected
from services.core.messages.envelope import event_id
from services.core.messages.events import DeliveredInvoice
from services.core.messages.told import InvoiceTold, MatchTold
from services.core.messages.webhooks import Webhook, WebhookParked, WebhookTrouble, WebhookTurn
from services.core.plan.file_plan import FilePlan, level_of

NAME = re.compile(vocabulary.ProcedureName.__metadata__[0].pattern)  # type: ignore[attr-defined]  # the word's own pattern


class Procedure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One procedure: it is given what is filed at or below its positions, or at a position of its offices."""

    name: vocabulary.ProcedureName
    positions: tuple[vocabulary.Position, ...] = ()
    offices: tuple[vocabulary.Office, ...] = ()
    office: vocabulary.Office = vocabulary.MAIN_OFFICE
    """Whose members may see what it submits before that is filed."""
    protection: vocabulary.Protection | None = None
    """The highest level of what it is given; None of one from before there were levels, which is given all."""
    invoices: bool = False
    """Whether it is told of every electronic invoice, and given it wherever that is filed."""
    answer_days: vocabulary.Count = 0
    """Within so many days it answers each delivery; 0: nobody waits for an answer."""
    since: datetime | None = None
    """Since when it is given just this; None for what was registered before that was noted."""
    paused_since: datetime | None = None
    """From then on it is told nothing and not listened to; both wait until the exchange is resumed."""
    webhook: Webhook | None = None
    """Where its inbox is sent to, line by line; None: it asks for it itself, or reads Kafka."""

    def may_have(self, protection: int) -> bool:
        """Whether what has this level of protection may be given to it."""
        return protection <= (self.protection or vocabulary.HIGHEST_PROTECTION)

    def files_at(self, position: str, plan: FilePlan) -> bool:
        """Whether what it submits may be filed at this position without a clerk: one it is given, or its office's."""
        return self.gets(position, plan) or plan.office_of.get(position) == self.office

    def gets(self, position: str, plan: FilePlan) -> bool:
        """Whether a document filed at this position is delivered to it."""
        if not self.may_have(level_of(position, plan)):
            return False
        by_office = plan.office_of.get(position) in self.offices
        return by_office or any(place in self.positions for place in _way_up(position, plan))

    def places(self, plan: FilePlan) -> frozenset[str]:
        """The positions at and below which everything is given to it, the highest of each branch.

        Asked of the index, which knows what lies below by the code.
        """
        foreign = {above for code in plan.by_code if not self.gets(code, plan) for above in _codes_up(code)}
        whole = set(plan.by_code) - foreign
        return frozenset(code for code in whole if whole.isdisjoint(_codes_up(code.rpartition(".")[0])))


class Procedures(Struct, frozen=True, kw_only=True, tag_field="schema", tag="procedures:1", dict=True):
    """All of them, in one version of the configuration `procedures`."""

    procedures: tuple[Procedure, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Those that are listened to, sorted, so that equal registrations are equal topics.

        What a paused one says waits on its topic.
        """
        return tuple(sorted(procedure.name for procedure in self.procedures if procedure.paused_since is None))

    @cached_property
    def of_invoices(self) -> tuple[Procedure, ...]:
        """Those that take electronic invoices, by name."""
        return tuple(sorted((one for one in self.procedures if one.invoices), key=lambda one: one.name))

    @cached_property
    def _by_name(self) -> dict[str, Procedure]:
        return {procedure.name: procedure for procedure in self.procedures}

    @cached_property
    def _by_position(self) -> dict[str, list[Procedure]]:
        found: dict[str, list[Procedure]] = {}
        for procedure in self.procedures:
            for position in dict.fromkeys(procedure.positions):
                found.setdefault(position, []).append(procedure)
        return found

    @cached_property
    def _by_office(self) -> dict[str, list[Procedure]]:
        found: dict[str, list[Procedure]] = {}
        for procedure in self.procedures:
            for office in dict.fromkeys(procedure.offices):
                found.setdefault(office, []).append(procedure)
        return found

    def named(self, name: str) -> Procedure | None:
        """The procedure of this name."""
        return self._by_name.get(name)

    def takers(self, position: str, plan: FilePlan) -> tuple[Procedure, ...]:
        """Those to whom a document filed at this position is delivered, by name.

        Asked for each filing: it costs the way up the plan, however many are registered.
        """
        found = {one.name: one for one in self._by_office.get(plan.office_of.get(position, ""), ())}
        for place in _way_up(position, plan):
            found |= {one.name: one for one in self._by_position.get(place, ())}
        level = level_of(position, plan)
        return tuple(found[name] for name in sorted(found) if found[name].may_have(level))

    def with_one(self, changed: Procedure) -> "Procedures":
        """The same with this one in place of its predecessor, or behind all others."""
        return Procedures(procedures=(*self.without(changed.name).procedures, changed))

    def without(self, name: str) -> "Procedures":
        """The same without this one."""
        return Procedures(procedures=tuple(one for one in self.procedures if one.name != name))


class Delivered(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="delivered:1"):
    """One filing as it is delivered to one procedure; its line in the inbox stands at `line` or above."""

    delivery: vocabulary.EventId
    document: vocabulary.DocumentId
    filing: vocabulary.DecisionId
    file: vocabulary.FileNumber
    position: vocabulary.Position
    made_at: datetime
    line: vocabulary.Revision
    entry: vocabulary.Revision | None = None
    case: vocabulary.CaseNumber | None = None
    first_entry: vocabulary.Revision | None = None
    """The first of the entries that this delivery brought with it, since they had not come before it; None: none."""
    invoices: tuple[DeliveredInvoice, ...] = ()


class Reminded(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="reminded:1"):
    """The reminder of a delivery; its line in the inbox stands at `line` or above."""

    delivery: vocabulary.EventId
    made_at: datetime
    line: vocabulary.Revision
    answer_by: datetime


class Tested(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="tested:1"):
    """A test message; its line in the inbox stands at `line` or above. Its answer lies apart from all others."""

    delivery: vocabulary.EventId
    made_at: datetime
    line: vocabulary.Revision


class Returned(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="returned:1"):
    """A delivery that was not answered, not even after a reminder, and put before a clerk."""

    delivery: vocabulary.EventId
    made_at: datetime


class Answered(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="answered:1"):
    """What the procedure said of a delivery; a reason where it was rejected."""

    delivery: vocabulary.EventId
    reference_key: vocabulary.BlobKey | None = None
    reason_code: vocabulary.Code | None = None


class Upload(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="upload:1"):
    """Content that a procedure brought, and what it said of it; a document only when it is submitted."""

    upload: vocabulary.EventId
    sha256: vocabulary.Sha256
    size_bytes: vocabulary.Count
    media_type: vocabulary.MediaType
    name: str = ""
    made_at: datetime | None = None


class Submitted(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="submitted:1"):
    """The claim of a submission's id: it stands for this content."""

    submission: vocabulary.EventId
    upload: vocabulary.EventId
    sha256: vocabulary.Sha256
    file: vocabulary.FileNumber | None = None
    case: vocabulary.CaseNumber | None = None
    position: vocabulary.Position | None = None
    reference_key: vocabulary.BlobKey | None = None


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="outcome:1"):
    """What became of a submission: a receipt, or the reasons why there is none."""

    submission: vocabulary.EventId
    made_at: datetime
    line: vocabulary.Revision
    receipt: vocabulary.ReceiptId | None = None
    document: vocabulary.DocumentId | None = None
    reason_codes: tuple[vocabulary.Code, ...] = ()


class Refused(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="refused:1"):
    """A record on a procedure's topic that breaks the contract, and what its writer is told of it."""

    id: vocabulary.EventId
    submission: vocabulary.EventId
    made_at: datetime
    line: vocabulary.Revision
    reason_codes: tuple[vocabulary.Code, ...]
    delivery: vocabulary.EventId | None = None
    field: vocabulary.FieldName | None = None


class InboxLine(Struct, frozen=True, kw_only=True, tag_field="schema", tag="inbox-line:1"):
    """One line of a procedure's inbox; lines are gapless and never change."""

    kind: vocabulary.InboxKind
    id: vocabulary.EventId


def _codes_up(code: str) -> Iterator[str]:
    """The code and those above it, as they are written."""
    while code:
        yield code
        code = code.rpartition(".")[0]


def _way_up(position: str, plan: FilePlan) -> Iterator[str]:
    """The position and those above it."""
    place: str | None = position
    for _ in range(len(plan.positions) + 1):  # a plan without circles has no longer way up
        if place is None:
            return
        yield place
        known = plan.by_code.get(place)
        place = known.parent if known else None


ALL: tuple[type[Struct], ...] = (
    Delivered,
    Answered,
    Upload,
    Submitted,
    Outcome,
    Refused,
    InvoiceTold,
    MatchTold,
    Reminded,
    Tested,
    Returned,
    InboxLine,
    WebhookTrouble,
    WebhookParked,
    WebhookTurn,
    Procedures,
)
"""Every stored shape; `schemas/records` is exported from it."""

EMPTY = Procedures()
_DECODERS = {shape: msgspec.json.Decoder(shape) for shape in ALL}
_Shape = TypeVar("_Shape", bound=Struct)


def delivery_id(tenant: str, procedure: str, document: str, *, filing: str) -> str:
    """The delivery of one filing to one procedure: the same whoever makes it, and however often."""
    return event_id(f"{tenant}/{procedure}/{document}/{filing}", "delivery")


def decode(shape: type[_Shape], content: bytes) -> _Shape:
    """The record of that shape; an unreadable one is our fault, and says so."""
    try:
        return cast("_Shape", _DECODERS[shape].decode(content))
    except msgspec.MsgspecError as error:
        raise Rejected("record_broken", shape=shape.__name__) from error


def decode_all(content: bytes) -> Procedures:
    """A stored version of the configuration."""
    return decode(Procedures, content)
