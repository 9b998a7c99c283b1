"""`PUT /documents/{id}/title`: what the document is called from now on."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from services.filing.titles.titling import LONGEST, TitleWish, entitle
from services.runtime.context.service import Context
from services.runtime.web.freshness import seen_version
from services.runtime.web.http import Decider
from services.runtime.web.problems import documented
from services.runtime.worker.publishing import Announcer


class TitleWanted(BaseModel):
    """The new title; empty: as the document says itself."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=LONGEST)


class TitleGiven(BaseModel):
    """The version of the record with the title: wait for that one in the index by `min_version`."""

    version: int


def title_routes(context: Context) -> APIRouter:
    """For whoever may decide about the document."""
    router = APIRouter()
    announcer = Announcer(context.ports.log, log=context.log)
    refusals = documented(400, 401, 403, 404, 410, 412, 422, 428, 429, 503)

    @router.put("/documents/{document}/title", responses=refusals, summary="Give a document another title")
    def put(
        document: str,
        wanted: TitleWanted,
        caller: Decider,
        *,
        response: Response,
        if_match: Annotated[str, Header()] = "",
    ) -> TitleGiven:
        """Answers when it is stored; If-Match is the version that was seen, such as `"12"`, or the ETag."""
        wish = TitleWish(document=document, title=wanted.title, base_version=seen_version(if_match))
        version = entitle(wish, caller, context=context, announcer=announcer)
        response.headers["ETag"] = f'"{version}"'
        return TitleGiven(version=version)

    return router
