"""Whether a document may lie in a Vorgang of a file, or has to: asked of the plan, and of the register of the file."""

from services.core.errors import Rejected
from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import cases_at, cases_in
from services.core.protocol.registers import cases_of
from services.core.vocabulary import CaseWanted
from services.runtime.context.service import Context


def refuse_case(case: CaseWanted | None, file: str | None, position: str | None, *, context: Context) -> None:
    """Rejected where the Vorgang that is named cannot be had there, or none is named and the plan asks for one.

    A Vorgang that exists stays fillable, wherever the plan has gone; only a new one depends on it.
    """
    blobs = context.ports.blobs
    number = Template(context.settings.filing.file_number).parse(file) if file else None
    use = cases_in(number, context.plan) if file else cases_at(position or "", context.plan)
    if case is None and use == "required":
        raise Rejected("case_required")
    if case == "new" and use == "none":
        raise Rejected("no_cases_here")
    if isinstance(case, int) and not (file and case <= cases_of(blobs, context.settings.tenant, file, context.rows)):
        raise Rejected("unknown_case")


def position_of(file: str, context: Context) -> str:
    """The code of the position that a file number begins with, as the plan writes it."""
    parsed = Template(context.settings.filing.file_number).parse(file)
    known = context.plan.by_number.get(parsed.position) if parsed else None
    return known.code if known else parsed.position if parsed else file.partition("/")[0]
