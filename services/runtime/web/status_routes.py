"""How the house is: documents by state, what is ready, and whether everything that it needs is there."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.runtime.context.service import Room
from services.runtime.operations.queue_metrics import Flow, flow
from services.runtime.operations.self_check import Checks, checks
from services.runtime.process import House
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

    @router.get("/overview", summary="How the house is")
    def show(request: Request, _: Administrator) -> Overview:
        return overview(request.app.state.house)

    return router


def checks_route() -> APIRouter:
    """`GET /checks`: what can be tried out from this process."""
    router = APIRouter()

    @router.get("/checks", summary="Whether everything is there that the house needs")
    def check(request: Request, _: Administrator) -> Checks:
        return Checks(items=list(checks(request.app.state.house)))

    return router


def overview(house: House) -> Overview:
    """How the house is."""
    room = _a_room(house)
    counts = room.ports.ledger.counts(room.settings.tenant)
    return Overview.model_validate({"documents": counts, "flow": flow(house)} | readiness(house))


def _a_room(house: House) -> Room:
    return next(iter(house.rooms.values()))
