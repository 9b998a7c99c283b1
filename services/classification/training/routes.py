"""Models over HTTP: trained, listed, and the one before brought back; for administrators."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.classification.knowledge.model_in_force import Version
from services.classification.training.runs import train
from services.classification.training.versions import rollback, versions
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented


class FiguresOut(BaseModel):
    """Of held-out texts: how many, share right at first and among three, mean logarithmic loss, calibration error."""

    texts: int
    first: float
    three: float
    loss: float
    calibration_error: float | None


class OutcomeOut(BaseModel):
    """What came of a training; `taken` says whether the model came into force."""

    taken: bool
    version: int
    model: str
    examples: int
    decisions: int
    without: FiguresOut
    with_model: FiguresOut


class VersionOut(BaseModel):
    """A model that was put in force; `model` is empty where there was none from then on.

    `bounded`: accounts of whose decisions so many count less, for they outweigh all else that is known of a position.
    """

    version: int
    model: str
    made_at: datetime
    plan_version: str
    examples: int
    decisions: int
    without: FiguresOut | None
    with_model: FiguresOut | None
    bounded: dict[str, int]
    restores: int | None


class VersionsOut(BaseModel):
    """The newest first; the first one is in force."""

    items: list[VersionOut]


def model_routes(context: Context) -> APIRouter:
    """`GET` and `POST /classification/models`, `POST /classification/models/rollback`."""
    router = APIRouter()
    refusals = documented(400, 401, 403, 409, 412, 429, 503)

    @router.get("/classification/models", responses=documented(401, 403, 429, 503), summary="Trained models")
    def listed(caller: Administrator, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> VersionsOut:  # noqa: ARG001
        """Those that came into force, with what they made of held-out texts."""
        return VersionsOut(items=[_out(number, version) for number, version in versions(context)[:limit]])

    @router.post("/classification/models", responses=refusals, summary="Train a model")
    def trained(caller: Administrator) -> OutcomeOut:  # noqa: ARG001
        """Takes a minute or more; what is no worse on held-out texts comes into force, the first where it is better."""
        return OutcomeOut.model_validate(msgspec.to_builtins(train(context)))

    @router.post("/classification/models/rollback", responses=refusals, summary="Bring the model before back")
    def rolled_back(caller: Administrator) -> VersionOut:  # noqa: ARG001
        """What was in force before the last training is in force again, as a version of its own."""
        earlier = rollback(context)
        return _out(context.configuration.version("model"), earlier)

    return router


def _out(number: int, version: Version) -> VersionOut:
    return VersionOut.model_validate(msgspec.to_builtins(version) | {"version": number})
