"""What is asked: the product over one of its engines, and that engine alone with its own German analyser."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import httpx
import tantivy

from services.core.plan.file_plan import EMPTY
from services.core.ports.entries import Entry, Viewer
from services.core.ports.search_index import SearchIndex
from services.indexing.meaning import meant
from services.runtime.context.service import Context
from services.runtime.meaning import encoder
from services.search.asking import ask
from services.search.query import Paging
from tests.search_quality.corpora import OFFICE, Collection
from tests.search_quality.judging import SHOWN, Ask

CLERK = Viewer(account="a-clerk", tenant="main", offices=frozenset({OFFICE}))


def product(index: SearchIndex, collection: Collection, *, meaning: bool = True) -> Ask:
    """The collection in an index, asked as the page asks."""
    if meaning:
        encoder.encoded(["once"])
    index.write([meant(entry) if meaning else entry for entry in collection.entries.values()])
    index.commit()
    names = {entry.document: name for name, entry in collection.entries.items()}
    search = SimpleNamespace(synonyms=None, meaning=meaning)
    settings = SimpleNamespace(filing=SimpleNamespace(file_number="{position}/{number}-{year}"), search=search)
    context = cast("Context", SimpleNamespace(ports=SimpleNamespace(index=index), settings=settings, plan=EMPTY))

    def asked(text: str) -> list[str]:
        found = ask(context, CLERK, text, page=Paging(limit=SHOWN))
        return [names[hit.document] for hit in found.hits.items]

    return asked


Bare = Callable[[Collection], Ask]
"""An engine alone, with a collection in it."""


def bare_tantivy(collection: Collection) -> Ask:
    """Any word of the line, in one field, with tantivy's stemmer and nothing of ours."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name="german")
    index = tantivy.Index(builder.build())
    analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
    german = analyser.filter(tantivy.Filter.stemmer("german")).build()
    index.register_tokenizer("german", german)
    writer = index.writer(20_000_000, 1)
    for name, entry in collection.entries.items():
        writer.add_document(tantivy.Document(name=name, text=_text(entry)))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def asked(text: str) -> list[str]:
        words = (tantivy.Query.term_query(index.schema, "text", word) for word in german.analyze(text))
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
        return [str(searcher.doc(place).get_first("name")) for _, place in searcher.search(query, SHOWN).hits]

    return asked


def bare_opensearch(collection: Collection, endpoint: str) -> Ask:
    """Any word of the line, in one field, with the server's `german` analyser and nothing of ours."""
    index = f"bare-{collection.name}"
    mapping = {"mappings": {"properties": {"text": {"type": "text", "analyzer": "german"}}}}
    with httpx.Client(base_url=endpoint, timeout=60) as client:
        client.put(f"/{index}", json=mapping).raise_for_status()
        for name, entry in collection.entries.items():
            client.put(f"/{index}/_doc/{name}", json={"text": _text(entry)}).raise_for_status()
        client.post(f"/{index}/_refresh").raise_for_status()

    def asked(text: str) -> list[str]:
        query = {"query": {"match": {"text": text}}, "size": SHOWN}
        answer = httpx.post(f"{endpoint}/{index}/_search", json=query, timeout=60).json()
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    return asked


def _text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.sender}\n{entry.body}"
