"""How the mail room is: documents by state, what is ready, and whether everything that it needs is there."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.runtime.context.service import Context
from services.runtime.operations.queue_metrics import Flow, flow
from services.runtime.operations.self_check import Checks, checks
from services.runtime.process import Process
from services.runtime.web.http import Administrator, readiness


class Overview(BaseModel):
    """Documents by state, ports by readiness, stopped services with the code of the reason, and what waits where."""

    documents: dict[str, int]
    ports: dict[str, bool]
    red: dict[str, str]
    flow: Flow


def overview_route() -> APIRouter:
    """`GET /overview`, where the ledger is."""
    router = APIRouter()

    @router.get("/overview", summary="How the mail room is")
    def show(request: Request, _: Administrator) -> Overview:
        return overview(request.app.state.process)

    return router


def checks_route() -> APIRouter:
    """`GET /checks`: what can be tried out from this process."""
    router = APIRouter()

    @router.get("/checks", summary="Whether everything is there that the mail room needs")
    def check(request: Request, _: Administrator) -> Checks:
        return Checks(items=list(checks(request.app.state.process)))

    return router


def overview(process: Process) -> Overview:
    """How the mail room is."""
    context = _a_context(process)
    counts = context.ports.ledger.counts(context.settings.tenant)
    return Overview.model_validate({"documents": counts, "flow": flow(process)} | readiness(process))


def _a_context(process: Process) -> Context:
    return next(iter(process.contexts.values()))
