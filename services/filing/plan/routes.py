"""The file plan over HTTP: read by everybody who searches, put in force by administrators."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.core.errors import Rejected
from services.core.plan.exchange import forms
from services.core.plan.exchange.forms import Form
from services.core.plan.exchange.xdomea_form import Message, Version
from services.core.plan.file_plan import FilePlan
from services.filing.plan.activation import Proposal, activate, propose
from services.filing.plan.move_routes import move_routes
from services.filing.plan.upload_routes import PLAN_BODY, plan_content
from services.runtime.context.service import Context
from services.runtime.web.freshness import fresh
from services.runtime.web.http import Administrator, Searcher
from services.runtime.web.problems import documented, other_answers


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
    """Whether files go to other offices: the index is rebuilt by itself soon, or at once by `POST /rebuilds/index`."""


class Trial(BaseModel):
    """Only compare; or put in force only where this version is the one compared with."""

    dry_run: bool = False
    base: int | None = None


class Wanted(BaseModel):
    """In which form the plan is wanted; `xdomea` is the version of the message and `recipient` whom it is for."""

    form: Form = "json"
    xdomea: Version = "4.0.0"
    recipient: str = Field("Empfänger", min_length=1, max_length=200)


def plan_routes(context: Context) -> APIRouter:
    """`GET /plan`, `PUT /plan` and `/plan/moves`."""
    router = APIRouter()
    refusals = documented(401, 403, 409, 412, 413, 422, 429, 503)

    @router.get("/plan", responses=other_answers(_304="It is the same") | documented(404), summary="File plan in force")
    def plan(_: Searcher, request: Request, wanted: Annotated[Wanted, Query()]) -> Response:
        """The plan as it was activated: by `schemas/file-plan.v1.json`, as CSV, or as xdomea message 0301."""
        if not context.configuration.version("plan"):
            raise Rejected("not_found")
        plan = context.written_plan
        if wanted.form == "json":
            return fresh(request, msgspec.json.encode(plan))
        return _file(plan, wanted, context)

    @router.put("/plan", responses=refusals, openapi_extra=PLAN_BODY, summary="Put a file plan in force")
    def put(
        _: Administrator, content: Annotated[bytes, Depends(plan_content)], trial: Annotated[Trial, Query()]
    ) -> PlanChanged:
        """The body is a plan's file in any of its forms; faults are told with the line they stand on."""
        proposal = propose(content, context)
        if trial.base not in (None, proposal.base):
            raise Rejected("plan_changed")
        return _to_answer(proposal, proposal.base if trial.dry_run else activate(proposal, context))

    router.include_router(move_routes(context))
    return router


def _file(plan: FilePlan, wanted: Wanted, context: Context) -> Response:
    """The plan to be kept as a file; each export is a message of its own, so none is the same as the last."""
    message = Message(
        created_at=context.ports.clock.now(), sender=plan.name, recipient=wanted.recipient, version=wanted.xdomea
    )
    suffix = next(suffix for suffix, form in forms.SUFFIXES.items() if form == wanted.form)
    headers = {"Content-Disposition": f'attachment; filename="aktenplan{suffix}"'}
    content = forms.write(plan, wanted.form, message)
    return Response(content, media_type=forms.MEDIA_TYPES[wanted.form], headers=headers)


def _to_answer(proposal: Proposal, version: int) -> PlanChanged:
    found = [ChangeOut(kind=c.kind, code=c.code, old=c.old, new=c.new) for c in proposal.changes]
    return PlanChanged(version=version, changes=found, in_use=list(proposal.in_use), rebuild=proposal.rebuild)
