"""`POST /documents/{id}/unsealing`: here, because this service asks the scanner and reads what is unsealed."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.runtime.access.unsealing import REASON_CHARACTERS, unseal
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

PROBLEMS = documented(400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503)


class UnsealingWanted(BaseModel):
    """Why it is taken for a false alarm; without a reason the scanner is asked once more."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=REASON_CHARACTERS)


class Unsealing(BaseModel):
    """What an administrator said of a sealed document; it is read by now or soon."""

    document: str
    ground: str
    """`rescan`: the scanner found nothing any more. `reason`: an administrator said so."""
    reason: str
    actor: str
    unsealed_at: str


def unsealing_routes(context: Context) -> APIRouter:
    """False alarms."""
    router = APIRouter()

    @router.post("/documents/{document}/unsealing", responses=PROBLEMS, summary="Unseal a false alarm")
    def unsealing(document: str, wanted: UnsealingWanted, caller: Administrator) -> Unsealing:
        """By a reason, or without one by a second look of the scanner; the same twice changes nothing."""
        made = unseal(context, document, caller.id, reason=wanted.reason.strip())
        return Unsealing(
            document=document,
            ground=made.ground,
            reason=made.reason,
            actor=made.actor,
            unsealed_at=made.unsealed_at.isoformat(),
        )

    return router
