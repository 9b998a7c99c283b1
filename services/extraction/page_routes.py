"""`GET /documents/{id}/parts/{part}/pages/{n}.webp`: every page of every part that has pages, to look at."""

import html
import textwrap
from functools import partial
from string import Template
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.core import catalogue
from services.core.errors import Rejected, TryLater
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.ocr_engine import Look
from services.extraction.page_pictures import picture, width_for
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.translation.speaking import gettext, language, speaking
from services.runtime.web.downloads import SAFETY
from services.runtime.web.http import Searcher, wanted_language
from services.runtime.web.problems import STATUS, UNPROCESSABLE, documented, other_answers

KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
"""A page never changes; a day, so that nothing of what was erased stays in a browser for longer."""
PICTURE: dict[int | str, dict[str, Any]] = other_answers(_304="It is the same") | {200: {"content": {"image/webp": {}}}}
PROBLEMS = documented(400, 401, 403, 404, 410, 429, 500, 503)
USUAL = 960
CHARACTERS, LINE = 44, 28
"""Of a line of what is said instead of a page, and how high it is."""
UNAVAILABLE = 503
SORRY = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="$height" viewBox="0 0 480 $height">'
    '<rect width="480" height="$height" fill="#fbeaea"/>'
    '<text y="12" font-family="sans-serif" font-size="18" fill="#9c1f1f">$lines</text></svg>'
)


def _look(
    number: Annotated[int, Path(ge=1, le=99_999)],
    w: Annotated[
        int, Query(ge=1, le=10_000, description="Pixels across: 160, 480, 960, 1920; others are rounded up.")
    ] = USUAL,
    turn: Annotated[Literal["0", "90", "180", "270"], Query(description="Degrees clockwise.")] = "0",
) -> Look:
    return Look(number=number, width=width_for(w), turn=int(turn))


Looked = Annotated[Look, Depends(_look)]


def page_routes(context: Context) -> APIRouter:
    """Here, because this service knows where a part begins."""
    router = APIRouter(prefix="/pages")

    @router.get("/{number}.webp", response_class=Response, responses=PICTURE | PROBLEMS, summary="Look at a page")  # noqa: FAST003  # `_look` takes it
    def page(request: Request, document: str, part: str, caller: Searcher, *, look: Looked) -> Response:
        """A page of a PDF or picture, on its own or attached; of what cannot be drawn the `problem` is told."""
        found = visible(context, caller.viewer, document)
        wanted = _wanted(found, part)
        headers = SAFETY | KEPT | {"ETag": f'"{wanted.sha256[:32]}.{look.number}.{look.width}.{look.turn}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        try:
            return Response(picture(context, found, wanted, look), media_type="image/webp", headers=headers)
        except (Rejected, TryLater) as error:
            if not _is_for_a_page(request):
                raise
            with speaking(partial(wanted_language, request)):  # people look at it, in the language of their pages
                return _sorry(error)

    return router


def _wanted(found: Record, part: str) -> Part:
    for one in found.extraction.parts if found.extraction else ():
        if one.part == part:
            return one
    raise Rejected("not_found")


def _is_for_a_page(request: Request) -> bool:
    """Whether a browser asks for it as a picture of a page: then people look at the answer."""
    accepted = request.headers.get("accept", "")
    return "image/" in accepted and "text/html" not in accepted


def _sorry(error: Rejected | TryLater) -> Response:
    """A picture that says why there is none, with the status of the problem; it is kept by nobody."""
    code, status, reason = "", UNAVAILABLE, gettext("Bitte neu laden.")
    if isinstance(error, Rejected):
        code, status = str(error.facts.get("problem", "")), STATUS.get(error.code, UNPROCESSABLE)
        reason = catalogue.text(code, language()) if code in catalogue.PROBLEMS else ""
    lines = textwrap.wrap(gettext("Diese Seite lässt sich nicht anzeigen. {reason}").format(reason=reason), CHARACTERS)
    drawn = SORRY.substitute(
        height=2 * LINE + LINE * len(lines),
        lines="".join(f'<tspan x="24" dy="{LINE}">{html.escape(line)}</tspan>' for line in lines),
    )
    headers = SAFETY | {"Cache-Control": "no-store"}
    return Response(drawn, status_code=status, media_type="image/svg+xml", headers=headers)
