"""`/deputies`: who may act for whom, and until when; for those who administer the mail room."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from services.core.model.accounts import Deputyship
from services.runtime.access import deputies
from services.runtime.access.credentials import Access
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented

PROBLEMS = documented(400, 401, 403, 404, 409, 422, 429, 503)


class DeputyWanted(BaseModel):
    """Who is to act for whom, both by the names of their accounts."""

    deputy: str = Field(max_length=100)
    represented: str = Field(max_length=100)
    begins_at: AwareDatetime | None = None
    """From when on; at once where it is not named."""
    ends_at: AwareDatetime
    """The first moment at which it is over, within 366 days of the beginning."""


class DeputyshipId(BaseModel):
    """The deputyship meant."""

    id: str = Field(max_length=100)


class DeputyshipOut(BaseModel):
    """That somebody may act for somebody else."""

    id: str
    deputy: str
    represented: str
    begins_at: datetime
    ends_at: datetime
    made_at: datetime
    made_by: str
    """The account or key of whoever made it so."""
    ended_by: str
    """Of whoever ended it before its time; empty where nobody did."""
    in_force: bool


class DeputyshipList(BaseModel):
    """All, oldest first, those that are over too."""

    items: list[DeputyshipOut]


def deputy_routes(access: Access) -> APIRouter:
    """Deputies with a time limit."""
    router = APIRouter(prefix="/deputies")

    @router.get("", responses=PROBLEMS, summary="List deputies")
    def every(_: Administrator) -> DeputyshipList:
        """Also those that are over: who might act for whom, and who made it so, stays to be read."""
        return DeputyshipList(items=[_told(access, one) for one in access.everybody.deputyships])

    @router.post("", status_code=201, responses=PROBLEMS, summary="Appoint a deputy")
    def appoint(caller: Administrator, wanted: DeputyWanted) -> DeputyshipOut:
        """Until its end the deputy finds, sees and decides what the other account may, and nothing beyond it."""
        begins_at = wanted.begins_at or access.now()
        named = deputies.Appointment(wanted.deputy, wanted.represented, begins_at, wanted.ends_at)
        return _told(access, deputies.appoint(access, named, by=caller.id))

    @router.post("/endings", responses=PROBLEMS, summary="End a deputyship before its time")
    def end(caller: Administrator, which: DeputyshipId) -> DeputyshipOut:
        """From now on nothing is seen by it."""
        return _told(access, deputies.end(access, which.id, by=caller.id))

    return router


def _told(access: Access, one: Deputyship) -> DeputyshipOut:
    return DeputyshipOut(
        id=one.id,
        deputy=access.name_of(one.deputy),
        represented=access.name_of(one.represented),
        begins_at=one.begins_at,
        ends_at=one.ends_at,
        made_at=one.made_at,
        made_by=one.made_by,
        ended_by=one.ended_by or "",
        in_force=one.holds_at(access.now()),
    )
