"""Judging a selection anew over HTTP: differences, a run, and the run taken back; for administrators."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.classification.again.rejudging import Asked, Compared, apply, compare, undo
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

MOST = 100
"""Documents of one request: each may cost the milliseconds of a whole judgement."""
_DOCUMENT = r"^d[0-9a-hjkmnp-tv-z]{26}$"
_RUN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Document = Annotated[str, Field(pattern=_DOCUMENT)]


class Selection(BaseModel):
    """Documents to judge anew for comparison."""

    model_config = ConfigDict(extra="forbid")
    documents: list[Document] = Field(min_length=1, max_length=MOST)


class Seen(BaseModel):
    """A document and its version in the dry run; one that went on since is left alone."""

    model_config = ConfigDict(extra="forbid")
    document: Document
    version: int = Field(ge=0, lt=2**53)


class Wanted(BaseModel):
    """What is to be judged anew for good."""

    model_config = ConfigDict(extra="forbid")
    documents: list[Seen] = Field(min_length=1, max_length=MOST)


class SaidOut(BaseModel):
    """The gist of a judgement."""

    outcome: str
    reason: str
    office: str
    position: str
    confidence: float
    file: str


class DifferenceOut(BaseModel):
    """One document judged otherwise; `effect` is `files`, `moves`, `passes_on`, `proposes` or `none`."""

    document: str
    version: int
    effect: str
    before: SaidOut
    after: SaidOut


class ComparedOut(BaseModel):
    """Differences, and by document why the others are left: `same`, `decided`, `changed`, `not_read`, `not_found`."""

    differences: list[DifferenceOut]
    left: dict[str, str]
    run: str


def again_routes(context: Context) -> APIRouter:
    """`POST /classification/differences`, `POST /classification/runs`, `POST /classification/runs/{run}/undo`."""
    router = APIRouter()
    refusals = documented(400, 401, 403, 404, 429, 503)

    @router.post("/classification/differences", responses=refusals, summary="Judge anew, as a dry run")
    def differences(caller: Administrator, selection: Selection) -> ComparedOut:
        """What the judgement of today says otherwise than the stored one. Nothing changes."""
        return _out(compare(selection.documents, caller, context))

    @router.post("/classification/runs", responses=refusals, summary="Judge anew, for good")
    def run(caller: Administrator, wanted: Wanted) -> ComparedOut:
        """What a clerk decided, and what went on since it was seen, is left. The run can be taken back."""
        asked = [Asked(document=one.document, version=one.version) for one in wanted.documents]
        return _out(apply(asked, caller, context))

    @router.post("/classification/runs/{run}/undo", responses=refusals, summary="Take a run back")
    def taken_back(caller: Administrator, run: Annotated[str, Path(pattern=_RUN)]) -> ComparedOut:
        """Every document of the run gets its judgement of before, with what follows; clerks' decisions stay."""
        return _out(undo(run, caller, context))

    return router


def _out(found: Compared) -> ComparedOut:
    return ComparedOut.model_validate(msgspec.to_builtins(found))
