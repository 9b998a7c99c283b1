"""`GET /documents/{id}/transfer-notes`: how the document came from paper, to be read or kept with it."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.web.http import Searcher
from services.runtime.web.problems import documented
from services.search.transfer.note import TransferNoteOut, notes_for


class TransferNotes(BaseModel):
    """One for each arrival by scanner that the caller may know of."""

    items: list[TransferNoteOut]


def transfer_routes(context: Context) -> APIRouter:
    """The route of the transfer notes."""
    router = APIRouter()

    @router.get(
        "/documents/{document}/transfer-notes",
        responses=documented(401, 403, 404, 410, 429, 503),
        summary="Read how a document came from paper",
    )
    def notes(document: str, caller: Searcher) -> TransferNotes:
        """Empty for what came otherwise. As the scanner told it; `missing` names what nobody told."""
        found = visible(context, caller.viewer, document)
        return TransferNotes(items=notes_for(found, caller.viewer, context))

    return router
