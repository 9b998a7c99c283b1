"""The archivist who erases: plays retention, which is no room of the mail room yet, by the rules that it will have."""

import contextlib
import uuid

from msgspec.structs import replace

from services.core import keys
from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentErased
from services.core.model import documents, record, record_files
from services.core.model.record_files import Erased, Receipt
from services.core.protocol import receiving
from services.runtime.context.service import Service
from tests.simulation.city import City


def erase(city: City) -> None:
    """Erase one document: the tombstone first, then what stands behind it, then tell."""
    if not city.acknowledged:
        return
    city.erasing = city.erasing or city.world.chance.choice(list(city.acknowledged.values()))
    # After a crash the same again: a disposal that was decided is carried out.
    done = False
    while not done:
        try:
            _erase(city, city.erasing)
            done = True
        except (TryLater, BlobMissing):
            city.world.sleep(0.5)


def service(city: City) -> Service:
    """Reads what was received: whoever is told of behind a tombstone has the archivist clear up there again.

    An intake that dies beside a tombstone leaves a receipt that nobody was given. The sweeper tells of it.
    """

    def look_again(event: Event, _: object) -> tuple[Event, ...]:
        if record.is_erased(city.blobs, event.tenant, event.document):
            _clear(city, event.document)
        return ()

    return Service(name="retention", handle=look_again)


def _erase(city: City, document: str) -> None:
    found = record.load(city.blobs, "main", document)
    incarnation = found.receipts[0].incarnation if found.receipts else 0
    if not found.erased:
        city.covered = {r.receipt for r in found.receipts}
    tombstone = Erased(
        incarnation=incarnation,
        decision=str(uuid.UUID(int=city.world.chance.getrandbits(128))),
        erased_at=city.world.now(),
    )
    key = keys.stage("main", document, "erased", 1)
    city.blobs.create(Bucket.RECORDS, key, record_files.encode(tombstone))
    stored = record_files.decode(Erased, city.blobs.read(Bucket.RECORDS, key))
    _clear(city, document)
    facts = DocumentErased(document=document, incarnation=stored.incarnation, decision=stored.decision, proof_key=key)
    cause = Cause("main", stored.decision)
    city.log.publish(topics.emit(facts, cause=cause, service="retention", now=city.world.now()))


def _clear(city: City, document: str) -> None:
    """Move the receipts that the disposal was not decided about, then delete everything behind the tombstone.

    What comes after the list of receipts was not accepted: its intake finds the tombstone. So is a receipt without
    its original: whoever deleted that had moved all that needed it.
    """
    for name in list(city.blobs.keys(Bucket.RECORDS, keys.receipts("main", document))):
        with contextlib.suppress(BlobMissing):
            _move(city, record_files.decode(Receipt, city.blobs.read(Bucket.RECORDS, name)))
    for name in list(city.blobs.keys(Bucket.RECORDS, keys.record("main", document))):
        if name != keys.stage("main", document, "erased", 1):
            city.blobs.delete(Bucket.RECORDS, name)
    city.blobs.delete(Bucket.ORIGINALS, keys.original("main", document))


def _move(city: City, receipt: Receipt) -> None:
    if receipt.receipt in city.covered:
        return
    moved = _next_home(city, receipt)
    city.acknowledged.update({receipt.receipt: moved} if receipt.receipt in city.acknowledged else {})


def _next_home(city: City, receipt: Receipt) -> str:
    content = city.blobs.read(Bucket.ORIGINALS, keys.original("main", receipt.document))
    for incarnation in range(receipt.incarnation + 1, 50):
        kind: documents.Kind = "mail" if receipt.kind.startswith("mail") else "bytes"
        document = documents.document_id("main", kind, receipt.digest, incarnation=incarnation)
        if record.is_erased(city.blobs, "main", document):
            continue
        moved = replace(receipt, document=document, incarnation=incarnation)
        city.blobs.create(Bucket.ORIGINALS, keys.original("main", document), content)
        city.blobs.create(Bucket.RECORDS, keys.receipt("main", document, receipt.receipt), record_files.encode(moved))
        pointer = keys.arrival("main", receipt.received_at, receipt.receipt)
        city.blobs.delete(Bucket.RECORDS, pointer)
        city.blobs.create(Bucket.RECORDS, pointer, document.encode())
        city.log.publish(receiving.received_event(moved, service="retention", now=city.world.now()))
        return document
    raise Rejected("internal")
