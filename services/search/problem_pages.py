"""Documents that have a problem: what could not be read, by kind and office, within the viewer's rights."""

from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.core import catalogue, vocabulary
from services.core.errors import Rejected
from services.core.ports.entries import Filters, Query
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import gettext
from services.runtime.web.http import Searcher

ON_PAGE = 20


def problem_pages(context: Context) -> APIRouter:
    """`/probleme`, newest first."""
    router = APIRouter()
    desk = Desk(Path(__file__).parent / "templates")

    @router.get("/probleme")
    def problems(request: Request, caller: Searcher, problem: str = "", amt: str = "", *, ab: str = "") -> Response:
        if problem and problem not in catalogue.PROBLEMS:
            raise Rejected("bad_request")
        asked = {"problem": problem, "amt": amt[:32]}
        filters = Filters(
            problems=(problem,) if problem else tuple(catalogue.PROBLEMS), offices=(asked["amt"],) if amt else ()
        )
        hits = context.ports.index.search(
            Query(filters=filters, sort="newest", cursor=ab, limit=ON_PAGE), caller.viewer
        )
        return desk.page(
            request,
            "problems.html",
            asked=asked,
            hits=hits,
            codes=list(catalogue.PROBLEMS),
            offices={vocabulary.MAIN_OFFICE: gettext("Poststelle")} | dict(context.plan.offices),
            following=f"/probleme?{urlencode(asked | {'ab': hits.next})}" if hits.next else "",
            later=bool(ab),
        )

    return router
