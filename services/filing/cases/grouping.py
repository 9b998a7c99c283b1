"""The lines of a register by Vorgang, for the page of a file."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from services.core.plan.file_numbers import case_sign
from services.core.ports.entries import Viewer
from services.filing.cases.reading import Cases
from services.filing.registers import Register, RegisterLine
from services.runtime.context.service import Context
from services.runtime.translation.speaking import gettext


class Group(Struct, frozen=True, kw_only=True):
    """Lines of one Vorgang; those of none, and those that nobody may know more of, stand behind the others."""

    lines: Sequence[RegisterLine]
    number: int = 0
    heading: str = ""
    """The sign of the Vorgang, or what the others are called; empty where nothing is divided."""
    title: str = ""


def groups_of(register: Register, viewer: Viewer, context: Context) -> Sequence[Group]:
    """In the order of their numbers; one without a heading where no line of the page lies in a Vorgang."""
    numbers = sorted({line.case for line in register.items if line.case})
    if not numbers:
        return (Group(lines=register.items),)
    title_of = _first_titles(register) if register.items[0].entry == 1 else Cases(register.file, viewer, context).title
    groups = [
        Group(
            number=number,
            heading=gettext("Vorgang {sign}").format(sign=case_sign(register.file, number)),
            title=title_of(number) or gettext("Ohne Titel"),
            lines=[line for line in register.items if line.case == number],
        )
        for number in numbers
    ]
    rest = [line for line in register.items if not line.case]
    known, hidden = [line for line in rest if line.document], [line for line in rest if not line.document]
    others = (
        Group(heading=gettext("Ohne Vorgang"), lines=known),
        Group(heading=gettext("Für Sie nicht einsehbar"), lines=hidden),
    )
    return (*groups, *(one for one in others if one.lines))


def _first_titles(register: Register) -> Callable[[int], str]:
    """From its first entry on a page shows where each Vorgang begins: what it is called needs no further reading."""
    titles: dict[int, str] = {}
    for line in register.items:
        if line.case:
            titles.setdefault(line.case, line.title)
    return lambda number: titles[number]
