"""Pages of a scan as pictures for people to look at."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.core.errors import Rejected
from services.core.model.record import Record
from services.core.ports.ocr_engine import Look, PagePicture
from services.ocr.media_types import OTHER, media_type_of
from services.runtime.access.originals import original
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.web.downloads import SAFETY
from services.runtime.web.http import Searcher
from services.runtime.web.problems import documented, other_answers

MAIL = "message/rfc822"
PICTURE: dict[int | str, dict[str, Any]] = other_answers(_304="It is the same") | {200: {"content": {"image/png": {}}}}


def routes(context: Context) -> APIRouter:
    """`GET /documents/{id}/pages/{n}.png`: here, because this room has the program that draws pages."""
    router = APIRouter(prefix="/documents/{document}/pages")
    answers = PICTURE | documented(400, 401, 403, 404, 410, 429, 500, 503)

    @router.get("/{number}.png", response_class=Response, responses=answers, summary="Look at a page")
    def page(
        request: Request, document: str, number: Annotated[int, Path(ge=1, le=99_999)], caller: Searcher
    ) -> Response:
        """A page of a PDF or picture that came in by itself, about 1,400 pixels long; of a mail there are none."""
        found = visible(context, caller.viewer, document)
        headers = SAFETY | {"ETag": f'"{document}.{number}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        picture = _picture(context, found, number)
        if not picture.content:
            raise Rejected("not_found", problem=picture.problem or "")
        return Response(picture.content, media_type="image/png", headers=headers)

    return router


def _picture(context: Context, found: Record, number: int) -> PagePicture:
    if found.receipts[0].media_type == MAIL:
        return PagePicture(problem="unsupported")
    with original(context, found.tenant, found.document, found) as content:
        media_type = media_type_of(content)
        if media_type == OTHER:
            return PagePicture(problem="unsupported")
        return context.ports.ocr.show_page(content, media_type=media_type, look=Look(number=number))
