"""`/posteingang/neues`: what changed in the list, and with the open letter, since a page was made; mostly nothing."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.filing.workbench.presence import Present, look_in, present
from services.filing.workbench.proposals import CERTAINTIES
from services.filing.workbench.refusals import Refusals
from services.filing.workbench.waiting import (
    REASONS,
    SORTS,
    VIEWS,
    Narrowing,
    Waiting,
    card_of,
    due_today,
    offices_of,
    stamp_of,
    waiting,
)
from services.runtime.access.visibility import known
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import all_said, gettext
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.web.http import Decider

FRESH = {"Cache-Control": "private, no-cache"}
CHANGED = {
    "filed": _("Dieses Dokument wurde inzwischen abgelegt."),
    "filing": _("Dieses Dokument wird gerade abgelegt."),
    "no_record": _("Dieses Dokument wurde inzwischen als nicht aktenrelevant vermerkt."),
    "held": _("An diesem Dokument hat sich inzwischen etwas geändert."),
}
"""What is said beside a letter that somebody has open, by where it stands now."""
GONE = _("Dieses Dokument ist nicht mehr da oder gehört nicht mehr zu Ihrem Amt.")


def _narrowing(amt: str = "", grund: str = "", folge: str = "", *, ab: str = "", zeigen: str = "") -> Narrowing:
    return Narrowing(amt=amt, grund=grund, folge=folge, ab=ab, zeigen=zeigen if zeigen in VIEWS else "")


Narrowed = Annotated[Narrowing, Depends(_narrowing)]


def news_pages(context: Context, templates: Path) -> APIRouter:
    """The list anew where it changed; 304 where it did not, which costs one look into the index."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/neues")
    def news(request: Request, caller: Decider, narrowed: Narrowed, offen: str = "", *, stand: int = 0) -> Response:
        refusals = Refusals(access=request.app.state.access, caller=caller, context=context)
        found, changed = _opened(refusals, offen, stand)
        if found:
            look_in(context, caller, found.document)
        headers = FRESH | {"ETag": _tag(context, caller, narrowed, found=found, here=present(context, caller))}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        facts = list_facts(context, caller, narrowed, listed=waiting(context, caller, narrowed), found=found)
        letter = card_of(context, found, caller) if found else None
        facts |= {"letter": letter, "asked": bool(found), "troubles": (), "changed": changed}
        return HTMLResponse(desk.fragment(request, "workbench_news.html", **facts), headers=headers)

    return router


def list_facts(
    context: Context, caller: Caller, narrowed: Narrowing, *, listed: Waiting, found: Record | None
) -> dict[str, Any]:
    """What the list shows, and where its page asks for news."""
    version, here = found.version if found else 0, present(context, caller)
    asked = {"offen": found.document, "stand": str(version)} if found else {}
    return {
        "listed": listed,
        "narrowed": narrowed,
        "offices": offices_of(context),
        "reasons": REASONS,
        "sorts": SORTS,
        "views": all_said(VIEWS),
        "due_count": due_today(context, caller),
        "today": today(context.ports.clock),
        "certainties": all_said(CERTAINTIES),
        "typed": {},
        "several": {"words": "", "picked": ()},
        "news": narrowed.piece("neues", asked),
        "stamp": _tag(context, caller, narrowed, found=found, here=here),
        "here": here,
    }


def _tag(context: Context, caller: Caller, narrowed: Narrowing, *, found: Record | None, here: Present) -> str:
    """Of the list, the letter that is open, and who has what open."""
    version, beside = (found.version, found.document) if found else (0, "")
    return f'"{stamp_of(context, caller, narrowed, here=here, beside=beside)}.{version}"'


def _opened(refusals: Refusals, document: str, version: int) -> tuple[Record | None, str]:
    """The letter that is open, and what is to be said of it."""
    if not document:
        return None, ""
    try:
        found = known(refusals.context, refusals.caller.viewer, document)
    except Rejected:
        return None, gettext(GONE)
    if found.version == version:
        return found, ""
    told = refusals.overtaken(found, version)
    return found, told or gettext(CHANGED.get(record.standing(found).state, CHANGED["held"]))
