"""`GET /documents/{id}/near-duplicates`."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.web.http import Searcher
from services.runtime.web.problems import documented
from services.search.near_duplicates.finding import NearDuplicate, near_duplicates


class NearDuplicates(BaseModel):
    """What may be the same letter, the most alike first; five at most."""

    items: list[NearDuplicate]


def near_duplicate_routes(context: Context) -> APIRouter:
    """The link of a document to others of the same words."""
    router = APIRouter(prefix="/documents/{document}")

    @router.get("/near-duplicates", responses=documented(401, 403, 404, 410, 429, 503), summary="Find the same letter")
    def near(document: str, caller: Searcher) -> NearDuplicates:
        """The same letter by mail and by post, or scanned twice: only what the caller may see, never acted upon."""
        found = visible(context, caller.viewer, document)
        return NearDuplicates(items=near_duplicates(context, caller.viewer, found))

    return router
