"""What must hold when a story has come to its end, whatever went wrong in it."""

from collections import Counter
from collections.abc import Iterator

from services.core import keys
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.model import record, record_files
from services.core.model.record import Record
from services.core.model.record_files import Receipt, RegisterEntry
from services.core.ports.entries import TOMBSTONE_VERSION
from tests.simulation.actors import SECRET
from tests.simulation.city import City
from tests.simulation.decay import custody_is_true

SETTLED = {"held", "filed", "no_record", "erased"}


def violations(city: City) -> list[str]:
    """Every promise that this story broke."""
    city.acknowledged |= _promised_with_batches(city)
    known = {*city.acknowledged.values(), *filter(None, [city.erasing])}
    found = {document: record.load(city.blobs, "main", document) for document in known}
    return [
        *_nothing_lost(city, found),
        *erased_is_gone(city, found),
        *custody_is_true(city, found),
        *_index_is_true(city, found),
        *_ledger_balances(city, found),
        *_registers_are_gapless(city),
        *_filings_are_registered(city, found),
        *_decisions_stand(city, found),
        *_told_once(city),
        *_nothing_personal(city),
        *_nothing_dead(city),
    ]


def _promised_with_batches(city: City) -> dict[str, str]:
    """What was promised for a scan holds for each of its documents: their receipts, with the documents."""
    receipts = [key for key in city.blobs.keys(Bucket.RECORDS, keys.documents("main")) if "/receipts/" in key]
    read = (record_files.decode(Receipt, city.blobs.read(Bucket.RECORDS, key)) for key in receipts)
    return {receipt.receipt: receipt.document for receipt in read if receipt.part_of}


def _nothing_lost(city: City, found: dict[str, Record]) -> Iterator[str]:
    for receipt, document in city.acknowledged.items():
        there = found[document]
        if there.erased:
            continue
        if receipt not in {r.receipt for r in there.receipts}:
            yield f"receipt {receipt} was acknowledged and is not in the record of {document}"
        if document not in city.harmed and city.blobs.size(Bucket.ORIGINALS, keys.original("main", document)) is None:
            yield f"the original of {document} is gone"
        if record.standing(there).state not in SETTLED:
            yield f"{document} got stuck as {record.standing(there).state}"


def erased_is_gone(city: City, found: dict[str, Record]) -> Iterator[str]:
    """Nothing but the tombstone is left, and nothing went that the disposal was not decided about."""
    for document, there in found.items():
        if not there.erased:
            continue
        prefix = keys.record("main", document)
        left = {key[len(prefix) :] for key in city.blobs.keys(Bucket.RECORDS, prefix)} - {"erased/1.json"}
        if left:
            yield f"{document} was erased and left {sorted(left)}"
        if city.blobs.size(Bucket.ORIGINALS, keys.original("main", document)) is not None:
            yield f"{document} was erased and its original is there"
    for receipt, document in city.acknowledged.items():
        if found[document].erased and receipt not in city.covered:
            yield f"receipt {receipt} was acknowledged after the disposal was decided, and is gone"


def _index_is_true(city: City, found: dict[str, Record]) -> Iterator[str]:
    for document, there in found.items():
        entry = city.index.entries.get(document)
        if there.erased:
            if entry is None or not entry.erased or entry.version != TOMBSTONE_VERSION:
                yield f"{document} was erased and the index does not say so"
            continue
        if entry is None:
            yield f"{document} is not in the index"
        elif (entry.version, entry.state) != (there.version, record.standing(there).state):
            stands = f"{record.standing(there).state} {there.version}"
            yield f"{document} is in the index as {entry.state} {entry.version}, not {stands}"
        elif len(entry.receipts) != len(there.receipts):
            yield f"{document} lacks an occurrence in the index"


def _ledger_balances(city: City, found: dict[str, Record]) -> Iterator[str]:
    for receipt, document in city.acknowledged.items():
        line = city.ledger.find("main", receipt)
        if line is None:
            if not found[document].erased:
                yield f"receipt {receipt} is not in the ledger"
            continue
        state = record.standing(found[document]).state
        if line.document == document and line.state != state:
            yield f"the ledger has {receipt} as {line.state}, the record as {state}"


def _registers_are_gapless(city: City) -> Iterator[str]:
    files: dict[str, list[RegisterEntry]] = {}
    prefix = keys.file_folder("main", "")[:-1]
    for key in city.blobs.keys(Bucket.RECORDS, prefix):
        entry = record_files.decode(RegisterEntry, city.blobs.read(Bucket.RECORDS, key))
        files.setdefault(key[len(prefix) :].rpartition("/")[0], []).append(entry)
    numbers = sorted(int(file.rpartition("/")[2].partition("-")[0]) for file in files)
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"file numbers have a gap: {numbers}"
    for file, entries in files.items():
        if sorted(e.entry for e in entries) != list(range(1, len(entries) + 1)):
            yield f"the register of {file} has a gap: {sorted(e.entry for e in entries)}"
        yield from _cases_are_gapless(file, sorted(entries, key=lambda entry: entry.entry))
        twice = [pair for pair, count in Counter((e.document, e.decision) for e in entries).items() if count > 1]
        if twice:
            yield f"the register of {file} has {twice} twice"


def _cases_are_gapless(file: str, entries: list[RegisterEntry]) -> Iterator[str]:
    """Each entry opens the next Vorgang, lies in one that was opened, or in none."""
    before = 0
    for entry in entries:
        opens = entry.cases == before + 1 and entry.case == entry.cases
        if not opens and (entry.cases != before or (entry.case or 0) > before):
            yield f"{file} had {before} Vorgänge, and entry {entry.entry} in {entry.case} makes them {entry.cases}"
        before = entry.cases


def _filings_are_registered(city: City, found: dict[str, Record]) -> Iterator[str]:
    for document, there in found.items():
        filings = record.standing(there).filings
        if len({f.file for f in filings}) != len(filings):
            yield f"{document} stands twice in one file"
        for filing in filings:
            key = keys.register_entry("main", filing.file or "", filing.entry or 0)
            content = city.blobs.blobs[Bucket.RECORDS].get(key)
            line = record_files.decode(RegisterEntry, content) if content else None
            if line is None or (line.document, line.case) != (document, filing.case):
                yield f"{document} is filed as {filing.file} {filing.entry}, and the register does not say so"
            for said in (one.case for one in there.decisions if one.decision == filing.decision):
                if line and not (line.case == said or (said == "new" and line.decision == filing.decision)):
                    yield f"{document} is filed in Vorgang {line.case}, and the decision says {said}"
        decision = there.decisions[-1] if there.decisions else None
        if decision and decision.action in ("file", "move") and decision.decision not in {f.decision for f in filings}:
            yield f"the clerk's decision about {document} had no effect"


def _decisions_stand(city: City, found: dict[str, Record]) -> Iterator[str]:
    for (decision, clerk), document in city.decided.items():
        there = found[document]
        if not there.erased and (decision, clerk) not in {(d.decision, d.actor) for d in there.decisions}:
            yield f"the decision {decision} of {clerk} was acknowledged and is not in the record of {document}"


def _told_once(city: City) -> Iterator[str]:
    """An id stands for one event: who knows it drops what comes under it, so a repeat says what was said.

    Whatever came between the two: a newer reading, another model or plan, a clerk. That a document was indexed is told
    with the version of that moment, which only grows; who drops the later one knows less, and nothing wrong.
    """
    for topic in city.log.topics.keys() - {topics.INDEXED}:
        told: dict[bytes, bytes] = {}
        for message in city.log.topics[topic]:
            name = dict(message.headers)["ce_id"]
            if told.setdefault(name, message.value) != message.value:
                yield f"the event {name.decode()} on {topic} was told in two ways"


def _nothing_personal(city: City) -> Iterator[str]:
    for topic, messages in city.log.topics.items():
        for message in messages:
            if SECRET.encode() in message.value or any(SECRET.encode() in value for _, value in message.headers):
                yield f"an event on {topic} holds text of a letter"


def _nothing_dead(city: City) -> Iterator[str]:
    for topic, messages in city.log.topics.items():
        if topic.endswith(".dead"):
            yield f"{len(messages)} deliveries died on {topic}: {messages[0].value!r}"
