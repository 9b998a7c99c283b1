"""`/berichte`: the figures of a period as plots and tables; the plots are drawn by the server, no script is needed."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.plan.file_plan import FilePlan
from services.ledger.reports import wording
from services.ledger.reports.figures import Report, report
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import gettext
from services.runtime.web.http import Overseer


def report_pages(context: Context, templates: Path) -> APIRouter:
    """The page of reports."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/berichte")
    def page(request: Request, caller: Overseer, von: str = "", bis: str = "") -> Response:
        fault = False
        try:
            found = report(context, caller, since=_day(von), until=_day(bis))
        except (ValueError, Rejected):
            fault, found = True, report(context, caller, since=None, until=None)
        facts = _facts(found, context.plan) | {"periods": _periods(today(context.ports.clock)), "fault": fault}
        readable = "search" in caller.rights
        return desk.page(request, "reports.html", status=400 if fault else 200, readable=readable, **facts)

    return router


def _facts(found: Report, plan: FilePlan) -> dict[str, Any]:
    return {
        "report": found,
        "whose": wording.whose(found, plan),
        "names": [wording.step_name(step, found.by) for step in found.steps],
        "most": max((step.received for step in found.steps), default=0) or 1,
        "longest": max((step.p90_s or 0.0 for step in found.steps), default=0.0) or 1.0,
        "channels": sorted(found.channels),
        "offices": [(wording.office_name(one.office, plan), one) for one in found.offices],
        "channel_name": wording.channel_name,
        "lasting": wording.lasting,
        "share": wording.share,
        "number": wording.number,
        "day": wording.day,
    }


def _periods(now: date) -> list[tuple[str, date, date]]:
    """What is asked for most, each a link."""
    last_month = now.replace(day=1) - timedelta(days=1)
    last_year = now.year - 1
    return [
        (gettext("Dieser Monat"), now.replace(day=1), now),
        (gettext("Voriger Monat"), last_month.replace(day=1), last_month),
        (gettext("Dieses Jahr"), date(now.year, 1, 1), now),
        (gettext("Voriges Jahr"), date(last_year, 1, 1), date(last_year, 12, 31)),
    ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
