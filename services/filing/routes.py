"""Decisions about a document, and the register of a file."""

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.core.errors import Rejected
from services.core.protocol.arranging import Pages
from services.filing.decisions import Wish, decide
from services.filing.handling.handling_routes import handling_routes
from services.filing.plan.routes import plan_routes
from services.filing.registers import register_of
from services.filing.titles.title_routes import title_routes
from services.filing.workbench.picking import files_for
from services.runtime.context.service import Context
from services.runtime.web.freshness import fresh, seen_version
from services.runtime.web.http import Decider, Searcher
from services.runtime.web.problems import documented, other_answers
from services.runtime.worker.publishing import Announcer

LIMIT = 200
MAX_PAGES = 5_000
"""Of a scan, as many as are read."""
_DOCUMENT = re.compile(r"d[0-9a-hjkmnp-tv-z]{26}")


class PagesWanted(BaseModel):
    """One document of a scan: its pages, counted in the scan, in the order in which they shall lie."""

    model_config = ConfigDict(extra="forbid")

    pages: list[Annotated[int, Field(ge=1, le=MAX_PAGES)]] = Field(min_length=1, max_length=MAX_PAGES)
    turns: dict[Annotated[int, Field(ge=1, le=MAX_PAGES)], Literal[0, 90, 180, 270]] = Field({}, max_length=MAX_PAGES)
    """By page: degrees clockwise by which it is turned."""


class DecisionWanted(BaseModel):
    """A decision: `file` and `move` name a file or a position (which opens a new file), `assign` an office.

    `case` is the Vorgang of the file: its number, or `new`; the sign of one (`52.10.02/17-2026#3`) may stand as `file`.

    `arrange` names the documents that the pages of a scan shall be: so it is split, joined, put in order and turned.
    A page that is in none of them is left out. `reopen` takes it back.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["file", "move", "no_record", "assign", "reopen", "arrange"]
    file: str | None = Field(None, max_length=100)
    position: str | None = Field(None, max_length=40)
    case: Annotated[int, Field(ge=1, le=999_999, strict=True)] | Literal["new"] | None = None
    part: str | None = Field(None, max_length=255, pattern=r"^[0-9]+(\.[0-9]+)*$")
    office: str | None = Field(None, max_length=32)
    documents: list[PagesWanted] = Field([], max_length=1_000)


class DecisionMade(BaseModel):
    """The decision's id, and the version of the record with it: wait for that one, or decide again on it."""

    decision: str
    version: int


class FileFound(BaseModel):
    """A file, the title of the letter that opened it, and the document that answered; empty where its number did."""

    file: str
    subject: str
    document: str
    title: str
    sender: str
    received_at: datetime | None


class FilesFound(BaseModel):
    """The likeliest first."""

    items: list[FileFound]


class RegisterPage(BaseModel):
    """Which part of a list is wanted."""

    cursor: str = Field("0", pattern=r"^[0-9]{0,9}$")
    limit: int = Field(50, ge=1, le=LIMIT)


def routes(context: Context) -> APIRouter:
    """`POST /documents/{id}/decisions`, `GET /files`, `GET /files/{file}`, and those of the plan."""
    router = APIRouter()
    router.include_router(plan_routes(context))
    router.include_router(title_routes(context))
    router.include_router(handling_routes(context))
    announcer = Announcer(context.ports.log, log=context.log)
    refusals = documented(400, 401, 403, 404, 409, 410, 412, 422, 428, 429, 503)

    @router.post("/documents/{document}/decisions", status_code=202, responses=refusals, summary="Decide")
    def post(
        document: str,
        wanted: DecisionWanted,
        caller: Decider,
        *,
        response: Response,
        if_match: Annotated[str, Header()] = "",
    ) -> DecisionMade:
        """Answers when the decision is stored; If-Match is the version that was seen, such as `"12"`, or the ETag.

        `stale` tells the `state` now, `by` whom and `at`; `already_decided` also which `document` keeps its pages.
        """
        if not _DOCUMENT.fullmatch(document):
            raise Rejected("not_found")
        documents = tuple(map(_pages, wanted.documents))
        places = wanted.model_dump(exclude={"documents"})
        wish = Wish(base_version=seen_version(if_match), documents=documents, **places)
        made = decide(wish, document, caller, context=context, announcer=announcer)
        response.headers["ETag"] = f'"{made.version}"'
        return DecisionMade(decision=made.decision, version=made.version)

    _file_routes(router, context)
    return router


def _file_routes(router: APIRouter, context: Context) -> None:
    misses = other_answers(_304="Nothing has changed") | documented(404)

    @router.get("/files", responses=documented(400, 401, 403, 429, 503), summary="Find files")
    def files(caller: Searcher, q: Annotated[str, Query(min_length=1, max_length=100)]) -> FilesFound:
        """The files that words of a subject, a street or a sender, or the beginning of a number, lead to: eight."""
        found = files_for(q, caller.viewer, context)
        return FilesFound(items=[FileFound.model_validate(msgspec.structs.asdict(one)) for one in found])

    @router.get("/files/{file:path}", responses=misses, summary="Register of a file")
    def register(file: str, caller: Searcher, request: Request, *, page: Annotated[RegisterPage, Query()]) -> Response:
        """Entries in order; of documents that the caller may not see, number and date only."""
        found = register_of(file, caller.viewer, context, after=int(page.cursor or 0), limit=page.limit)
        return fresh(request, msgspec.json.encode(found))


def _pages(wanted: PagesWanted) -> Pages:
    if not wanted.turns.keys() <= set(wanted.pages):
        raise Rejected("bad_pages")
    return Pages(pages=tuple(wanted.pages), turns=tuple(wanted.turns.get(page, 0) for page in wanted.pages))
