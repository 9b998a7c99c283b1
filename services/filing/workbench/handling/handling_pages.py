"""`/posteingang/{id}/bearbeitung`: a note, a day to look again, or who works on it, written beside the letter."""

from datetime import date
from typing import Any, Protocol

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.protocol.working.handling import clerk_of, due_of, notes_of
from services.filing.handling.handling import LONGEST, HandlingWish, add, clerks_for
from services.filing.handling.mentioned import days_of
from services.filing.workbench.news_pages import Narrowed
from services.filing.workbench.waiting import Narrowing
from services.runtime.access.credentials import Access
from services.runtime.access.visibility import visible
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import see_other
from services.runtime.translation.speaking import refusal
from services.runtime.web.http import Decider
from services.runtime.web.problems import STATUS, UNPROCESSABLE
from services.runtime.worker.publishing import Announcer

MOST_CLERKS = 300
"""Colleagues that the list offers; a larger office assigns by program, or each takes letters by themselves."""
_DIGITS = 15
"""Of a version: exact as a double."""


class Show(Protocol):
    """Shows the workbench with this letter."""

    def __call__(self, request: Request, caller: Caller, narrowed: Narrowing, **facts: Any) -> Response:
        """The page, with facts over those that it has by itself."""
        ...


def handling_pages(context: Context, show: Show) -> APIRouter:
    """The forms below the decision; what is refused stands at its field, with what was typed."""
    router = APIRouter()
    announcer = Announcer(context.ports.log, log=context.log)

    @router.post("/{document}/bearbeitung")
    def written(request: Request, document: str, caller: Decider, narrowed: Narrowed, *, fields: Fields) -> Response:
        try:
            wish = _wish(document, fields)
            add(wish, caller, context=context, access=request.app.state.access, announcer=announcer)
        except Rejected as error:
            found = visible(context, caller.viewer, document)
            status = STATUS.get(error.code, UNPROCESSABLE)
            wrote = {"kind": fields.get("kind", ""), "fault": refusal(error.code)}
            return show(request, caller, narrowed, found=found, status=status, wrote=wrote, typed=fields)
        done = "" if wish.text or wish.due or wish.clerk else "_done"
        return see_other(request, narrowed.address(document), note=f"handled_{wish.kind}{done}")

    return router


def handling_of(found: Record, caller: Caller, context: Context, access: Access) -> dict[str, Any]:
    """What the workbench shows of it, and offers."""
    clerk, now = clerk_of(found), today(context.ports.clock)
    return {
        "notes": notes_of(found),
        "due": due_of(found),
        "clerk": clerk,
        "own": clerk == caller.id,
        "days": days_of(found, caller.viewer, now),
        "clerks": clerks_for(found, context, access)[:MOST_CLERKS],
        "today": now,
        "longest": LONGEST,
        "caller": caller.id,
    }


def _wish(document: str, fields: dict[str, str]) -> HandlingWish:
    kind, version = fields.get("kind", ""), fields.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= _DIGITS):
        raise Rejected("bad_request")
    if kind == "note":
        return HandlingWish(document=document, kind="note", base_version=int(version), text=fields.get("text", ""))
    if kind == "due":
        return HandlingWish(document=document, kind="due", base_version=int(version), due=_day(fields.get("due", "")))
    if kind == "clerk":
        return HandlingWish(document=document, kind="clerk", base_version=int(version), clerk=fields.get("clerk", ""))
    raise Rejected("bad_request")


def _day(typed: str) -> date | None:
    """A day as the field of a browser gives it, or as people write it; None for an empty field."""
    typed = typed.strip()
    if not typed:
        return None
    try:
        day, month, year = typed.split(".") if "." in typed else reversed(typed.split("-"))
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Rejected("bad_day") from None
