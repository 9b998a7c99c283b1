"""The page of figures: plots drawn by the server, tables beside them, no script needed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.core.plan.file_plan import FilePlan
from services.core.ports.entries import Viewer
from services.ledger.quality.figures import RECENT, Figures, Only, Quality
from services.ledger.quality.routes import of_period
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import gettext
from services.runtime.translation.spoken import day_in_year
from services.runtime.web.http import Overseer

MOST_POSITIONS = 50
"""Positions on the page, those with the most decisions; the API tells all."""
_LONGEST = 64
DRAWN = 12
"""Offices and positions that are drawn; the tables below have all of the page."""


class Asked(NamedTuple):
    """What the form says: a time, an office, a position that was proposed first."""

    von: str = ""
    bis: str = ""
    amt: str = ""
    stelle: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """What stands in the address, and no more of it than an office or a position has letters."""
        return cls(*(said.get(field, "")[:_LONGEST].strip() for field in cls._fields))

    def with_(self, name: str, value: str) -> str:
        """The address of the same page narrowed further."""
        return f"/guete?{urlencode({key: one for key, one in (self._asdict() | {name: value}).items() if one})}"


def quality_pages(context: Context, templates: Path) -> APIRouter:
    """`/guete`."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/guete")
    def page(request: Request, caller: Overseer) -> Response:
        asked = Asked.of(request.query_params)
        since, until = _day(asked.von), _day(asked.bis)
        fault = bool(
            (asked.von and since is None) or (asked.bis and until is None) or (since and until and since > until)
        )
        only = Only(office=asked.amt, position=asked.stelle or None)
        days = {"since": None, "until": None} if fault else {"since": since, "until": until}
        facts = _facts(of_period(context, caller.viewer, **days, only=only), asked, context.plan)
        facts |= {"choices": _choices(context, caller.viewer), "fault": fault}
        return desk.page(request, "quality.html", status=400 if fault else 200, **facts)

    return router


def _choices(context: Context, viewer: Viewer) -> dict[str, str]:
    """The offices whose figures the viewer may see."""
    every = {context.settings.filing.office: gettext("Poststelle")} | dict(context.plan.offices)
    return {code: name for code, name in every.items() if viewer.all_offices or code in viewer.offices}


def _facts(found: Quality, asked: Asked, plan: FilePlan) -> dict[str, Any]:
    busiest = sorted(found.positions, key=lambda one: (-one.decided - one.automatic, one.key))[:MOST_POSITIONS]
    lately = (found.before - RECENT).date().isoformat()
    return {
        "quality": found,
        "weeks": [_week(week, lately) for week in found.weeks],
        "offices": [
            _row(one, plan.offices.get(one.key, one.key), asked.with_("amt", one.key)) for one in found.offices
        ],
        "positions": [_row(one, _called(one.key, plan), asked.with_("stelle", one.key)) for one in busiest],
        "drawn": DRAWN,
    } | asked._asdict()


def _row(figures: Figures, name: str, link: str) -> dict[str, Any]:
    drift = figures.drift
    worse = drift is not None and (drift.difference or 0) < 0
    word = (gettext("schlechter") if worse else gettext("besser")) if drift and drift.deviates else ""
    return {"name": name, "figures": figures, "link": link if figures.key else "", "word": word}


def _week(week: Figures, lately: str) -> dict[str, Any]:
    day = date.fromisoformat(week.key)
    return {"shown": day_in_year(day), "figures": week, "lately": week.key > lately}


def _called(code: str, plan: FilePlan) -> str:
    known = plan.by_code.get(code)
    return f"{code} {known.title}" if known else code or gettext("ohne Vorschlag")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
