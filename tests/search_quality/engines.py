"""What is asked: the product over one of its engines, and that engine alone with its own German analyser."""

from types import SimpleNamespace
from typing import Any, cast

from services.core.plan.file_plan import EMPTY
from services.core.ports.entries import Viewer
from services.core.ports.search_index import SearchIndex
from services.runtime.context.service import Context
from services.search.asking import ask
from services.search.query import Paging
from tests.search_quality.corpora import OFFICE, Collection
from tests.search_quality.judging import SHOWN, Ask

CLERK = Viewer(account="a-clerk", tenant="main", offices=frozenset({OFFICE}))


def product(index: SearchIndex, collection: Collection) -> Ask:
    """The collection in an index, asked as the page asks."""
    index.write(list(collection.entries.values()))
    index.commit()
    names = {entry.document: name for name, entry in collection.entries.items()}
    search = SimpleNamespace(synonyms=None)
    settings = SimpleNamespace(filing=SimpleNamespace(file_number="{position}/{number}-{year}"), search=search)
    context = cast("Context", SimpleNamespace(ports=SimpleNamespace(index=index), settings=settings, plan=EMPTY))

    def asked(text: str) -> list[str]:
        found = ask(context, CLERK, text, page=Paging(limit=SHOWN))
        return [names[hit.document] for hit in found.hits.items]

    return asked


Json = dict[str, Any]
