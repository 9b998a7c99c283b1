"""Which Vorgang a letter shall lie in: asked on the desk where the place that was chosen has Vorgänge.

A decision of a form that says nothing of a Vorgang is not carried out there, but answered with the choice; `none` says
that the letter shall lie in none. A new file whose position requires Vorgänge begins with one: nothing is to be chosen.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from services.core.errors import Rejected
from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import cases_at, cases_in
from services.core.ports.entries import Viewer
from services.core.vocabulary import CaseWanted
from services.filing.cases.naming import position_of
from services.filing.cases.reading import Cases, ExistingCase
from services.runtime.context.service import Context

NONE = "none"
"""As a form says it: in no Vorgang."""
LONGEST_PLACE = 100
"""Characters of a file number or position that are looked at."""
_DIGITS = 6


class Choice(Struct, frozen=True, kw_only=True):
    """The Vorgänge of a place: the open ones of a file, and a new one in it, or in a new file at a position."""

    action: Literal["file", "open"]
    """As the forms call it; `field` and `value` are the place."""
    field: Literal["file", "position"]
    value: str
    required: bool
    cases: Sequence[ExistingCase] = ()


def choice_of(place: str, viewer: Viewer, context: Context) -> Choice | None:
    """Of a file by its number, or of a position; None where there is nothing to choose."""
    template = Template(context.settings.filing.file_number)
    parsed = template.parse(place)
    if parsed is None:
        known = context.plan.by_number.get(place.strip().upper())
        if known is None or cases_at(known.code, context.plan) != "optional":
            return None
        return Choice(action="open", field="position", value=known.code, required=False)
    position = position_of(place, context)
    file, use = template.render(position, parsed.number, parsed.year), cases_in(parsed, context.plan)
    if use == "none" or parsed.case:
        return None
    reader = Cases(file, viewer, context)
    if not reader.exists:
        return None
    return Choice(action="file", field="file", value=file, required=use == "required", cases=reader.open())


def place_of(fields: Mapping[str, str]) -> str:
    """The file or position that a form names; empty where it asks for something else."""
    chosen = {"file": "file", "open": "position"}.get(fields.get("action", ""), "")
    return fields.get(chosen, "").strip()[:LONGEST_PLACE]


def with_first_case(fields: dict[str, str], context: Context) -> dict[str, str]:
    """The form, with a new Vorgang where a new file has to begin with one."""
    known = context.plan.by_number.get(fields.get("position", "").strip().upper())
    if fields.get("action") != "open" or known is None or cases_at(known.code, context.plan) != "required":
        return fields
    return {"case": "new", **fields}


def case_of(fields: Mapping[str, str]) -> CaseWanted | None:
    """The Vorgang that a form names; Rejected for what is no number."""
    said = fields.get("case", NONE)
    if said == NONE:
        return None
    if said == "new":
        return "new"
    if not (said.isascii() and said.isdigit() and len(said) <= _DIGITS and int(said)):
        raise Rejected("unknown_case")
    return int(said)
