"""The page that tells where a letter is: a receipt number in, the journey out."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.core import catalogue
from services.core.errors import Rejected
from services.core.model import record
from services.core.model.receipts import parse_receipt
from services.ledger.quality.pages import quality_pages
from services.ledger.routes import look_up
from services.runtime.access.visibility import stops_of
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Reporter
from services.runtime.web.problems import STATUS

TEMPLATES = Path(__file__).parent / "templates"
MAX_CHARACTERS = 60


def pages(context: Context) -> APIRouter:
    """`/eingang?nummer=`: lower case, blanks and missing dashes are understood; and `/guete`."""
    router = APIRouter()
    desk = Desk(TEMPLATES)
    router.include_router(quality_pages(context, TEMPLATES))

    @router.get("/eingang")
    def receipt(request: Request, caller: Reporter, nummer: str = "") -> Response:
        typed = nummer.strip()[:MAX_CHARACTERS]
        if not typed:
            return desk.page(request, "receipt.html", typed="", fault="", line=None)
        try:
            line, found = look_up(context, caller, typed)
        except Rejected as error:
            fault = catalogue.refusal(error.code)
            return desk.page(request, "receipt.html", status=STATUS[error.code], typed=typed, fault=fault, line=None)
        return desk.page(
            request,
            "receipt.html",
            typed=parse_receipt(typed),
            fault="",
            line=line,
            standing=record.standing(found),
            indexed=0 < found.version <= line.indexed_version,
            stops=stops_of(found, caller.viewer, asked=line.receipt),
            readable="search" in caller.rights
            and caller.viewer.may_see(record.offices_of(found, context.plan.office_of)),
        )

    return router
