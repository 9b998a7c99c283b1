"""`/dokumente/{id}/eingaenge`: every arrival of a document that the viewer may know of, a hundred at a time."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.runtime.access.visibility import receipts_of, title_for, visible
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.web.http import Searcher

ON_PAGE = 100
_FURTHEST = 10**9


def arrival_pages(context: Context, templates: Path) -> APIRouter:
    """For whoever may see the document; who else received it is left out, also of the count."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/dokumente/{document}/eingaenge")
    def arrivals(
        request: Request, document: str, caller: Searcher, ab: Annotated[int, Query(ge=0, le=_FURTHEST)] = 0
    ) -> Response:
        found = visible(context, caller.viewer, document)
        theirs = sorted(receipts_of(found, caller.viewer), key=lambda receipt: receipt.received_at)
        return desk.page(
            request,
            "arrivals.html",
            document=document,
            name=title_for(found, caller.viewer),
            total=len(theirs),
            first=ab,
            receipts=theirs[ab : ab + ON_PAGE],
            before=max(ab - ON_PAGE, 0) if ab else None,
            following=ab + ON_PAGE if ab + ON_PAGE < len(theirs) else None,
        )

    return router
