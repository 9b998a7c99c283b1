"""All hits of a list in their order, page by page, so that memory holds one page however many there are."""

from collections.abc import Iterator

from services.core.errors import Rejected
from services.core.ports.entries import Hit, Match, Sort, Viewer
from services.runtime.context.service import Context
from services.search.asking import Found, ask
from services.search.query import Paging

PAGE = 100


class Question:
    """What is given out: a line, filters, order, and whether the exact words are meant."""

    def __init__(self, text: str, narrow: list[str], *, sort: Sort, exact: bool) -> None:
        self._text = text
        self._narrow = narrow
        self._sort: Sort = sort
        self._match: Match = "exact" if exact else "all"

    def begin(self, context: Context, viewer: Viewer, most: int) -> Found:
        """The first page; Rejected `too_many_to_export` where there are more than are given out at one time."""
        found = self._page(context, viewer, "")
        if found.hits.total > most:
            raise Rejected("too_many_to_export", total=found.hits.total, most=most)
        return found

    def hits(self, context: Context, viewer: Viewer, first: Found) -> Iterator[Hit]:
        """Every hit once, as the viewer may see it when its page is asked for."""
        found, shown = first, set[str]()
        while True:
            for hit in found.hits.items:
                if hit.document not in shown:
                    shown.add(hit.document)
                    yield hit
            if not found.hits.next:
                return
            found = self._page(context, viewer, found.hits.next)

    def _page(self, context: Context, viewer: Viewer, cursor: str) -> Found:
        page = Paging(sort=self._sort, cursor=cursor, limit=PAGE, match=self._match)
        return ask(context, viewer, self._text, narrow=self._narrow, page=page)
