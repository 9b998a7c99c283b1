"""`GET /audit` and `GET /audit/verification`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from services.core.model.accounts import Caller
from services.core.model.side_files import Viewing
from services.core.protocol import viewings
from services.core.protocol.viewings import NOTHING, Place
from services.ledger.viewings.reading import Wanted, entries
from services.runtime.context.service import Context
from services.runtime.web.http import Auditor, caller_with
from services.runtime.web.problems import documented

LIMIT = 200
VERIFIED_AT_MOST = 5_000
"""Entries that one answer verifies; the command goes on where it ended."""
PROBLEMS = documented(401, 403, 422, 429, 503)
Verifier = Annotated[Caller, Depends(caller_with("audit", "administer"))]
"""Whether the chain is whole tells nothing of who looked at what."""


class ViewingOut(BaseModel):
    """That somebody looked at a protected document."""

    number: int
    at: datetime
    actor: str
    document: str
    door: str
    protection: int
    in_place_of: str = ""
    """Whose rights the account used as a deputy."""


class ViewingPage(BaseModel):
    """The newest first; a page may have few items and still a next one, 0 at the end."""

    items: list[ViewingOut]
    next: int


class ViewingFaultOut(BaseModel):
    """An entry that is `missing`, `changed`, `unreadable`, or `foreign` to the log."""

    number: int
    fault: str


class VerdictOut(BaseModel):
    """The chain up to an entry. Where it is not whole yet, ask again behind this one, until there are no more."""

    whole: bool
    """Whether its end was reached."""
    number: int
    sha256: str
    """Of the last entry that was looked at: noted down elsewhere, it proves later what the log was."""
    faults: list[ViewingFaultOut]


class Narrow(BaseModel):
    """What narrows the entries."""

    actor: str = Field("", max_length=64)
    document: str = Field("", max_length=64)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int = Field(0, ge=0)
    """The `next` of the page before."""
    limit: int = Field(50, ge=1, le=LIMIT)


class Behind(BaseModel):
    """Behind which entry to begin: number and hash of the answer before."""

    number: int = Field(0, ge=0)
    sha256: str = Field(NOTHING, pattern=r"^[0-9a-f]{64}$")
    limit: int = Field(VERIFIED_AT_MOST, ge=1, le=VERIFIED_AT_MOST)


def viewing_routes(context: Context) -> APIRouter:
    """Reading and verifying the audit log."""
    router = APIRouter(prefix="/audit")

    @router.get("", responses=PROBLEMS, summary="Who looked at protected documents")
    def read(_: Auditor, narrow: Annotated[Narrow, Query()]) -> ViewingPage:
        """By account or key, document and time. Entries hold no word of a document."""
        wanted = Wanted(actor=narrow.actor, document=narrow.document, since=narrow.since, until=narrow.until)
        found, following = entries(context, wanted, before=narrow.before, limit=narrow.limit)
        return ViewingPage(items=[_told(one) for one in found], next=following)

    @router.get("/verification", responses=PROBLEMS, summary="Whether the audit log is whole")
    def verification(_: Verifier, behind: Annotated[Behind, Query()]) -> VerdictOut:
        """Each entry is there and unchanged, up to the last one that was written."""
        place = Place(behind.number, behind.sha256)
        found = viewings.verify(context.ports.blobs, context.settings.tenant, place, behind.limit)
        faults = [ViewingFaultOut(number=one.number, fault=one.fault) for one in found.faults]
        return VerdictOut(whole=found.whole, number=found.place.number, sha256=found.place.sha256, faults=faults)

    return router


def _told(one: Viewing) -> ViewingOut:
    return ViewingOut(
        number=one.number,
        at=one.at,
        actor=one.actor,
        document=one.document,
        door=one.door,
        protection=one.protection,
        in_place_of=one.in_place_of or "",
    )
