"""Asking the index, for the API and for the pages alike."""

from collections.abc import Sequence

from msgspec.structs import replace

from services.core.plan.file_numbers import Template
from services.core.plan.file_plan import FilePlan
from services.core.ports.entries import Hits, Query, Sort, Viewer
from services.runtime.context.service import Context
from services.search.query import Paging, parse


def ask(context: Context, viewer: Viewer, text: str, *, narrow: Sequence[str] = (), page: Paging | None = None) -> Hits:
    """The hits for a typed line that this viewer may see; Rejected("bad_query") says where it is malformed."""
    template = Template(context.settings.filing.file_number)
    query = parse(text, narrow, template=template, page=page)
    return context.ports.index.search(_with_predecessors(query, context.plan), viewer)


def _with_predecessors(query: Query, plan: FilePlan) -> Query:
    """A position is asked for with those whose matters it took over: their files keep their numbers."""
    asked = frozenset(query.filters.positions)
    earlier = [code for code in (*plan.by_code, *plan.successors) if plan.place_of(code) in asked] if asked else []
    positions = tuple(dict.fromkeys((*query.filters.positions, *earlier)))
    return replace(query, filters=replace(query.filters, positions=positions))


def held(context: Context, viewer: Viewer, *, office: str = "", reason: str = "", page: Paging | None = None) -> Hits:
    """The documents that wait for a clerk, oldest first."""
    sort: Sort = "oldest"
    place = page or Paging(sort=sort)
    narrow = ["status:held"]
    narrow += [f"amt:{office}"] if office else []
    narrow += [f"grund:{reason}"] if reason else []
    return ask(context, viewer, "", narrow=narrow, page=Paging(sort=sort, cursor=place.cursor, limit=place.limit))
