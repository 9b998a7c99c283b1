"""`/saved-searches`: questions that the caller keeps, and what is new since they were looked at."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.core.model.side_files import SavedSearch
from services.core.ports.entries import Viewer
from services.runtime.context.service import Context
from services.runtime.web.http import Searcher
from services.runtime.web.problems import documented
from services.search.models import LIMIT, HitPage, page_of
from services.search.saved import keeping
from services.search.saved.looking import news

PROBLEMS = documented(400, 401, 403, 404, 422, 429, 503)


class SearchWanted(BaseModel):
    """What is to be kept: the line as it would be typed, and filters such as `amt:bauamt` beside it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=keeping.LONGEST_NAME)
    q: str = Field("", max_length=4000)
    filter: list[str] = Field([], max_length=keeping.MOST_FILTERS)
    exact: bool = False
    mail: str = Field("", max_length=254)
    """Where to tell that there are new hits, not which; needs `outgoing_mail` in the settings. Empty: nowhere."""

    def wish(self) -> keeping.Wish:
        """The same for the store."""
        return keeping.Wish(
            name=self.name, question=self.q, filters=tuple(self.filter), exact=self.exact, mail=self.mail
        )


class NewsSeen(BaseModel):
    """Which new hits were seen; none named: all that it finds now."""

    model_config = ConfigDict(extra="forbid")

    documents: list[str] = Field([], max_length=LIMIT)


class SavedOut(BaseModel):
    """A saved search, and how many of its hits are new since `seen_at`, among those that the caller may see now."""

    search: str
    name: str
    q: str
    filter: list[str]
    exact: bool
    mail: str
    saved_at: datetime
    seen_at: datetime
    new: int


class SavedList(BaseModel):
    """All of the caller's, by name; `new` is how many of them have new hits."""

    items: list[SavedOut]
    new: int


def saved_routes(context: Context) -> APIRouter:
    """For whoever may search: each account and key has its own, 20 at most."""
    router = APIRouter(prefix="/saved-searches")

    @router.get("", responses=PROBLEMS, summary="Saved searches, and what is new in them")
    def every(caller: Searcher) -> SavedList:
        """A program that asks now and then is told of new hits so."""
        items = [_out(context, caller.viewer, one) for one in keeping.all_of(context, caller)]
        return SavedList(items=items, new=sum(1 for one in items if one.new))

    @router.post("", status_code=201, responses=PROBLEMS, summary="Save a search")
    def save(wanted: SearchWanted, caller: Searcher) -> SavedOut:
        """All hits of now count as seen. 422 `too_many_saved` where there are 20 already."""
        return _out(context, caller.viewer, keeping.save(context, caller, wanted.wish()))

    @router.get("/{search}", responses=PROBLEMS, summary="A saved search")
    def one(search: str, caller: Searcher) -> SavedOut:
        """404 for somebody else's."""
        return _out(context, caller.viewer, keeping.one_of(context, caller, search))

    @router.put("/{search}", responses=PROBLEMS, summary="Change a saved search")
    def change(search: str, wanted: SearchWanted, caller: Searcher) -> SavedOut:
        """Of another question all hits of now count as seen."""
        return _out(context, caller.viewer, keeping.change(context, caller, search, wanted.wish()))

    @router.delete("/{search}", status_code=204, responses=PROBLEMS, summary="Forget a saved search")
    def remove(search: str, caller: Searcher) -> None:
        """Nothing of it stays."""
        keeping.remove(context, caller, search)

    router.include_router(_news_routes(context))
    return router


def _news_routes(context: Context) -> APIRouter:
    """What is new in one of them, and that it was seen."""
    router = APIRouter()

    @router.get("/{search}/new", responses=PROBLEMS, summary="New hits of a saved search")
    def new(search: str, caller: Searcher, *, limit: Annotated[int, Query(ge=1, le=LIMIT)] = 20) -> HitPage:
        """Newest first; they stay new until `seen`."""
        return page_of(news(context, caller.viewer, keeping.one_of(context, caller, search), limit=limit))

    @router.post("/{search}/seen", responses=PROBLEMS, summary="Everything in a saved search was seen")
    def seen(search: str, caller: Searcher, what: NewsSeen | None = None) -> SavedOut:
        """Whoever names the documents that were shown loses none that came in between."""
        shown = what.documents if what else []
        return _out(context, caller.viewer, keeping.look(context, caller, search, shown))

    return router


def _out(context: Context, viewer: Viewer, saved: SavedSearch) -> SavedOut:
    return SavedOut(
        search=saved.id,
        name=saved.name,
        q=saved.question,
        filter=list(saved.filters),
        exact=saved.exact,
        mail=saved.mail,
        saved_at=saved.saved_at,
        seen_at=saved.seen_at,
        new=news(context, viewer, saved).total,
    )
