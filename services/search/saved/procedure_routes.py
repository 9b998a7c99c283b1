"""`/procedures/{name}/searches`: searches that a procedure keeps, whose new hits come into its inbox."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.core.errors import Rejected
from services.core.messages.procedures import Procedure
from services.core.model.accounts import Caller
from services.core.model.side_files import SavedSearch
from services.runtime.context.service import Context
from services.runtime.web.http import Connector
from services.runtime.web.problems import documented
from services.search.saved import keeping, matching

PROBLEMS = documented(400, 401, 403, 404, 409, 422, 429, 503)


class ProcedureSearchWanted(BaseModel):
    """What is to be looked for: the line as it would be typed, and filters such as `art:objection` beside it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=keeping.LONGEST_NAME)
    q: str = Field("", max_length=4000)
    filter: list[str] = Field([], max_length=keeping.MOST_FILTERS)
    exact: bool = False


class ProcedureSearch(BaseModel):
    """A search that a procedure keeps; `search` is what its events call it."""

    search: str
    name: str
    q: str
    filter: list[str]
    exact: bool
    saved_at: datetime


class ProcedureSearchRemoved(BaseModel):
    """The search of whose hits nothing is told any more."""

    search: str
    removed: bool = True


class ProcedureSearchList(BaseModel):
    """All of a procedure's, by name."""

    items: list[ProcedureSearch]


def procedure_search_routes(context: Context) -> APIRouter:
    """For the procedure itself and for whoever administers; 20 searches at most."""
    router = APIRouter(prefix="/procedures/{name}/searches")

    @router.get("", responses=PROBLEMS, summary="List the searches of a procedure")
    def every(name: str, caller: Connector) -> ProcedureSearchList:
        """Those whose new hits it is told of."""
        owner = matching.owner_of(context, _known(name, caller, context))
        return ProcedureSearchList(items=[_out(one) for one in keeping.all_of(context, owner)])

    @router.post("", status_code=201, responses=PROBLEMS, summary="Keep a search for a procedure")
    def save(name: str, wanted: ProcedureSearchWanted, caller: Connector) -> ProcedureSearch:
        """`search.matched` comes for each new hit at its places; hits of now count as known. 422 `too_many_saved`."""
        wish = keeping.Wish(name=wanted.name, question=wanted.q, filters=tuple(wanted.filter), exact=wanted.exact)
        return _out(matching.save(context, _known(name, caller, context), wish))

    @router.delete("/{search}", responses=PROBLEMS, summary="Forget a search of a procedure")
    def remove(name: str, search: str, caller: Connector) -> ProcedureSearchRemoved:
        """Nothing of it stays but what was told."""
        keeping.remove(context, matching.owner_of(context, _known(name, caller, context)), search)
        return ProcedureSearchRemoved(search=search)

    return router


def _known(name: str, caller: Caller, context: Context) -> Procedure:
    """What is another procedure's is not there; a paused one has to wait, an administrator has not."""
    found, speaking = context.procedures.named(name), caller.viewer.procedure
    if found is None or speaking not in {"", name}:
        raise Rejected("not_found")
    if speaking and found.paused_since:
        raise Rejected("procedure_paused")
    return found


def _out(saved: SavedSearch) -> ProcedureSearch:
    return ProcedureSearch(
        search=saved.id,
        name=saved.name,
        q=saved.question,
        filter=list(saved.filters),
        exact=saved.exact,
        saved_at=saved.saved_at,
    )
