"""`GET /traces`: the answer to *why can I not find X?* for programs and the command line."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from services.core.errors import Rejected
from services.core.model import accounts
from services.core.model.accounts import Account, Accounts, Caller
from services.ledger.tracing.trail import Trail, trails
from services.runtime.context.service import Context
from services.runtime.web.http import Reporter
from services.runtime.web.problems import documented


class TraceOut(BaseModel):
    """What became of one receipt."""

    outcome: str
    sentence: str
    receipt: str
    document: str
    received_at: datetime
    since: datetime
    service: str
    state: str
    reason: str
    problems: list[str]
    offices: list[str]
    error_code: str
    findable: bool


class Traces(BaseModel):
    """What the caller may know of what they asked after."""

    outcome: str
    """`not_received` where there is nothing, or nothing that the caller may know of."""
    items: list[TraceOut]


def trace_routes(context: Context) -> APIRouter:
    """The route of traces."""
    router = APIRouter()

    @router.get("/traces", responses=documented(404), summary="Why something is not found")
    def trace(caller: Reporter, of: str, account: str = "") -> Traces:
        """Asked by receipt number, Message-ID or SHA-256; with `account` also why that account does not find it."""
        found = trails(context, caller, of, account=account_asked_for(context, caller, account))
        items = [_out(trail) for trail in found]
        return Traces(outcome=items[0].outcome if items else "not_received", items=items)

    return router


def account_asked_for(context: Context, caller: Caller, name: str) -> Account | None:
    """Whose question it is, where somebody asks for another: only those who see all post anyway may do so."""
    if not name:
        return None
    if not caller.viewer.all_offices:
        raise Rejected("forbidden")
    everybody = context.configuration.parsed("accounts", accounts.decode)
    known = everybody.accounts if isinstance(everybody, Accounts) else ()
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise Rejected("unknown_account")
    return found


def _out(trail: Trail) -> TraceOut:
    return TraceOut(
        outcome=trail.outcome,
        sentence=trail.sentence("en"),
        receipt=trail.receipt,
        document=trail.document,
        received_at=trail.received_at,
        since=trail.since,
        service=trail.service,
        state=trail.state,
        reason=trail.reason,
        problems=list(trail.problems),
        offices=list(trail.offices),
        error_code=trail.error_code,
        findable=trail.findable,
    )
