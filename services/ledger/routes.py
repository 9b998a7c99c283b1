"""Where is my letter: the state of a receipt, and lists of receipts."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.core import catalogue
from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.model.history import Stop
from services.core.model.receipts import parse_receipt
from services.core.model.record import Record
from services.core.ports.entries import Viewer
from services.core.ports.ledger_store import Line, LineFilter
from services.core.protocol.audience import is_visible
from services.core.vocabulary import State
from services.ledger.books.routes import book_routes
from services.ledger.quality.routes import quality_routes
from services.ledger.rebuilding import rebuild_checked
from services.ledger.reports.routes import report_routes
from services.ledger.tracing.routes import trace_routes
from services.ledger.viewings.routes import viewing_routes
from services.runtime.access.visibility import StopOut, stop_out, stops_of
from services.runtime.context.service import Context
from services.runtime.web.http import Reporter
from services.runtime.web.problems import documented
from services.runtime.web.rebuilding import Rebuilding, rebuild_routes

LIMIT = 200


class ReceiptState(BaseModel):
    """A receipt and what became of its document."""

    receipt: str
    document: str
    channel: str
    source: str
    received_at: datetime
    state: str
    stage: str
    since: datetime
    reason: str
    problem: str
    indexed: bool
    history: list[StopOut] = []


class ReceiptPage(BaseModel):
    """Receipts, newest first."""

    items: list[ReceiptState]
    next: str


class Narrow(BaseModel):
    """What narrows a list of receipts."""

    source: str = ""
    state: State | Literal[""] = ""
    from_: datetime | None = Field(None, alias="from")
    to: datetime | None = None
    cursor: str = ""
    limit: int = Field(50, ge=1, le=LIMIT)


def routes(context: Context) -> APIRouter:
    """`GET /receipts/{receipt}`, `GET /receipts`, `GET /traces`, `GET /classification/quality`, `/rebuilds/ledger`."""
    router = APIRouter()

    @router.get("/receipts/{receipt}", responses=documented(404), summary="Where a receipt's document is")
    def one(receipt: str, caller: Reporter) -> ReceiptState:
        """With its whole journey; for the sender and for whoever may see the document."""
        line, found = look_up(context, caller, receipt)
        theirs = is_visible(found, caller.viewer, context.plan)
        return _state(line, found, caller.viewer, may_read="search" in caller.rights and theirs)

    @router.get("/receipts", summary="List receipts")
    def many(caller: Reporter, narrow: Annotated[Narrow, Query()]) -> ReceiptPage:
        """Newest first; a sender sees its own."""
        source = narrow.source if "administer" in caller.rights else caller.source
        wanted = LineFilter(source=source, state=narrow.state, received_from=narrow.from_, received_before=narrow.to)
        tenant, cursor = context.settings.tenant, narrow.cursor
        lines, after = context.ports.ledger.lines(tenant, wanted, cursor=cursor, limit=narrow.limit)
        return ReceiptPage(items=[_state(line) for line in lines], next=after)

    router.include_router(trace_routes(context))
    router.include_router(book_routes(context))
    router.include_router(quality_routes(context))
    router.include_router(viewing_routes(context))
    router.include_router(report_routes(context))
    router.include_router(rebuild_routes("ledger", Rebuilding(context, rebuild_checked)))
    return router


def look_up(context: Context, caller: Caller, text: str) -> tuple[Line, Record]:
    """The line of a receipt and the record of its document, for its sender and for those who may see the document."""
    number = parse_receipt(text)
    line = context.ports.ledger.find(context.settings.tenant, number) if number else None
    if line is None:
        raise Rejected("not_found" if number else "bad_receipt")
    found = record.load(context.ports.blobs, line.tenant, line.document)
    if caller.source != line.source and not is_visible(found, caller.viewer, context.plan):
        raise Rejected("not_found")
    return line, found


def of_sender(stop: Stop) -> Stop:
    """What a sender is told of a stop: that it was reached. The same bytes may be filed in a file of others."""
    return msgspec.structs.replace(stop, file="", entry=0, case=0, position="", office="", actor="")


def _state(
    line: Line, found: Record | None = None, viewer: Viewer | None = None, *, may_read: bool = False
) -> ReceiptState:
    """The line as it is told; with the record at hand, the record's own word counts."""
    standing = record.standing(found) if found else None
    version = found.version if found else line.indexed_version
    stops = stops_of(found, viewer, asked=line.receipt) if found and viewer else ()
    return ReceiptState(
        receipt=line.receipt,
        document=line.document,
        channel=line.channel,
        source=line.source,
        received_at=line.received_at,
        state=standing.state if standing else line.state,
        stage=catalogue.text(standing.state if standing else line.state),
        since=(record.since(found) if found else line.since) or line.received_at,
        reason=standing.reason if standing else line.reason,
        problem=line.problem,
        indexed=0 < version <= line.indexed_version,
        history=[stop_out(stop if may_read else of_sender(stop)) for stop in stops],
    )
