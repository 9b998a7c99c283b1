"""The page of an electronic invoice, readable and printable, every value escaped; and a mail as it was written."""

import contextlib
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.core.errors import Rejected
from services.core.model.invoices import Invoice
from services.core.model.record import Record
from services.core.model.record_files import Part
from services.core.ports.entries import Viewer
from services.extraction.reading.original import as_written
from services.extraction.written_page import FRAMED, page_of
from services.runtime.access.unsealing import REASON_CHARACTERS, unseal
from services.runtime.access.visibility import known, visible
from services.runtime.context.service import Context
from services.runtime.desk import invoices
from services.runtime.desk.forms import Fields
from services.runtime.desk.frame import Desk, see_other
from services.runtime.web.http import Administrator, Searcher

_WORDS = {
    "amount": invoices.amount_shown,
    "number": invoices.number_shown,
    "day": invoices.day_shown,
    "unit": invoices.unit_shown,
    "means": invoices.means_shown,
    "iban": invoices.iban_shown,
    "terms": invoices.terms_shown,
    "severity": invoices.severity_shown,
}


def pages(context: Context) -> APIRouter:
    """`/dokumente/{id}/rechnungen/{part}`, `/dokumente/{id}/nachrichten/{part}`, and unsealing."""
    router = APIRouter()
    desk = Desk(Path(__file__).parent / "templates")

    @router.get("/dokumente/{document}/rechnungen/{part}")
    def invoice(request: Request, document: str, part: str, caller: Searcher) -> Response:
        found = visible(context, caller.viewer, document)
        read = invoice_of(found, part)
        return desk.page(
            request,
            "invoice.html",
            document=document,
            part=part,
            invoice=read,
            title=invoices.title_shown(read),
            kind=invoices.kind_of_invoice(read),
            form_of=invoices.format_shown(read),
            outcome=invoices.outcome_shown(read.outcome),
            answer=invoices.answer_to(read),
            before=_before(context, caller.viewer, read),
            word=_WORDS,
        )

    @router.get("/dokumente/{document}/nachrichten/{part}")
    def letter(document: str, part: str, caller: Searcher) -> Response:
        """For a frame of our pages: in a sandbox, without scripts, forms or anything from elsewhere."""
        found = visible(context, caller.viewer, document)
        read = as_written(context, found, _mail_of(found, part))
        return HTMLResponse(page_of(read), headers=FRAMED)

    @router.post("/versiegelt/{document}")
    def unsealed(request: Request, document: str, caller: Administrator, fields: Fields) -> Response:
        """From the list of sealed documents: for the reason given there, or by a second look of the scanner."""
        unseal(context, document, caller.id, reason=fields.get("reason", "").strip()[:REASON_CHARACTERS])
        return see_other(request, "/versiegelt", note="document_unsealed")

    return router


def _mail_of(found: Record, part: str) -> Part:
    """The part, where it is a mail; Rejected `not_found` where it is none."""
    for one in found.extraction.parts if found.extraction else ():
        if one.part == part and one.media_type == "message/rfc822" and one.role in {"body", "message"}:
            return one
    raise Rejected("not_found")


def invoice_of(found: Record, part: str) -> Invoice:
    """The invoice of a part; Rejected `not_found` where it is none."""
    for one in found.extraction.parts if found.extraction else ():
        if one.part == part and one.invoice:
            return one.invoice
    raise Rejected("not_found")


def _before(context: Context, viewer: Viewer, invoice: Invoice) -> str:
    """The document that brought the same invoice before, where the viewer may see it."""
    with contextlib.suppress(Rejected):
        return known(context, viewer, invoice.duplicate_of).document if invoice.duplicate_of else ""
    return ""
