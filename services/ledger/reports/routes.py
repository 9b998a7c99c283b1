"""`GET /reports`: the figures of a period as JSON, as a table and as a paper to pass on."""

from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.ledger.reports.figures import Report, report
from services.ledger.reports.table import table_of
from services.runtime.context.service import Context
from services.runtime.web.downloads import SAFETY, disposition
from services.runtime.web.freshness import fresh
from services.runtime.web.http import Overseer
from services.runtime.web.problems import documented, other_answers

TABLE, PAPER = "text/csv", "application/pdf"


class Days(BaseModel):
    """The first and the last day of a period; the last twelve months by default, three years at most."""

    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")


def report_routes(context: Context) -> APIRouter:
    """`GET /reports`, `GET /reports/table`, `GET /reports/paper`."""
    router = APIRouter()
    refused = documented(400, 401, 403, 429, 503)

    @router.get(
        "/reports",
        responses=refused | other_answers(_304="Nothing has changed"),
        summary="What came, how long it took, what is open",
    )
    def told(caller: Overseer, request: Request, days: Annotated[Days, Query()]) -> Response:
        """Volumes by channel and office, times from receipt to filed, open and late, corrections, invoices due."""
        return fresh(request, msgspec.json.encode(report(context, caller, since=days.since, until=days.until)))

    @router.get("/reports/table", responses=refused, response_class=Response, summary="The same as CSV")
    def table(caller: Overseer, days: Annotated[Days, Query()]) -> Response:
        """One figure a line, with semicolons and decimal commas."""
        found = report(context, caller, since=days.since, until=days.until)
        return _file(table_of(found, context.plan), f"{_name(found)}.csv", f"{TABLE}; charset=utf-8")

    @router.get("/reports/paper", responses=refused, response_class=Response, summary="The same as a German PDF")
    def paper(caller: Overseer, days: Annotated[Days, Query()]) -> Response:
        """Two or more A4 pages with plots and tables."""
        from services.ledger.reports.paper import paper_of  # noqa: PLC0415  # 5 MB and 0.2 s that most processes never need

        found = report(context, caller, since=days.since, until=days.until)
        return _file(paper_of(found, context.plan), f"{_name(found)}.pdf", PAPER)

    return router


def _name(found: Report) -> str:
    return f"Bericht {found.since} bis {found.until}"


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = SAFETY | {"Content-Disposition": disposition(name), "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
