"""`/search/export` and `/search/archive`: the hits of a question as a list, and their documents as a zip."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from services.core.model.accounts import Caller
from services.core.ports.entries import Hit
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.web.downloads import SAFETY, disposition
from services.runtime.web.http import Searcher
from services.runtime.web.problems import documented
from services.search.exporting.archive import archive
from services.search.exporting.listing import FORMATS
from services.search.exporting.paper import as_pdf
from services.search.exporting.walking import Question

MOST_LISTED = 10_000
MOST_PACKED = MOST_ON_PAPER = 1_000
"""Hits of one list, documents of one zip, hits on paper: a question with more is refused and has to be narrowed."""
_PAPER = "application/pdf"
PROBLEMS = documented(400, 401, 403, 422, 429, 503)
_LISTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {} for media in (*(media for media, _ in FORMATS.values()), _PAPER)}}
}


class ArchiveRequest(BaseModel):
    """What is searched for, as by `/search`."""

    q: str = Field("", max_length=4000)
    filter: list[str] = Field([], max_length=50)
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    exact: bool = False


class ExportRequest(ArchiveRequest):
    """The same, and as what the list is wanted."""

    format: Literal["csv", "json", "pdf"] = "csv"


def export_routes(context: Context) -> APIRouter:
    """For whoever may search; POST for whoever wants no names in the log of a proxy."""
    router = APIRouter(prefix="/search")

    def listed(wanted: ExportRequest, caller: Caller) -> StreamingResponse:
        if wanted.format == "pdf":
            hits = _hits(context, caller, wanted, MOST_ON_PAPER)
            asked = ", ".join([wanted.q, *wanted.filter]) if wanted.q else ", ".join(wanted.filter)
            return _streamed(context, as_pdf(hits, question=asked, at=context.ports.clock.now()), ".pdf", _PAPER)
        media_type, written = FORMATS[wanted.format]
        return _streamed(context, written(_hits(context, caller, wanted, MOST_LISTED)), f".{wanted.format}", media_type)

    def packed(wanted: ArchiveRequest, caller: Caller) -> StreamingResponse:
        hits = _hits(context, caller, wanted, MOST_PACKED)
        return _streamed(context, archive(context, caller.viewer, hits), ".zip", "application/zip")

    @router.get("/export", response_class=StreamingResponse, responses=PROBLEMS | _LISTS, summary="Hits as a list")
    def get_list(wanted: Annotated[ExportRequest, Query()], caller: Searcher) -> StreamingResponse:
        """All hits that the caller may see, as CSV, JSON or PDF; 422 `too_many_to_export` above 10,000 (PDF: 1,000)."""
        return listed(wanted, caller)

    @router.post("/export", response_class=StreamingResponse, responses=PROBLEMS | _LISTS, summary="Hits as a list")
    def post_list(wanted: ExportRequest, caller: Searcher) -> StreamingResponse:
        """The same as GET."""
        return listed(wanted, caller)

    @router.get("/archive", response_class=StreamingResponse, responses=PROBLEMS, summary="Documents as a zip")
    def get_zip(wanted: Annotated[ArchiveRequest, Query()], caller: Searcher) -> StreamingResponse:
        """The originals as the caller may see them, a manifest and SHA-256 sums behind them; at most 1,000."""
        return packed(wanted, caller)

    @router.post("/archive", response_class=StreamingResponse, responses=PROBLEMS, summary="Documents as a zip")
    def post_zip(wanted: ArchiveRequest, caller: Searcher) -> StreamingResponse:
        """The same as GET."""
        return packed(wanted, caller)

    return router


def _hits(context: Context, caller: Caller, wanted: ArchiveRequest, most: int) -> Iterator[Hit]:
    """The first page is asked for at once, so that what is refused is an answer and no torn file."""
    question = Question(wanted.q, wanted.filter, sort=wanted.sort, exact=wanted.exact)
    return question.hits(context, caller.viewer, question.begin(context, caller.viewer, most))


def _streamed(context: Context, pieces: Iterator[bytes], ending: str, media_type: str) -> StreamingResponse:
    name = f"poststelle-{today(context.ports.clock):%Y-%m-%d}{ending}"
    headers = SAFETY | {"Content-Disposition": disposition(name)}
    return StreamingResponse((piece for piece in pieces if piece), headers=headers, media_type=media_type)
