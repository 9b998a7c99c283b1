"""The page that tells where a letter is, and why it is not found: a number in, the answer and the journey out."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from services.core import catalogue
from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.protocol.audience import is_visible
from services.ledger.books.pages import book_pages
from services.ledger.quality.pages import quality_pages
from services.ledger.reports.pages import report_pages
from services.ledger.routes import look_up, of_sender
from services.ledger.tracing.routes import account_asked_for
from services.ledger.tracing.trail import MAX_CHARACTERS, trails
from services.ledger.viewings.pages import viewing_pages
from services.runtime.access.visibility import stops_on_page
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import language, refusal
from services.runtime.web.http import Reporter
from services.runtime.web.problems import STATUS

TEMPLATES = Path(__file__).parent / "templates"


def pages(context: Context) -> APIRouter:
    """`/eingang?nummer=`: receipt number in any spelling, Message-ID or SHA-256, `&konto=` for whom; and `/guete`."""
    router = APIRouter()
    desk = Desk(TEMPLATES)
    router.include_router(quality_pages(context, TEMPLATES))
    router.include_router(book_pages(context, TEMPLATES))
    router.include_router(viewing_pages(context, TEMPLATES))
    router.include_router(report_pages(context, TEMPLATES))

    @router.get("/eingang")
    def receipt(request: Request, caller: Reporter, nummer: str = "", konto: str = "") -> Response:
        typed, name = nummer.strip()[:MAX_CHARACTERS], konto.strip()[:MAX_CHARACTERS]
        facts: dict[str, Any] = {"typed": typed, "account": name, "asks_for_others": caller.viewer.all_offices}
        nothing: dict[str, Any] = {"fault": "", "trails": [], "line": None}
        if not typed:
            return desk.page(request, "receipt.html", **facts, **nothing)
        try:
            found = trails(context, caller, typed, account=account_asked_for(context, caller, name))
        except Rejected as error:
            nothing["fault"] = refusal(error.code)
            return desk.page(request, "receipt.html", status=STATUS[error.code], **facts, **nothing)
        if not found:
            nothing["fault"] = catalogue.trace("not_received", language=language())
            return desk.page(request, "receipt.html", status=STATUS["not_found"], **facts, **nothing)
        journey = _journey(context, caller, found[0].receipt) if len(found) == 1 else {"line": None}
        return desk.page(request, "receipt.html", **facts, fault="", trails=found, **journey)

    return router


def _journey(context: Context, caller: Caller, number: str) -> dict[str, Any]:
    """What the page tells of one receipt beside the answer; nothing where the book does not know it yet."""
    try:
        line, found = look_up(context, caller, number)
    except Rejected:
        return {"line": None}
    readable = "search" in caller.rights and is_visible(found, caller.viewer, context.plan)
    stops, left_out = stops_on_page(found, caller.viewer, asked=line.receipt)
    return {
        "line": line,
        "standing": record.standing(found),
        "indexed": 0 < found.version <= line.indexed_version,
        "stops": stops if readable else [of_sender(stop) for stop in stops],
        "left_out": left_out,
        "readable": readable,
    }
