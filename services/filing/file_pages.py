"""Files (Akten) for people: the register of one, and which there are at a position."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.filing.cases.grouping import groups_of
from services.filing.existing import files_at
from services.filing.registers import register_of
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Searcher

ENTRIES_ON_PAGE, ENTRIES_ON_PAPER = 40, 1_000
FILES_ON_PAGE = 50


def file_pages(context: Context, templates: Path) -> APIRouter:
    """`/akten?stelle=` and `/akten/{file}`."""
    router = APIRouter(prefix="/akten")
    desk = Desk(templates)

    @router.get("")
    def at_position(request: Request, caller: Searcher, stelle: str = "") -> Response:
        position = context.plan.by_number.get(stelle.strip().upper())
        if position is None:
            raise Rejected("not_found")
        found = files_at(context, caller.viewer, position.code, limit=FILES_ON_PAGE + 1)
        shown, more = found[:FILES_ON_PAGE], len(found) > FILES_ON_PAGE
        return desk.page(request, "files.html", position=position, files=shown, more=more, plan=context.plan)

    @router.get("/{file:path}")
    def one(request: Request, file: str, caller: Searcher, *, ab: int = 0, alle: str = "") -> Response:
        limit = ENTRIES_ON_PAPER if alle else ENTRIES_ON_PAGE
        register = register_of(file, caller.viewer, context, after=max(ab, 0), limit=limit)
        return desk.page(
            request,
            "file.html",
            register=register,
            groups=groups_of(register, caller.viewer, context),
            plan=context.plan,
            later=ab > 0,
            whole=bool(alle),
            printed_at=context.ports.clock.now(),
        )

    return router
