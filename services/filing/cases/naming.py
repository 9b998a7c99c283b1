"""Whether a document may lie in a Vorgang of a file, or has to: asked of the plan, and of the register of the file."""

from services.core.errors import Rejected
from services.core.model.record_files import RegisterEntry
from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import cases_at
from services.core.protocol import registers
from services.core.vocabulary import CaseWanted
from services.runtime.context.service import Context


def refuse_case(case: CaseWanted | None, file: str | None, position: str | None, *, context: Context) -> None:
    """Rejected where the Vorgang that is named cannot be had there, or none is named and the plan asks for one.

    A Vorgang that exists stays fillable, wherever the plan has gone; only a new one depends on it.
    """
    use = cases_at(position or position_of(file or "", context), context.plan)
    if file and Template(context.settings.filing.file_number).is_collective(file):
        use = "none"
    if case is None and use == "required":
        raise Rejected("case_required")
    if case == "new" and use == "none":
        raise Rejected("no_cases_here")
    if isinstance(case, int) and (not file or case > _cases_of(file, context)):
        raise Rejected("unknown_case")


def position_of(file: str, context: Context) -> str:
    """The code of the position that a file number begins with, as the plan writes it."""
    parsed = Template(context.settings.filing.file_number).parse(file)
    known = context.plan.by_number.get(parsed.position) if parsed else None
    return known.code if known else parsed.position if parsed else file.partition("/")[0]


def last_entry_of(file: str, context: Context) -> int:
    """The number of the newest entry; 0 where there is no such file."""
    return registers.last_entry(context.ports.blobs, context.settings.tenant, file, context.rows)


def entry_of(file: str, number: int, context: Context) -> RegisterEntry:
    """An entry that is there."""
    return registers.entry_at(context.ports.blobs, context.settings.tenant, file, number)


def _cases_of(file: str, context: Context) -> int:
    return registers.cases_of(context.ports.blobs, context.settings.tenant, file, context.rows)
