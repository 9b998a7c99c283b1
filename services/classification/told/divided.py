"""The Vorgang of a file that a letter belongs to: that which it names, or one that a clerk has to say."""

from collections.abc import Collection

from msgspec.structs import replace

from services.core.model.record_files import Classification
from services.core.plan.file_numbers import template_of
from services.core.plan.file_plan import cases_in
from services.core.protocol.registers import cases_of
from services.runtime.context.service import Context


def in_case(made: Classification, named: Collection[int], context: Context) -> Classification:
    """The same, in the one Vorgang that is named; or before a clerk, where it is not certain which one.

    Several are named, or one that the file does not have, or none although the plan asks for one. In a file that has
    none, at a position that knows none, whatever stands behind its number means something else.
    """
    if made.outcome != "proposed" or made.file is None:
        return made
    use = cases_in(template_of(context.settings.filing.file_number).parse(made.file), context.plan)
    if not named and use != "required":
        return made
    there = cases_of(context.ports.blobs, context.settings.tenant, made.file, context.rows)
    if use == "none" and not there:
        return replace(made, case=None)
    if len(named) == 1 and max(named) <= there:
        return replace(made, case=max(named))
    return replace(made, outcome="abstained", reason="no_case", case=None)


def with_case(made: Classification, context: Context) -> Classification:
    """The same for a judgement that has named its Vorgang itself."""
    return in_case(made, [made.case] if made.case else [], context)
