"""The index adapter beside bare tantivy: same texts, same analyser, same heap, same commits."""

from datetime import UTC, datetime

import tantivy

from services.adapters.search_index.tantivy import TantivySearchIndex
from services.core.language import german
from services.core.language.sketch import sketch_of
from services.core.ports.entries import Entry, Filters, Query, Viewer
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.mail_path import GROUP, HEAP, index_folder
from tests.benchmarks.measuring import Cost, Costing, Job

CHARACTERS = 1600
"""Mean length of a text in the index corpus of the city estimates."""
_FIELDS = ("title", "sender", "body")


def write_entries(job: Job) -> Cost:
    """Entries as the indexing service writes them."""
    entries = index_entries(job)
    index = TantivySearchIndex(job.folder / "index", heap_bytes=HEAP)
    costing = Costing(job)
    for start in range(0, len(entries), GROUP):
        index.write(entries[start : start + GROUP])
        index.commit()
    cost = costing.over(len(entries))
    everybody = Viewer(account="bench", tenant="main", all_offices=True)
    cost.made = index.search(Query(filters=Filters(), limit=1), everybody).total
    index.close()
    return cost


def write_bare(job: Job) -> Cost:
    """The same texts, folded, straight into tantivy."""
    entries = index_entries(job)
    index = index_folder(job.folder / "index")
    writer = index.writer(HEAP, 1)
    costing = Costing(job)
    for number, entry in enumerate(entries):
        document = tantivy.Document()
        document.add_text("document", entry.document)
        for field in _FIELDS:
            document.add_text(field, german.fold(german.clean(getattr(entry, field))))
        document.add_bytes("card", entry.body.encode())
        writer.add_document(document)
        if number % GROUP == GROUP - 1:
            writer.commit()
    writer.commit()
    cost = costing.over(len(entries))
    index.reload()
    cost.made = int(index.searcher().num_docs)
    return cost


def index_entries(job: Job) -> list[Entry]:
    """Letters of the city estimates, as the indexing service hands them over."""
    corpus, now = Corpus(job.seed, attachments=False), datetime.now(UTC)
    bodies = [corpus.text(CHARACTERS) for _ in range(job.size)]
    return [
        Entry(
            tenant="main",
            document=f"d{number:026d}",
            version=4,
            state="held",
            complete=True,
            channel="mail",
            sources=("smtp",),
            receipts=(f"PE-261122-{number:09d}",),
            received_at=now,
            latest_at=now,
            title=corpus.text(40),
            sender="Absender <absender@example.org>",
            body=body,
            sketch=sketch_of(body),
            offices=("poststelle",),
        )
        for number, body in enumerate(bodies)
    ]
