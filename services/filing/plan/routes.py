"""The file plan over HTTP: read by everybody who searches, put in force by administrators."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.core.errors import Rejected
from services.core.plan import plan_check
from services.filing.plan.activation import Proposal, activate, propose
from services.runtime.context.service import Context
from services.runtime.web.freshness import fresh
from services.runtime.web.http import STREAMED, Administrator, Searcher
from services.runtime.web.problems import documented, told

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


class ChangeOut(BaseModel):
    """One change of the plan: its kind, the position or office, what was and what comes."""

    kind: str
    code: str
    old: str
    new: str


class PlanChanged(BaseModel):
    """What a plan changes of the one in force, and the version that is in force now."""

    version: int
    changes: list[ChangeOut]
    in_use: list[str]
    """Positions left out where files lie: they can only be closed."""
    rebuild: bool
    """Whether the index has to be rebuilt so that search knows the offices in charge."""


class Trial(BaseModel):
    """Only compare; or put in force only where this version is the one compared with."""

    dry_run: bool = False
    base: int | None = None


async def _content(request: Request) -> bytes:
    setattr(request.state, STREAMED, True)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > plan_check.MAX_BYTES:
            raise Rejected("too_large")
    return bytes(body)


def plan_routes(context: Context) -> APIRouter:
    """`GET /plan` and `PUT /plan`."""
    router = APIRouter()
    refusals = documented(401, 403, 409, 412, 413, 422, 429, 503)

    @router.get("/plan", responses=told(_304="It is the same") | documented(404), summary="File plan in force")
    def plan(_: Searcher, request: Request) -> Response:
        """The plan as it was activated; its form is `schemas/file-plan.v1.json`."""
        if not context.configuration.version("plan"):
            raise Rejected("not_found")
        return fresh(request, msgspec.json.encode(context.plan))

    @router.put("/plan", responses=refusals, openapi_extra=_BODY, summary="Put a file plan in force")
    def put(
        _: Administrator, content: Annotated[bytes, Depends(_content)], trial: Annotated[Trial, Query()]
    ) -> PlanChanged:
        """The body is a plan's file as people write it: faults are told with the line they stand on."""
        proposal = propose(content, context)
        if trial.base not in (None, proposal.base):
            raise Rejected("plan_changed")
        return _told(proposal, proposal.base if trial.dry_run else activate(proposal, context))

    return router


def _told(proposal: Proposal, version: int) -> PlanChanged:
    found = [ChangeOut(kind=c.kind, code=c.code, old=c.old, new=c.new) for c in proposal.changes]
    return PlanChanged(version=version, changes=found, in_use=list(proposal.in_use), rebuild=proposal.rebuild)
