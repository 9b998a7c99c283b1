"""Asking the index, for the API and for the pages alike."""

from collections.abc import Sequence

from services.core.plan.file_numbers import Template
from services.core.ports.entries import Hits, Sort, Viewer
from services.runtime.context.service import Context
from services.search.query import Page, parse


def ask(context: Context, viewer: Viewer, text: str, *, narrow: Sequence[str] = (), page: Page | None = None) -> Hits:
    """The hits for a typed line that this viewer may see; Rejected("bad_query") says where it is malformed."""
    template = Template(context.settings.filing.file_number)
    return context.ports.index.search(parse(text, narrow, template=template, page=page), viewer)


def held(context: Context, viewer: Viewer, *, office: str = "", reason: str = "", page: Page | None = None) -> Hits:
    """The documents that wait for a clerk, oldest first."""
    sort: Sort = "oldest"
    place = page or Page(sort=sort)
    narrow = ["status:held"]
    narrow += [f"amt:{office}"] if office else []
    narrow += [f"grund:{reason}"] if reason else []
    return ask(context, viewer, "", narrow=narrow, page=Page(sort=sort, cursor=place.cursor, limit=place.limit))
