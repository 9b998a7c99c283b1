"""Putting a file plan in force: checked, compared with the one in force, stored once, told to every process."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.core.errors import Rejected
from services.core.plan import file_plan, plan_check
from services.core.plan.exchange import forms
from services.core.plan.file_plan import FilePlan
from services.core.plan.plan_changes import Change, changes, elsewhere
from services.core.plan.plan_check import Fault
from services.core.protocol.registers import has_files
from services.runtime.context.configuration import announce
from services.runtime.context.service import Context


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A sound plan beside the one in force."""

    base: int
    """The version in force that it is compared with, 0 for none."""
    content: bytes
    changes: Sequence[Change]
    in_use: Sequence[str]
    """Positions that it leaves out although files lie there: it cannot be put in force."""
    rebuild: bool
    """Whether an office in charge of files changed: the index still shows them to the one before."""


def propose(content: bytes, context: Context) -> Proposal:
    """Check a plan's file, in any form, and compare it; Rejected `plan_faulty` with the line of its first fault."""
    return compared(sound(content), context)


def compared(content: bytes, context: Context) -> Proposal:
    """A plan that is sound, as it is stored, beside the one in force."""
    context.configuration.refresh("plan")
    base, old, new = context.configuration.version("plan"), context.written_plan, file_plan.decode(content)
    found = changes(old, new)
    return Proposal(
        base=base,
        content=content,
        changes=found,
        in_use=[c.code for c in found if c.kind == "removed" and _in_use(c.code, context)],
        rebuild=any(_in_use(code, context) for code in elsewhere(old, new)),
    )


def sound(content: bytes) -> bytes:
    """The plan of a file as it is stored; Rejected `plan_faulty` with the line of its first fault."""
    compact, faults = looked_through(content)
    if faults:
        first = faults[0]
        raise Rejected("plan_faulty", line=first.line, fault=first.code, sentence=first.sentence, faults=len(faults))
    return compact


def looked_through(content: bytes) -> tuple[bytes, list[Fault]]:
    """The plan of a file as it is stored, and all its faults; where there are any, there is no plan."""
    text, faults = forms.read(content)
    return b"" if faults else plan_check.compact(text), faults


def activate(proposal: Proposal, context: Context) -> int:
    """Store the plan as the next version and tell every process; the version that is in force then.

    Rejected `position_in_use`, or `plan_changed` where another plan came into force since the comparison.
    """
    if proposal.in_use:
        raise Rejected("position_in_use", position=proposal.in_use[0], positions=len(proposal.in_use))
    if proposal.base and _same(proposal, context.written_plan):
        announce(context.configuration, "plan", log=context.ports.log, clock=context.ports.clock)
        return proposal.base
    version = context.configuration.store("plan", proposal.content, base=proposal.base)
    if version is None:
        raise Rejected("plan_changed")
    announce(context.configuration, "plan", log=context.ports.log, clock=context.ports.clock)
    context.log.info("plan_activated", version=version, changes=len(proposal.changes))
    return version


def _same(proposal: Proposal, plan: FilePlan) -> bool:
    return file_plan.decode(proposal.content) == plan


def _in_use(position: str, context: Context) -> bool:
    """Whether a file was ever opened at the position: its number stays, so the position has to."""
    return has_files(context.ports.blobs, context.settings.tenant, position)
