"""The page of figures: plots drawn by the server, tables beside them, no script needed."""

from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from services.core.plan.file_plan import FilePlan
from services.ledger.quality.figures import Figures, Quality
from services.ledger.quality.routes import of_period
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Overseer

MOST_POSITIONS = 50
"""Positions on the page, those with the most decisions; the API tells all."""


def quality_pages(context: Context, templates: Path) -> APIRouter:
    """`/guete`."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/guete")
    def page(request: Request, caller: Overseer, von: str = "", bis: str = "") -> Response:
        since, until = _day(von), _day(bis)
        fault = bool((von and since is None) or (bis and until is None) or (since and until and since > until))
        found = of_period(context, caller.viewer, since=None if fault else since, until=None if fault else until)
        facts = _facts(found, context.plan) | {"von": von[:10], "bis": bis[:10], "fault": fault}
        return desk.page(request, "quality.html", status=400 if fault else 200, **facts)

    return router


def _facts(found: Quality, plan: FilePlan) -> dict[str, Any]:
    busiest = sorted(found.positions, key=lambda one: (-one.decided - one.automatic, one.key))[:MOST_POSITIONS]
    return {
        "quality": found,
        "weeks": [_week(week) for week in found.weeks],
        "offices": [(plan.offices.get(one.key, one.key), one) for one in found.offices],
        "positions": [(_called(one.key, plan), one) for one in busiest],
    }


def _week(week: Figures) -> dict[str, Any]:
    day = date.fromisoformat(week.key)
    return {"shown": day.strftime("%d.%m."), "figures": week}


def _called(code: str, plan: FilePlan) -> str:
    known = plan.by_code.get(code)
    return f"{code} {known.title}" if known else code or "ohne Vorschlag"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
