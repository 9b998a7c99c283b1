"""How the mail room is: for people, with all its processes, and of this process for supervisors and balancers."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from services.runtime.context.service import Context
from services.runtime.operations.check_others import checks_of_others
from services.runtime.operations.heartbeats import (
    ABSENT,
    Member,
    everyone,
    faults_of_all,
    member,
    ports_of_all,
    red_of_all,
)
from services.runtime.operations.queue_metrics import Flow, flow, registry
from services.runtime.operations.readiness import accepts, is_ready, readiness
from services.runtime.operations.self_check import Checks, checks
from services.runtime.process import Process
from services.runtime.web.http import Administrator


class Overview(BaseModel):
    """Documents by state, ports by readiness, stopped services with the code of the reason, and what waits where.

    Of all processes: a port is ready where it answers to everyone who needs it. `silent` is a service whose process
    tells nothing any more, `absent` one that has work and that no process runs. `faults` are those of what a service
    needs besides the ports (`classification`: its model, its encoder), told by it within a minute; `GET /checks` says
    what to do about them.
    """

    documents: dict[str, int]
    ports: dict[str, bool]
    red: dict[str, str]
    faults: dict[str, str]
    flow: Flow
    processes: list[Member]


def overview_route() -> APIRouter:
    """`GET /overview`, where the ledger is."""
    router = APIRouter()

    @router.get("/overview", summary="How the mail room is")
    def show(request: Request, _: Administrator) -> Overview:
        return overview(request.app.state.process)

    return router


def checks_route() -> APIRouter:
    """`GET /checks`: what can be tried out from this process, and what all others tell of themselves."""
    router = APIRouter()

    @router.get("/checks", summary="Whether everything is there that the mail room needs")
    def check(request: Request, _: Administrator) -> Checks:
        process: Process = request.app.state.process
        return Checks(items=[*checks(process), *checks_of_others(process)])

    return router


def overview(process: Process) -> Overview:
    """How the mail room is, with all its processes."""
    context = _a_context(process)
    found, told, now = flow(process), everyone(process), process.ports.clock.now()
    alive = {name for one in told if not one.is_silent(now) for name in one.services}
    absent = {queue.service: ABSENT for queue in found.queues if queue.waiting > 0 and queue.service not in alive}
    return Overview(
        documents=context.ports.ledger.counts(context.settings.tenant),
        ports=ports_of_all(told, now),
        red=absent | red_of_all(told, now),
        faults=faults_of_all(told, now),
        flow=found,
        processes=[member(one, now) for one in told],
    )


def _a_context(process: Process) -> Context:
    return next(iter(process.contexts.values()))


def health_routes() -> APIRouter:
    """`/health/live`, `/health/ready`, `/health/accepts` and `/metrics`, which stand outside of the API."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live(request: Request) -> JSONResponse:
        # Answered by the event loop: what holds all threads up for a moment is no death.
        process: Process = request.app.state.process
        if process.lives:
            return JSONResponse({"status": "live"})
        return JSONResponse({"status": "dead", "red": dict(process.red)}, status_code=503)

    @router.get("/health/ready")
    def ready(request: Request) -> JSONResponse:
        process: Process = request.app.state.process
        found = readiness(process)
        good = is_ready(process, found)
        told = {"status": "ready" if good else "not_ready"} | found.model_dump()
        return JSONResponse(told, status_code=200 if good else 503)

    @router.get("/health/accepts")
    def accepting(request: Request) -> JSONResponse:
        good = accepts(request.app.state.process)
        return JSONResponse({"status": "accepts" if good else "refuses"}, status_code=200 if good else 503)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        ours = generate_latest(registry(request.app.state.process))
        return Response(generate_latest() + ours, media_type=CONTENT_TYPE_LATEST)

    return router
