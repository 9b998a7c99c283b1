"""`/documents/{id}/handling`: notes on a document, the day on which it is looked at again, and who works on it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from services.core import vocabulary
from services.core.model.record import Record
from services.core.ports.entries import Viewer
from services.core.protocol.working.handling import clerk_of, due_of, notes_of
from services.filing.handling.handling import LONGEST, HandlingWish, add
from services.filing.handling.mentioned import days_of
from services.runtime.access.visibility import visible
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.web.freshness import seen_version
from services.runtime.web.http import Decider, Searcher
from services.runtime.web.problems import documented
from services.runtime.worker.publishing import Announcer

_ACTOR: Any = vocabulary.Actor
_ACCOUNT = _ACTOR.__metadata__[0].pattern.removesuffix(r"(?!\n)")


class NoteOut(BaseModel):
    """A note, when it was written, and by which account or key."""

    text: str
    at: datetime
    actor: str


class DayNamed(BaseModel):
    """A day to come that the letter names, by these words; `from_arrival`: it names a period, counted from arrival."""

    day: date
    words: str
    deadline: bool
    from_arrival: bool


class HandlingTold(BaseModel):
    """What people added to the document; `version` is that of its record."""

    version: int
    notes: list[NoteOut]
    due: date | None
    clerk: str
    """The account of whoever works on it; empty for nobody."""
    days: list[DayNamed]


class HandlingWanted(BaseModel):
    """A note (`text`), a day to look at it again (`due`, null for none), or who works on it (`clerk`, null: nobody)."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["note", "due", "clerk"]
    text: str = Field("", max_length=LONGEST)
    due: date | None = None
    clerk: str | None = Field(None, max_length=64, pattern=_ACCOUNT)


class HandlingMade(BaseModel):
    """The version of the record with it: wait for that one in the index by `min_version`."""

    version: int


def handling_routes(context: Context) -> APIRouter:
    """Read by whoever may see the document, written by those of them who may decide about it."""
    router = APIRouter(prefix="/documents/{document}/handling")
    announcer = Announcer(context.ports.log, log=context.log)

    @router.get("", responses=documented(401, 403, 404, 410, 429, 503), summary="Notes, day and clerk of a document")
    def get(document: str, caller: Searcher) -> HandlingTold:
        """Everything that people added; what is offered of the days that the letter names stands in `days`."""
        found = visible(context, caller.viewer, document)
        return _told(found, caller.viewer, context)

    refusals = documented(400, 401, 403, 404, 410, 412, 422, 428, 429, 503)

    @router.post("", status_code=201, responses=refusals, summary="Add a note, a day or a clerk")
    def post(
        document: str,
        wanted: HandlingWanted,
        caller: Decider,
        *,
        request: Request,
        if_match: Annotated[str, Header()] = "",
    ) -> HandlingMade:
        """Answers when it is stored; If-Match is the version that was seen, such as `"12"`, or the ETag.

        A note is taken whatever happened since; a day or a clerk is refused with 412 where somebody set another one.
        """
        wish = HandlingWish(
            document=document,
            kind=wanted.kind,
            base_version=seen_version(if_match),
            text=wanted.text,
            due=wanted.due,
            clerk=wanted.clerk or "",
        )
        access = request.app.state.access
        version = add(wish, caller, context=context, access=access, announcer=announcer)
        return HandlingMade(version=version)

    return router


def _told(found: Record, viewer: Viewer, context: Context) -> HandlingTold:
    days = days_of(found, viewer, today(context.ports.clock))
    return HandlingTold(
        version=found.version,
        notes=[NoteOut(text=note.text, at=note.made_at, actor=note.actor) for note in notes_of(found)],
        due=due_of(found),
        clerk=clerk_of(found),
        days=[DayNamed.model_validate(one, from_attributes=True) for one in days],
    )
