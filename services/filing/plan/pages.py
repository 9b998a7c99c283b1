"""The file plan: its tree, unfolded along the way to the chosen position, and that position with its files."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from msgspec import Struct

from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.plan.file_plan import FilePlan, PlanPosition, folded
from services.filing.existing import files_at
from services.filing.plan.move_routes import move_pages
from services.filing.postponing import open_ones
from services.runtime.access.visibility import known, title_for
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Searcher

LONGEST_QUESTION = 200
FILES_BESIDE = 20
"""Files that are shown beside the tree; the rest has a page of its own."""
MOST_FOUND = 200
"""Positions that one question shows; whoever finds more asks for less."""


class Branch(Struct, frozen=True, kw_only=True):
    """A position, and what of that below it is shown."""

    position: PlanPosition
    below: tuple["Branch", ...] = ()
    found: bool = False
    count_below: int = 0
    """How many positions lie below it, shown or not."""


class Open(Struct, frozen=True, kw_only=True):
    """The letter that somebody looks for a place for."""

    document: str
    version: int
    title: str


class Asked(Struct, frozen=True, kw_only=True):
    """What the address asks for: words, a chosen position, and the letter that is open."""

    q: str
    stelle: str
    schreiben: str


def _asked(q: str = "", stelle: str = "", schreiben: str = "") -> Asked:
    return Asked(q=q[:LONGEST_QUESTION].strip(), stelle=stelle.strip().upper(), schreiben=schreiben)


def plan_pages(context: Context, templates: Path) -> APIRouter:
    """`/aktenplan` and `/aktenplan/umstellung`."""
    router = APIRouter()
    router.include_router(move_pages(context, templates))
    desk = Desk(templates)

    @router.get("/aktenplan")
    def plan(request: Request, caller: Searcher, asked: Annotated[Asked, Depends(_asked)]) -> Response:
        plan = context.plan
        found = matches(plan, asked.q) if asked.q else None
        chosen = plan.by_number.get(asked.stelle) or _only(plan, found)
        files = files_at(context, caller.viewer, chosen.code, limit=FILES_BESIDE + 1) if chosen else ()
        facts: dict[str, Any] = {
            "asked": asked,
            "chosen": chosen,
            "leaf": chosen is not None and not _has_below(plan, chosen.code),
        }
        facts |= {"files": files[:FILES_BESIDE], "more": len(files) > FILES_BESIDE}
        facts |= {"letter": _open_letter(context, caller, asked.schreiben), "count": len(found or ())}
        shown = tree(plan, found, chosen.code if chosen else "")
        return desk.page(request, "plan.html", plan=plan, tree=shown, most=MOST_FOUND, **facts)

    return router


def matches(plan: FilePlan, asked: str) -> frozenset[str]:
    """The codes of positions that begin with the question, or in which each of its words begins a word."""
    words = [f" {word}" for word in folded(asked).split()]
    return frozenset(
        position.code
        for position in plan.positions
        if position.code.startswith(asked) or (words and all(word in _text(position, plan) for word in words))
    )


def tree(plan: FilePlan, found: frozenset[str] | None, chosen: str = "") -> tuple[Branch, ...]:
    """The first level, or what was found with the next level below it; and always the way to the chosen position.

    A plan of thousands of positions is a page of some dozens: each branch is a link to its own unfolding.
    """
    below: dict[str | None, list[PlanPosition]] = {}
    for position in plan.positions:
        below.setdefault(position.parent, []).append(position)
    hits = frozenset(sorted(found)[:MOST_FOUND] if found else ())
    unfolded = set(_with_ways(plan, [*hits, *([chosen] if chosen else ())]))

    def branches(parent: str | None, *, whole: bool) -> Iterator[Branch]:
        for position in below.get(parent, ()):
            code = position.code
            if whole or code in unfolded:
                on_way = code == chosen or code in hits or any(one.code in unfolded for one in below.get(code, ()))
                yield Branch(
                    position=position,
                    below=tuple(branches(code, whole=code in hits or code == chosen or found is None))
                    if on_way
                    else (),
                    found=found is not None and code in found,
                    count_below=len(below.get(code, ())),
                )

    return tuple(branches(None, whole=found is None))


def _with_ways(plan: FilePlan, codes: list[str]) -> Iterator[str]:
    """Positions, and those above them."""
    for code in codes:
        here = plan.by_code.get(code)
        while here:
            yield here.code
            here = plan.by_code.get(here.parent or "")


def _only(plan: FilePlan, found: frozenset[str] | None) -> PlanPosition | None:
    """The one that was found, where it was one."""
    return plan.by_code[next(iter(found))] if found and len(found) == 1 else None


def _has_below(plan: FilePlan, code: str) -> bool:
    return any(position.parent == code for position in plan.positions)


def _open_letter(context: Context, caller: Caller, document: str) -> Open | None:
    """The letter that a place is looked for, where this clerk may decide about it now."""
    if not document or "decide" not in caller.rights:
        return None
    with suppress(Rejected):
        found = known(context, caller.viewer, document)
        waits = any(one.document == document for one in open_ones(context))
        if record.standing(found).state == "held" and not waits:
            return Open(document=document, version=found.version, title=title_for(found, caller.viewer))
    return None


def _text(position: PlanPosition, plan: FilePlan) -> str:
    office = plan.offices.get(position.office, "")
    return folded(" ".join((position.title, position.description, *position.keywords, office)))
