"""`GET /sealed` and `/versiegelt`: what nobody is given, newest first, and nothing of what it says."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from services.core import vocabulary
from services.core.model import record
from services.core.model.record import Record
from services.core.ports.entries import Filters, Viewer
from services.core.ports.entries import Query as Asked
from services.runtime.access.originals import is_sealed
from services.runtime.context.service import Context
from services.runtime.desk.frame import Desk
from services.runtime.translation.speaking import all_said, gettext, gettext_noop
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

ON_PAGE = 50
_LOOKS: dict[str, str] = {
    "infected": gettext_noop("Der Virenscanner findet weiter Schadsoftware."),
    "clean": gettext_noop(
        "Der Virenscanner findet nichts mehr, aber ohne neuere Signaturen als zuvor. Prüfen Sie, ob er seine "
        "Signaturen noch hat, und geben Sie das Dokument dann selbst frei."
    ),
    "too_large": gettext_noop("Das Dokument ist dem Virenscanner zu groß."),
    "damaged": gettext_noop("Das Original ist beschädigt und konnte nicht geprüft werden."),
    "unanswered": gettext_noop("Der Virenscanner hat nicht geantwortet."),
}
"""What the scanner said last of what stays sealed."""


class SealedDocument(BaseModel):
    """One of them: how it came, how the scanner found it last, and whether it was taken for a false alarm already."""

    document: str
    receipts: list[str]
    channel: str
    source: str
    received_at: datetime
    office: str
    released: bool
    """It is being read again."""
    rescanned_at: datetime | None
    """When the scanner looked at it last; null: not since it was sealed."""
    outcome: str
    """How it was found then: `infected`, `clean`, `too_large`, `damaged`, `unanswered`; empty without such a look."""
    found: str
    """The signature, where one was found then."""
    signatures: str
    """The scanner's name for the database it had then."""


class SealedPage(BaseModel):
    """Sealed documents, newest first."""

    items: list[SealedDocument]
    next: str


def sealed_routes(context: Context) -> APIRouter:
    """The list for machines and for the command line."""
    router = APIRouter()

    @router.get("/sealed", responses=documented(400, 401, 403, 429, 503), summary="List sealed documents")
    def sealed(_: Administrator, cursor: Annotated[str, Query(max_length=500)] = "") -> SealedPage:
        """Of every office and level of protection: an administrator learns how they came, not what they say."""
        return _page(context, cursor)

    return router


def sealed_pages(context: Context, templates: Path) -> APIRouter:
    """The list with a form for each."""
    router = APIRouter()
    desk = Desk(templates)

    @router.get("/versiegelt")
    def sealed(request: Request, _: Administrator, ab: str = "") -> Response:
        offices = {vocabulary.MAIN_OFFICE: gettext("Poststelle")} | dict(context.plan.offices)
        malware = context.settings.malware
        return desk.page(
            request,
            "sealed.html",
            page=_page(context, ab),
            offices=offices,
            has_scanner=bool(malware.clamd),
            by_itself=bool(malware.clamd and malware.rescan_every),
            looks=all_said(_LOOKS),
        )

    return router


def _page(context: Context, cursor: str) -> SealedPage:
    tenant = context.settings.tenant
    viewer = Viewer(account="sealed", tenant=tenant, all_offices=True, protection=vocabulary.HIGHEST_PROTECTION)
    asked = Asked(filters=Filters(problems=("infected",)), sort="newest", cursor=cursor, limit=ON_PAGE)
    hits = context.ports.index.search(asked, viewer)
    found = [record.load(context.ports.blobs, tenant, hit.document) for hit in hits.items]
    items = [_item(one) for one in found if one.receipts and is_sealed(one)]
    return SealedPage(items=items, next=hits.next or "")


def _item(found: Record) -> SealedDocument:
    first, look = found.receipts[0], found.rescan
    return SealedDocument(
        document=found.document,
        receipts=[receipt.receipt for receipt in found.receipts],
        channel=first.channel,
        source=first.source,
        received_at=first.received_at,
        office=first.office or vocabulary.MAIN_OFFICE,
        released=found.unsealed is not None and not (look and look.rescanned_at >= found.unsealed.unsealed_at),
        rescanned_at=look.rescanned_at if look else None,
        outcome=look.outcome if look else "",
        found=look.found if look else "",
        signatures=look.signatures if look else "",
    )
