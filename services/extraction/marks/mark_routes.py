"""`GET /documents/{id}/parts/{part}/pages/{n}/words`, and `…/marks.svg`: marks to be laid over the page's picture."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from services.core.errors import Rejected, TryLater
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.ocr_engine import WHOLE
from services.extraction.marks.marking import drawn
from services.extraction.marks.page_words import words_of_page
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.web.downloads import SAFETY
from services.runtime.web.http import Searcher
from services.runtime.web.problems import STATUS, UNPROCESSABLE, documented

PROBLEMS = documented(400, 401, 403, 404, 410, 429, 500, 503)
SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}
KEPT = {"Cache-Control": "private, max-age=300"}
"""Short: a page may be recognised after somebody looked at it."""
MOST_WANTED, CHARACTERS = 24, 100
UNAVAILABLE = 503

Number = Annotated[int, Path(ge=1, le=99_999)]


class ToMark(BaseModel):
    """What is marked on a page that is shown this way up."""

    words: list[str]
    turn: int


def _to_mark(
    wort: Annotated[
        list[str], Query(max_length=MOST_WANTED, description="Words or phrases; a word also marks what begins with it.")
    ],
    turn: Annotated[Literal["0", "90", "180", "270"], Query(description="Degrees clockwise, as the picture.")] = "0",
) -> ToMark:
    return ToMark(words=[text[:CHARACTERS] for text in wort], turn=int(turn))


Wanted = Annotated[ToMark, Depends(_to_mark)]


class WordOut(BaseModel):
    """A word, and where it stands on the upright page, from its top left corner, in ten-thousandths of the page."""

    text: str
    left: int
    top: int
    width: int
    height: int


class WordsOut(BaseModel):
    """The words of a page in reading order; `whole` is the width and height of every page in the boxes' measure."""

    page: int
    whole: int = WHOLE
    words: list[WordOut]


def mark_routes(context: Context) -> APIRouter:
    """Here, because this service knows where a part begins and what was read of it."""
    router = APIRouter(prefix="/pages/{number}")

    @router.get("/words", responses=PROBLEMS, summary="Read where the words of a page stand")
    def words(document: str, part: str, number: Number, caller: Searcher) -> WordsOut:
        """As letters lie on the page, or as they were recognised; none where they were before places were kept."""
        found = visible(context, caller.viewer, document)
        read = words_of_page(context, found, _wanted(found, part), number)
        return WordsOut(
            page=number,
            words=[WordOut(text=w.text, left=w.left, top=w.top, width=w.width, height=w.height) for w in read],
        )

    @router.get("/marks.svg", response_class=Response, responses=SVG | PROBLEMS, summary="Mark words on a page")
    def marks(document: str, part: str, number: Number, caller: Searcher, *, wanted: Wanted) -> Response:
        """Rectangles over the words that were asked for; a page without such words has an empty picture."""
        found = visible(context, caller.viewer, document)
        try:
            read, status, kept = words_of_page(context, found, _wanted(found, part), number), 200, KEPT
        except (Rejected, TryLater) as error:
            # The picture below says what is wrong with the page; nothing is drawn over it.
            read, kept = (), {"Cache-Control": "no-store"}
            status = STATUS.get(error.code, UNPROCESSABLE) if isinstance(error, Rejected) else UNAVAILABLE
        svg = drawn(read, wanted.words, wanted.turn)
        return Response(svg, status_code=status, media_type="image/svg+xml", headers=SAFETY | kept)

    return router


def _wanted(found: Record, part: str) -> Part:
    for one in found.extraction.parts if found.extraction else ():
        if one.part == part:
            return one
    raise Rejected("not_found")
