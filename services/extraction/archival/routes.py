"""`GET /documents/{id}/parts/{part}/archival.pdf`: a scan as PDF/A with a layer of text."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.extraction.archival.making import archival
from services.extraction.reading.attachment import Attached
from services.runtime.access.originals import check_may_be_given
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.web.downloads import download
from services.runtime.web.http import Reader


def archival_routes(context: Context, answers: dict[int | str, dict[str, Any]]) -> APIRouter:
    """Below a part; `answers` are those of every download."""
    router = APIRouter()

    @router.get("/archival.pdf", response_class=Response, responses=answers, summary="Download as PDF/A")
    def archive_file(request: Request, document: str, part: str, caller: Reader) -> Response:
        """A scan as PDF/A-2b with a layer of text, made when it is first asked for; the original is what counts.

        Of what has no pages, and of more than 200 pages, the `problem` is told.
        """
        found = visible(context, caller.viewer, document)
        check_may_be_given(context, found)
        wanted = next((one for one in (found.extraction.parts if found.extraction else ()) if one.part == part), None)
        if wanted is None:
            raise Rejected("not_found")
        made = Attached(archival(context, found, wanted), f'"{wanted.sha256[:32]}.pdfa"')
        return download(request, made, name=f"{wanted.name or document}.pdf", media_type="application/pdf")

    return router
