"""`GET /classification/quality`: the figures as JSON, each office its own, who sees all offices everything."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.core.errors import Rejected
from services.core.ports.entries import Viewer
from services.ledger.quality.figures import EVERYTHING, Only, Quality, quality
from services.runtime.context.local_day import HERE, today
from services.runtime.context.service import Context
from services.runtime.web.freshness import fresh
from services.runtime.web.http import Overseer
from services.runtime.web.problems import documented, other_answers

WEEKS = timedelta(weeks=26)
LONGEST = timedelta(days=3 * 366)


class Period(BaseModel):
    """The days on which documents were judged, half a year until today by default; one office, one position, or all."""

    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    office: str = Field("", max_length=64)
    position: str | None = Field(None, max_length=64)


def quality_routes(context: Context) -> APIRouter:
    """`GET /classification/quality`."""
    router = APIRouter()
    answers = documented(400, 401, 403, 429, 503) | other_answers(_304="Nothing has changed")

    @router.get("/classification/quality", responses=answers, summary="How good classification is")
    def told(caller: Overseer, request: Request, period: Annotated[Period, Query()]) -> Response:
        """Precision, coverage, corrections, abstentions, calibration and drift; by office, position, week, reason."""
        only = Only(office=period.office, position=period.position)
        found = of_period(context, caller.viewer, since=period.since, until=period.until, only=only)
        return fresh(request, msgspec.json.encode(found))

    return router


def of_period(
    context: Context, viewer: Viewer, *, since: date | None, until: date | None, only: Only = EVERYTHING
) -> Quality:
    """The figures of whole days of the city hall; Rejected `bad_request` for a period that ends before it begins."""
    last = until or today(context.ports.clock)
    first = since or max(last - WEEKS, date(2000, 1, 3))
    if not timedelta(0) <= last - first <= LONGEST:
        raise Rejected("bad_request")
    begin, end = datetime.combine(first, time(), HERE), datetime.combine(last + timedelta(days=1), time(), HERE)
    return quality(context.ports.ledger, viewer, since=begin, before=end, only=only)
