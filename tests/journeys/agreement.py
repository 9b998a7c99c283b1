"""What has to agree when all has acked, whatever went wrong before: store, index, ledger, registers and topics."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from services.adapters.event_log.kafka import KafkaEventLog
from services.core import keys
from services.core.keys import SETTLED as WORKED_OFF
from services.core.keys import Bucket
from services.core.messages import events, procedures, topics
from services.core.messages.envelope import Event, Message, decode
from services.core.messages.procedures import InboxLine
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import RegisterEntry
from services.core.ports.blob_store import BlobStore
from services.core.ports.ledger_store import SETTLED
from tests.journeys.instance import Api

TENANT = "main"
WITHIN_S = 300.0
MOMENT = timedelta(milliseconds=200)
LOOKERS = 8
"""Threads that read records: one after another they would take minutes from an S3 store."""

Thing = TypeVar("Thing")
Found = Mapping[str, Record]
"""Records by document."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """A mail room with everything in it that tells of the same letters."""

    process: Api
    blobs: BlobStore
    told: Callable[[], Iterable[Message]] | None = None
    """Everything on the topics, where one can look at them."""
    procedures: Mapping[str, str] = field(default_factory=dict)
    """Specialist procedures by name, and the position of each; it took part from the first letter on."""


def on_topics(bootstrap: str, prefix: str = "", procedures: Iterable[str] = ()) -> list[Message]:
    """Every record that lies on a topic of an installation now."""
    messages: list[Message] = []
    names = [*topics.all_topics(), *map(topics.inbox_of, procedures)]
    with closing(KafkaEventLog(bootstrap, prefix=prefix)) as log, closing(log.follow(names)) as follower:
        while batch := follower.read(MOMENT):
            messages += batch
    return messages


def agree(books: Books, acknowledged: Collection[str] = (), within_s: float = WITHIN_S) -> None:
    """Wait until all has acknowledged and agrees, with every acknowledged receipt in it; what does not is said.

    A look lists everything, and takes the processor from those who are waited for: a fifth of the time is enough.
    """
    deadline = (looked := time.monotonic()) + within_s
    while wrong := list(_on_the_way(books)) or disagreements(books, acknowledged):
        assert time.monotonic() < deadline, wrong[:20]
        time.sleep(max(0.5, 4 * (time.monotonic() - looked)))
        looked = time.monotonic()


def disagreements(books: Books, acknowledged: Collection[str] = ()) -> list[str]:
    """A sentence for everything that is told in two ways, twice, or not at all."""
    found = _records(books.blobs)
    told = [decode(message) for message in books.told()] if books.told else None
    return [
        *_acknowledged_is_there(found, acknowledged),
        *_originals_are_there(books, found),
        *_index_agrees(books, found),
        *_ledger_agrees(books, found),
        *_registers_agree(books, found),
        *_inboxes_agree(books, found),
        *_nothing_died(books),
        *(_topics_agree(told, found, books) if told is not None else ()),
    ]


def _on_the_way(books: Books) -> Iterator[str]:
    """What the ledger alone can say, at little cost: whether everything is where it stays."""
    lines = list(books.process.pages("/receipts", limit="200"))
    stored = len(_receipts(books.blobs))
    if len(lines) != stored:
        yield f"the ledger has {len(lines)} receipts, the store {stored}"
    for line in lines:
        if line["state"] not in SETTLED or not line["indexed"]:
            yield f"{line['receipt']} is {line['state']}, in the index: {line['indexed']}"


def _receipts(blobs: BlobStore) -> list[tuple[str, str]]:
    """Document and receipt of every occurrence in the store."""
    stored = blobs.keys(Bucket.RECORDS, f"{TENANT}/documents/")
    split = (key.removesuffix(".json").split("/") for key in stored if "/receipts/" in key)
    return [(document, receipt) for _, _, document, _, receipt in split]


def _records(blobs: BlobStore) -> Found:
    documents = sorted({document for document, _ in _receipts(blobs)})
    with ThreadPoolExecutor(LOOKERS) as pool:
        loaded = pool.map(lambda document: record.load(blobs, TENANT, document), documents)
        return dict(zip(documents, loaded, strict=True))


def _acknowledged_is_there(found: Found, acknowledged: Collection[str]) -> Iterator[str]:
    stored = {receipt.receipt for there in found.values() for receipt in there.receipts}
    for receipt in set(acknowledged) - stored:
        yield f"{receipt} was acknowledged and is not in the store"


def _originals_are_there(books: Books, found: Found) -> Iterator[str]:
    stored = {key.rpartition("/")[2] for key in books.blobs.keys(Bucket.ORIGINALS, f"{TENANT}/")}
    for document in found.keys() - stored:
        yield f"{document} has no original"


def _index_agrees(books: Books, found: Found) -> Iterator[str]:
    hits = list(books.process.pages("/search", sort="newest", limit="100"))
    yield from _counted("the index", Counter(hit["document"] for hit in hits), Counter(list(found)))
    for hit in hits:
        there = found.get(hit["document"])
        indexed = hit["version"], hit["state"]
        if there and indexed != (stands := (there.version, record.standing(there).state)):
            yield f"{hit['document']} is {stands} in the store and {indexed} in the index"


def _ledger_agrees(books: Books, found: Found) -> Iterator[str]:
    lines = list(books.process.pages("/receipts", limit="200"))
    stored = {receipt.receipt: there for there in found.values() for receipt in there.receipts}
    yield from _counted("the ledger", Counter(line["receipt"] for line in lines), Counter(list(stored)))
    for line in lines:
        there = stored.get(line["receipt"])
        booked = line["document"], line["state"]
        if there and booked != (stands := (there.document, record.standing(there).state)):
            yield f"{line['receipt']} is {stands} in the store and {booked} in the ledger"


def _registers_agree(books: Books, found: Found) -> Iterator[str]:
    """No gaps, no document twice; each entry has its filing, and each filing its entry."""
    registers = _registers(books.blobs)
    for file, entries in registers.items():
        if sorted(entry.entry for entry in entries) != list(range(1, len(entries) + 1)):
            yield f"the register of {file} has the entries {sorted(entry.entry for entry in entries)}"
    entered = Counter((e.file, e.entry, e.document) for entries in registers.values() for e in entries)
    filed = Counter(
        (filing.file or "", filing.entry or 0, there.document)
        for there in found.values()
        for filing in there.filings
        if filing.outcome == "filed"
    )
    yield from _counted("the registers", entered, filed)
    for file, entries in registers.items():
        for document, count in Counter(entry.document for entry in entries).items():
            if count > len({filing.decision for filing in found[document].filings if filing.outcome == "filed"}):
                yield f"{document} stands {count} times in the register of {file}"


def _registers(blobs: BlobStore) -> dict[str, list[RegisterEntry]]:
    registers: dict[str, list[RegisterEntry]] = defaultdict(list)
    for key in blobs.keys(Bucket.RECORDS, keys.files(TENANT)):
        entry = record_files.decode(RegisterEntry, blobs.read(Bucket.RECORDS, key))
        registers[key.rpartition("/")[0]].append(entry)
    return registers


def _inboxes_agree(books: Books, found: Found) -> Iterator[str]:
    """Each filing is delivered once to the procedure of its position, and the lines of its inbox have no gap."""
    expected = Counter(delivery for _, delivery in _to_be_delivered(books, found))
    told: Counter[str] = Counter()
    for name in books.procedures:
        lines = list(books.blobs.keys(Bucket.RECORDS, keys.procedure(TENANT, name, "inbox", "").removesuffix(".json")))
        if sorted(map(keys.number_in, lines)) != list(range(1, len(lines) + 1)):
            yield f"the inbox of {name} has a gap"
        told.update(procedures.decode(InboxLine, books.blobs.read(Bucket.RECORDS, key)).id for key in lines)
    yield from _counted("the inboxes", told, expected)


def _to_be_delivered(books: Books, found: Found) -> Iterator[tuple[str, str]]:
    """Document and delivery of every filing that a procedure hears of."""
    for name, position in books.procedures.items():
        for document, there in found.items():
            for filing in there.filings:
                if filing.outcome == "filed" and filing.position == position:
                    yield document, procedures.delivery_id(TENANT, name, document, filing=filing.decision)


def _nothing_died(books: Books) -> Iterator[str]:
    letters = set(books.blobs.keys(Bucket.RECORDS, keys.dead(TENANT)))
    for key in letters:
        if not key.endswith(WORKED_OFF) and key + WORKED_OFF not in letters:
            yield f"{key} was given up"


def _topics_agree(told: Iterable[Event], found: Found, books: Books) -> Iterator[str]:
    """Each thing that the store holds was told of under one id, however often, and nothing else was."""
    ids: dict[tuple[str, ...], set[str]] = defaultdict(set)
    indexed: dict[str, int] = defaultdict(int)
    for event in told:
        if isinstance(event.facts, events.DocumentIndexed):
            indexed[event.facts.document] = max(indexed[event.facts.document], event.facts.version)
        elif what := _what(event):
            ids[what].add(event.id)
    for what, distinct in ids.items():
        if len(distinct) > 1:
            yield f"{what} was told of under {len(distinct)} ids"
    asked, read = ({what[1:] for what in ids if what[0] == word} for word in ("asked", "read"))
    yield from _counted("the pages that were read", Counter(list(read)), Counter(list(asked)))
    stored = [what for what in ids if what[0] not in {"asked", "read"}]
    yield from _counted("the topics", Counter(stored), Counter(_to_be_told(found, books)))
    for document, there in found.items():
        if indexed[document] != there.version:
            yield f"{document} has version {there.version}, and {indexed[document]} was told to be in the index"


def _what(event: Event) -> tuple[str, ...]:
    """What an event tells of, as far as somebody else tells of it too."""
    facts = event.facts
    what: tuple[str, ...] = ()
    match facts:
        case events.DocumentReceived():
            what = "receipt", facts.document, facts.receipt
        case events.DocumentExtracted():
            what = "extraction", facts.document, str(facts.revision)
        case events.DocumentClassified():
            what = "classification", facts.document, str(facts.revision)
        case events.DocumentFiled() | events.DocumentHeld():
            what = "filing", facts.document, str(facts.revision)
        case events.FilingDecided():
            what = "decision", facts.document, facts.decision
        case events.ProcedureDelivered():
            what = "delivery", facts.document, facts.delivery
        case events.OcrRequested() | events.OcrCompleted():
            word = "asked" if isinstance(facts, events.OcrRequested) else "read"
            what = word, facts.document, str(facts.revision), facts.part, str(facts.first_page)
    return what


def _to_be_told(found: Found, books: Books) -> Iterator[tuple[str, ...]]:
    yield from (("delivery", *delivered) for delivered in _to_be_delivered(books, found))
    for document, there in found.items():
        yield from (("receipt", document, receipt.receipt) for receipt in there.receipts)
        for stage in ("extraction", "classification"):
            yield from ((stage, document, str(n)) for n in range(1, there.revisions.get(stage, 0) + 1))
        for number, filing in enumerate(there.filings, 1):
            if filing.outcome != "claimed":
                yield "filing", document, str(number)
        yield from (("decision", document, decision.decision) for decision in there.decisions)


def _counted(name: str, ours: Counter[Thing], theirs: Counter[Thing]) -> Iterator[str]:
    """Where a count differs from the store's: too often here, or not at all."""
    yield from (f"{name}: {thing} is too many" for thing in (ours - theirs).elements())
    yield from (f"{name}: {thing} is missing" for thing in (theirs - ours).elements())
