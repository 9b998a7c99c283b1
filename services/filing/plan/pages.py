"""The file plan as a tree to unfold, and the search in it."""

from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from services.core.plan.file_plan import FilePlan, PlanPosition, folded
from services.filing.plan.move_routes import move_pages
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Searcher

LONGEST_QUESTION = 200


class Branch(Struct, frozen=True, kw_only=True):
    """A position and what lies below it; unfolded where something further down was found."""

    position: PlanPosition
    below: tuple["Branch", ...] = ()
    found: bool = False
    unfolded: bool = False


def plan_pages(context: Context, templates: Path) -> APIRouter:
    """`/aktenplan` and `/aktenplan/umstellung`."""
    router = APIRouter()
    router.include_router(move_pages(context, templates))
    desk = Desk(templates)

    @router.get("/aktenplan")
    def plan(request: Request, _: Searcher, q: str = "") -> Response:
        asked, plan = q[:LONGEST_QUESTION].strip(), context.plan
        found = matches(plan, asked) if asked else None
        count = len(found or ())
        return desk.page(request, "plan.html", plan=plan, tree=tree(plan, found), q=asked, count=count)

    return router


def matches(plan: FilePlan, asked: str) -> frozenset[str]:
    """The codes of positions that begin with the question, or in which each of its words begins a word."""
    words = [f" {word}" for word in folded(asked).split()]
    return frozenset(
        position.code
        for position in plan.positions
        if position.code.startswith(asked) or (words and all(word in _text(position, plan) for word in words))
    )


def tree(plan: FilePlan, found: frozenset[str] | None) -> tuple[Branch, ...]:
    """The whole plan, or what was found with all below it, and the way there unfolded."""
    below: dict[str | None, list[PlanPosition]] = {}
    for position in plan.positions:
        below.setdefault(position.parent, []).append(position)

    def branches(parent: str | None, *, whole: bool) -> Iterator[Branch]:
        for position in below.get(parent, ()):
            here = found is not None and position.code in found
            inner = tuple(branches(position.code, whole=whole or here))
            if whole or here or inner:
                unfolded = any(branch.found or branch.unfolded for branch in inner)
                yield Branch(position=position, below=inner, found=here, unfolded=unfolded)

    return tuple(branches(None, whole=found is None))


def _text(position: PlanPosition, plan: FilePlan) -> str:
    office = plan.offices.get(position.office, "")
    return folded(" ".join((position.title, position.description, *position.keywords, office)))
