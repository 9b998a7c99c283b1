"""`POST /reconciliations`, `GET /balances` and `GET /balances/{day}`."""

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.core.bookkeeping import Balance, Reconciliation
from services.core.errors import TryLater
from services.ledger.books.balancing import balance_of, chain, kept_balance
from services.ledger.books.reconciling import reconcile
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented


class DiscrepancyOut(BaseModel):
    """One thing that did not agree."""

    fault: str
    document: str
    receipts: list[str] = []
    service: str = ""


class ReconciliationState(BaseModel):
    """How far a comparison is; at its end what it found, or the code of what ended it early."""

    running: bool
    done: int
    failed: str = ""
    agrees: bool = False
    receipts: int = 0
    under_way: int = 0
    counts: dict[str, int] = {}
    differences: list[DiscrepancyOut] = []


class BalanceLineOut(BaseModel):
    """The receipts of a day from one source by one channel for one office."""

    channel: str
    source: str
    office: str
    received: int
    booked: int
    extracted: int
    classified: int
    filed: int
    held: int
    set_aside: int
    erased: int
    under_way: int
    astray: int
    balances: bool


class BalanceOut(BaseModel):
    """One day (UTC). `closed`: as it is kept; else as it is now."""

    day: date
    closed: bool
    balances: bool
    uncaptured: int
    lines: list[BalanceLineOut]


class ChainFaultOut(BaseModel):
    """A day at which the chain of balances is broken."""

    day: date
    fault: str


class BalancesOut(BaseModel):
    """All days that were closed, oldest first, and whether their chain holds."""

    items: list[BalanceOut]
    faults: list[ChainFaultOut]
    head_sha256: str


def book_routes(context: Context) -> APIRouter:
    """The routes of the books."""
    router = APIRouter()
    told: dict[int | str, dict[str, Any]] = {
        200: {"model": ReconciliationState, "description": "Lines of JSON (application/x-ndjson); the last one reports"}
    }

    @router.post(
        "/reconciliations",
        responses=told,
        response_class=StreamingResponse,
        summary="Compare store, ledger, index and originals",
    )
    def compare(_: Administrator, *, originals: bool = True) -> StreamingResponse:
        """Heals what is derived and names the rest. `originals=false`: looks only whether each of them is there."""
        walk = reconcile(context, read_originals=originals)
        first = next(walk)  # a refusal is answered as one
        return StreamingResponse(_lines(first, walk), media_type="application/x-ndjson")

    @router.get("/balances", summary="The balances of all days that were closed, and whether their chain holds")
    def many(_: Administrator) -> BalancesOut:
        """A day that is missing and a number that was changed show as faults."""
        found = chain(context)
        return BalancesOut(
            items=[balance_out(one, closed=True) for one in found.balances],
            faults=[ChainFaultOut(day=fault.day, fault=fault.fault) for fault in found.faults],
            head_sha256=found.head_sha256,
        )

    @router.get("/balances/{day}", responses=documented(404), summary="The balance of a day")
    def one(day: date, _: Administrator) -> BalanceOut:
        """As it was closed; of a day that was not, as it is now."""
        kept = kept_balance(context, day)
        return balance_out(kept or balance_of(context, day), closed=kept is not None)

    return router


def balance_out(found: Balance, *, closed: bool) -> BalanceOut:
    """A balance as it is told."""
    lines = [BalanceLineOut(**msgspec.structs.asdict(line), balances=line.balances) for line in found.lines]
    told = {"day": found.day, "balances": found.balances, "uncaptured": found.uncaptured}
    return BalanceOut(**told, closed=closed, lines=lines)


def _lines(first: object, walk: Iterator[object]) -> Iterator[str]:
    done = 0
    try:
        for told in itertools.chain((first,), walk):
            state = _state(told)
            done = state.done
            yield state.model_dump_json() + "\n"
    except TryLater as error:
        yield ReconciliationState(running=False, done=done, failed=error.code).model_dump_json() + "\n"


def _state(told: object) -> ReconciliationState:
    if not isinstance(told, Reconciliation):
        return ReconciliationState(running=True, done=getattr(told, "done", 0))
    return ReconciliationState(
        running=False,
        done=told.documents,
        agrees=told.agrees,
        receipts=told.receipts,
        under_way=told.under_way,
        counts={str(fault): count for fault, count in told.counts.items()},
        differences=[
            DiscrepancyOut(fault=d.fault, document=d.document, receipts=list(d.receipts), service=d.service)
            for d in told.differences
        ],
    )
