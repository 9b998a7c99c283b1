"""Dead letters over HTTP: what is dead now, and putting it before its service again, with a dry run first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.core import catalogue
from services.core.model.record_files import DeadLetter
from services.runtime.context.local_day import HERE
from services.runtime.process import Process
from services.runtime.web.http import Administrator
from services.runtime.web.problems import documented
from services.runtime.worker import dead_letters
from services.runtime.worker.dead_letters import LetterFilter
from services.runtime.worker.passing import mark

LIMIT = 200
_ID = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"
_WORD = r"^[A-Za-z0-9._+-]{0,120}$"


class Chosen(BaseModel):
    """Which dead letters are meant; what is left out does not narrow. `from` and `to` are times of death."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field("", pattern=_ID)
    service: str = Field("", pattern=r"^([a-z][a-z_]{0,31})?$")
    error_code: str = Field("", pattern=_WORD)
    topic: str = Field("", pattern=_WORD)
    code_version: str = Field("", pattern=_WORD)
    document: str = Field("", pattern=_WORD)
    from_: datetime | None = Field(None, alias="from")
    to: datetime | None = None

    def as_filter(self) -> LetterFilter:
        """The same, for the list."""
        names = ("id", "service", "error_code", "topic", "code_version", "document")
        told = {name: getattr(self, name) for name in names}
        return LetterFilter(**told, died_from=_aware(self.from_), died_before=_aware(self.to))


class Listed(Chosen):
    """Which ones, and which page of them."""

    cursor: str = Field("", pattern=r"^([0-9]{16}/[a-z][a-z_]{0,31}/[0-9a-f-]{36})?$")
    limit: int = Field(50, ge=1, le=LIMIT)


class Letter(BaseModel):
    """One dead letter; `title` says what happened, `advice` what to do."""

    id: str
    event: str
    service: str
    document: str
    topic: str
    error_code: str
    title: str
    advice: str
    code_version: str
    died_at: datetime
    size_bytes: int


class Letters(BaseModel):
    """Dead letters, those that died last first."""

    items: list[Letter]
    next: str


class ReplayWanted(BaseModel):
    """What is to be replayed; an empty filter means everything that is dead."""

    model_config = ConfigDict(extra="forbid")

    filter: Chosen
    dry_run: bool = False


class Stopping(BaseModel):
    """The delivery that a service cannot get past: `event` is the id in the log's line `stopped_at`, `retry_later`."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(pattern=r"^[a-z][a-z_]{0,31}$")
    event: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class Passed(BaseModel):
    """Marked: the service gives it up at its next look, at the latest after a restart."""

    service: str
    event: str


class Group(BaseModel):
    """How many of one service died of one thing."""

    service: str
    error_code: str
    count: int


class Replayed(BaseModel):
    """How many are meant, by service and code; of them `unreadable` ones cannot be replayed by this version."""

    count: int
    unreadable: int
    groups: list[Group]
    dry_run: bool


def dead_letter_routes() -> APIRouter:
    """`GET /dead-letters`, `POST /dead-letters/replays` and `POST /dead-letters/passed`."""
    router = APIRouter()
    refusals = documented(400, 401, 403, 429, 503)

    @router.get("/dead-letters", responses=refusals, summary="List what services gave up")
    def dead(request: Request, _: Administrator, listed: Annotated[Listed, Query()]) -> Letters:
        """What is dead now, newest first. A letter leaves the list when a replay of it was worked off."""
        process: Process = request.app.state.process
        found, following = page_of(process, listed)
        return Letters(items=[_letter(letter) for letter in found], next=following)

    @router.post("/dead-letters/replays", responses=refusals | _DRY, status_code=202, summary="Replay dead letters")
    def replays(request: Request, response: Response, _: Administrator, wanted: ReplayWanted) -> Replayed:
        """Put them before their services again, and nobody else; what dies again is listed under a new id."""
        process: Process = request.app.state.process
        if wanted.dry_run:
            response.status_code = 200
        return replay(process, wanted.filter, dry_run=wanted.dry_run)

    @router.post("/dead-letters/passed", responses=refusals, status_code=202, summary="Pass a delivery over")
    def passed(request: Request, _: Administrator, stopping: Stopping) -> Passed:
        """Have a service give one delivery up without a look: a dead letter `passed_over`, to be replayed later."""
        process: Process = request.app.state.process
        mark(process.ports.blobs, process.tenant, service=stopping.service, event_id=stopping.event)
        return Passed(service=stopping.service, event=stopping.event)

    return router


_DRY: dict[int | str, dict[str, Any]] = {200: {"description": "Counted only (dry_run).", "model": Replayed}}


def page_of(process: Process, listed: Listed) -> tuple[list[DeadLetter], str]:
    """One page of what is dead, newest first, and where the next one begins, empty at the end."""
    return dead_letters.page(_found(process, listed), limit=listed.limit, after=listed.cursor)


def replay(process: Process, chosen: Chosen, *, dry_run: bool) -> Replayed:
    """Put what is meant before its services again, or only count it."""
    tally = dead_letters.replay(_found(process, chosen), process.ports.log, dry_run=dry_run)
    groups = [Group(service=name, error_code=code, count=n) for (name, code), n in sorted(tally.groups.items())]
    return Replayed(count=tally.groups.total(), unreadable=tally.unreadable, groups=groups, dry_run=dry_run)


def _found(process: Process, chosen: Chosen) -> Iterator[DeadLetter]:
    return dead_letters.letters(process.ports.blobs, process.tenant, chosen.as_filter())


def _letter(letter: DeadLetter) -> Letter:
    return Letter(
        id=letter.id,
        event=letter.event_id,
        service=letter.service,
        document=letter.document or "",
        topic=letter.topic,
        error_code=letter.error_code,
        title=catalogue.death(letter.error_code, "en"),
        advice=catalogue.advice(letter.error_code, "en"),
        code_version=letter.code_version,
        died_at=letter.died_at,
        size_bytes=len(letter.value),
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A time without an offset is one of the city hall."""
    return moment.replace(tzinfo=HERE) if moment and moment.tzinfo is None else moment
