"""Attachments, given back as they were sent, their pages as pictures, and what they say as electronic invoices."""

from fastapi import APIRouter, Request, Response

from services.core.errors import Rejected
from services.core.model import record
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.extraction.archival.routes import archival_routes
from services.extraction.marks.mark_routes import mark_routes
from services.extraction.page_routes import page_routes
from services.extraction.pages import invoice_of
from services.extraction.reading.original import attachment
from services.extraction.unsealing_routes import unsealing_routes
from services.runtime.access.visibility import visible
from services.runtime.context.service import Context
from services.runtime.desk.invoices import InvoiceReport, report
from services.runtime.web.downloads import download
from services.runtime.web.http import Reader
from services.runtime.web.problems import documented, other_answers

PROBLEMS = documented(401, 403, 404, 410, 429, 500, 503)
BYTES = other_answers(_206="The range that was asked for", _304="The bytes are the same", _416="No such range")


def routes(context: Context) -> APIRouter:
    """Below `/documents/{id}/parts/{part}`: bytes, pages, words, the invoice; and `/documents/{id}/unsealing`."""
    whole, router = APIRouter(), APIRouter(prefix="/documents/{document}/parts/{part}")

    @router.get("/content", response_class=Response, responses=BYTES | PROBLEMS, summary="Download an attachment")
    def content(request: Request, document: str, part: str, caller: Reader) -> Response:
        """An attachment or attached mail, always as a download; understands `Range`.

        A procedure may read those of what was delivered to it.
        404 for the document itself, which lies at `/original`, and for what lies inside an archive.
        """
        found = visible(context, caller.viewer, document)
        wanted = _wanted(found, part)
        ending = ".eml" if wanted.role == "message" and not wanted.name.endswith(".eml") else ""
        name = (wanted.name or f"{document}.{part}") + ending
        return download(request, attachment(context, found, wanted), name=name, media_type=wanted.media_type)

    @router.get("/invoice", responses=PROBLEMS, summary="Read an electronic invoice")
    def invoice(document: str, part: str, caller: Reader) -> InvoiceReport:
        """All fields and lines, and what the checks found; 404 where the part is no invoice."""
        found = visible(context, caller.viewer, document)
        return report(invoice_of(found, part), document=document, part=part)

    router.include_router(archival_routes(context, BYTES | PROBLEMS))
    router.include_router(page_routes(context))
    router.include_router(mark_routes(context))
    whole.include_router(router)
    whole.include_router(unsealing_routes(context))
    return whole


def _wanted(found: Record, part: str) -> Part:
    extraction = found.extraction
    if extraction and part in record.attached_parts(extraction):
        return next(one for one in extraction.parts if one.part == part)
    raise Rejected("not_found")
