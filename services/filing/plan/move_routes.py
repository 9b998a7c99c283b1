"""Which letters another plan concerns: before it is put in force for administrators, afterwards for clerks."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.plan import file_plan
from services.core.plan.file_plan import FilePlan
from services.core.ports.entries import Viewer
from services.core.vocabulary import HIGHEST_PROTECTION
from services.filing.plan.activation import sound
from services.filing.plan.moves import Change, Move, Moves, undecided
from services.filing.plan.upload_routes import PLAN_BODY, plan_content
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Administrator, Decider
from services.runtime.web.problems import documented

LOOKED_AT = 200
"""Letters looked at for one page."""


class MoveOut(BaseModel):
    """A letter that the plan concerns: it `moves` to the one place, or a `clerk` chooses among them."""

    document: str
    title: str
    state: str
    outcome: str
    file: str
    position: str
    places: list[str]
    office: str
    new_office: str


class MovesOut(BaseModel):
    """One page of letters; it may be empty and still have a `next`."""

    items: list[MoveOut]
    next: str


class Page(BaseModel):
    """Which part of the list is wanted; `limit` counts letters that are looked at."""

    cursor: str = Field("", max_length=500)
    limit: int = Field(LOOKED_AT, ge=1, le=LOOKED_AT)


def move_routes(context: Context) -> APIRouter:
    """`POST /plan/moves` and `GET /plan/moves`."""
    router = APIRouter()

    @router.post(
        "/plan/moves",
        responses=documented(400, 401, 403, 413, 422, 429, 503),
        openapi_extra=PLAN_BODY,
        summary="Letters that a plan would concern",
    )
    def before(
        caller: Administrator, content: Annotated[bytes, Depends(plan_content)], page: Annotated[Page, Query()]
    ) -> MovesOut:
        """A dry run: which letters would go on elsewhere and which would need a clerk. Nothing changes.

        All letters are told to whoever puts plans in force, titles only of those that the caller may read.
        """
        change = change_to(file_plan.decode(sound(content)), caller, context)
        return moves_out(change.moves(page.cursor, page.limit), caller.viewer)

    @router.get("/plan/moves", responses=documented(400, 401, 403, 429, 503), summary="Letters that wait for a split")
    def after(caller: Decider, page: Annotated[Page, Query()]) -> MovesOut:
        """The caller's letters at positions that the plan in force split: a clerk decides where each goes on."""
        return moves_out(undecided(context.written_plan, context, viewer=caller.viewer, page=(page.cursor, page.limit)))

    return router


def move_pages(context: Context, templates: Path) -> APIRouter:
    """`/aktenplan/umstellung`."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/aktenplan/umstellung")
    def page(request: Request, caller: Decider, ab: str = "") -> Response:
        if len(ab) > 500:  # noqa: PLR2004  # as in the API
            raise Rejected("bad_request")
        plan = context.written_plan
        found = undecided(plan, context, viewer=caller.viewer, page=(ab, LOOKED_AT))
        return desk.page(request, "moves.html", moves=found.items, following=found.next, later=bool(ab), plan=plan)

    return router


def change_to(plan: FilePlan, caller: Caller, context: Context) -> Change:
    """From the plan in force to this one, for whoever puts plans in force: all letters count."""
    everything = Viewer(
        account=caller.id, tenant=context.settings.tenant, all_offices=True, protection=HIGHEST_PROTECTION
    )
    return Change(old=context.written_plan, new=plan, viewer=everything, context=context)


def moves_out(found: Moves, reader: Viewer | None = None) -> MovesOut:
    """One page; whoever may not read a letter is told no title of it."""
    return MovesOut(items=[_move(move, reader) for move in found.items], next=found.next)


def _move(move: Move, reader: Viewer | None) -> MoveOut:
    theirs = reader is None or reader.may_see((move.office, move.new_office), move.protection)
    return MoveOut(
        document=move.document,
        title=move.title if theirs else "",
        state=move.state,
        outcome=move.outcome,
        file=move.file,
        position=move.position,
        places=list(move.places),
        office=move.office,
        new_office=move.new_office,
    )
