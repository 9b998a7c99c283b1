"""Five searches worth trying, each for another thing that the mail room can do; the demo tries them first itself."""

import time
from dataclasses import dataclass
from datetime import timedelta

from services.cli.client import Instance
from services.cli.demo.folder import Note

PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Search:
    """What to type, the letter that it finds, and why that is worth a look."""

    words: str
    finds: str
    why: str


SEARCHES = (
    Search("Streuobstwiese", "streuobstwiese", "stands on a scanned page and nowhere else"),
    Search("Geschiebemergel", "weitergeleitet", "stands in the PDF of a mail that is attached to a mail"),
    Search("Strassenbeleuchtung", "laterne", "a compound; written Straßenbeleuchtung in the mail"),
    Search("{carport}", "statik", "a file number: the application, and what answered it by itself"),
    Search("von:Falkenried", "bussgeld", "a sender"),
)


def typed(search: Search, note: Note) -> str:
    """The words, with the file number that this demo gave."""
    return search.words.format_map(note.files)


def finds(search: Search, instance: Instance, note: Note) -> bool:
    """Whether the letter is among the hits; the index may be a moment behind."""
    document = instance.get(f"/receipts/{note.receipts[search.finds]}")["document"]
    until = time.monotonic() + PATIENCE.total_seconds()
    while True:
        hits = instance.post("/search", {"q": typed(search, note), "limit": 20})["items"]
        if any(hit["document"] == document for hit in hits):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
