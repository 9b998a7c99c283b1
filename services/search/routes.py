"""Finding: `GET /search`, `POST /search` (keeps names out of a proxy's log) and the list of held documents."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.core.ports.entries import Match
from services.runtime.context.service import Context
from services.runtime.web.http import Searcher
from services.runtime.web.problems import documented
from services.search.asking import ask, facets, held
from services.search.document_routes import document_routes
from services.search.exporting.routes import export_routes
from services.search.models import LIMIT, HitPage, SearchRequest, answer_of, page_of
from services.search.near_duplicates.routes import near_duplicate_routes
from services.search.query import Paging
from services.search.saved.procedure_routes import procedure_search_routes
from services.search.saved.routes import saved_routes
from services.search.sealed.routes import sealed_routes
from services.search.transfer.routes import transfer_routes

PROBLEMS = documented(400, 401, 403, 429, 503)


def routes(context: Context) -> APIRouter:
    """The routes of the search service."""
    router = APIRouter()

    def answer(question: SearchRequest, caller: Searcher) -> HitPage:
        match: Match = "exact" if question.exact else "all"
        page = Paging(sort=question.sort, cursor=question.cursor, limit=question.limit, match=match)
        found = ask(context, caller.viewer, question.q, narrow=question.filter, page=page)
        return answer_of(found, facets(context, caller.viewer, found) if question.facets else {})

    @router.get("/search", responses=PROBLEMS, summary="Find documents")
    def get(question: Annotated[SearchRequest, Query()], caller: Searcher) -> HitPage:
        """All words in any form; where too few documents have all, most of them. 400 tells the position of a fault."""
        return answer(question, caller)

    @router.post("/search", responses=PROBLEMS, summary="Find documents, words in the body")
    def post(question: SearchRequest, caller: Searcher) -> HitPage:
        """The same as GET; what is searched for appears in no address."""
        return answer(question, caller)

    @router.get("/clearing", responses=PROBLEMS, summary="Documents that wait for a clerk")
    def clearing(
        caller: Searcher,
        *,
        office: str = "",
        reason: str = "",
        cursor: str = "",
        limit: Annotated[int, Query(ge=1, le=LIMIT)] = 20,
    ) -> HitPage:
        """Oldest first."""
        page = Paging(cursor=cursor, limit=limit)
        return page_of(held(context, caller.viewer, office=office, reason=reason, page=page))

    kept = (saved_routes, procedure_search_routes)
    for more in (document_routes, near_duplicate_routes, export_routes, *kept, sealed_routes, transfer_routes):
        router.include_router(more(context))
    return router
