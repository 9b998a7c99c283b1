"""Who comes to the city hall: senders, a clerk, an archivist who erases, somebody who rebuilds the index."""

import io
import uuid
from collections.abc import Callable

import msgspec

from services.core import documents, keys, receiving, record, records, topics
from services.core.accounts import Caller
from services.core.documents import BytesIdentity, MailIdentity
from services.core.entries import Viewer
from services.core.envelope import Cause
from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.events import DocumentErased
from services.core.keys import Bucket
from services.core.receiving import Accepted, Arrival
from services.core.records import Erased, Receipt
from services.filing import decisions
from services.filing.decisions import Wish
from services.indexing.rebuilding import rebuild
from tests.simulation.city import POSITION, City
from tests.twins.readers import PICTURE

SECRET = "Geheimrat"
"""Stands in every letter; must stand in no event."""
FILE = f"{POSITION}/1-2026"

CHOICES = (
    {"action": "move", "file": FILE},
    {"action": "file", "file": FILE},
    {"action": "file", "position": POSITION},
    {"action": "move", "position": POSITION},
    {"action": "no_record"},
    {"action": "assign", "office": "bauamt"},
    {"action": "reopen"},
)

Receive = Callable[[Arrival, City], Accepted]


def letters(city: City) -> list[bytes]:
    """The contents of this story: mails with and without a file number, a repeat, and scans of several pages."""
    chance = city.world.chance
    mails = [
        _mail(f"Anfrage {n}", FILE if chance.random() < 0.5 else "ohne Zeichen") for n in range(chance.randint(2, 4))
    ]
    scans = [PICTURE + b"\f".join(f"{SECRET} Seite {p}".encode() for p in range(chance.choice((1, 3, 21))))]
    return [*mails, mails[0], *scans, *(scans if chance.random() < 0.3 else ())]


def send(city: City, content: bytes, receive: Receive | None = None) -> None:
    """Deliver until it is acknowledged; then tell the log, or leave that to the sweeper."""
    accepted = None
    while accepted is None:
        try:
            accepted = (receive or _receive)(_arrival(content), city)
        except TryLater:
            city.world.sleep(0.5)
    city.acknowledged[accepted.receipt] = accepted.document
    try:
        city.log.publish(accepted.event)
    except TryLater:
        city.world.trace.append("event left to the sweeper")


def decide(city: City, name: str, turns: int) -> None:
    """Look at the held documents a few times, and decide about some."""
    viewer = Viewer(account=name, tenant="main", all_offices=True)
    caller = Caller(id=name, source=name, rights=frozenset({"decide"}), viewer=viewer)
    for _ in range(turns):
        for document in list(dict.fromkeys(city.acknowledged.values())):
            try:
                _decide(city, document, caller)
            except (TryLater, BlobMissing, Rejected):
                city.world.trace.append("clerk put off")
        city.world.sleep(0.5)


def erase(city: City) -> None:
    """Erase one document: tombstone first, then look again for newer receipts and move them, then delete."""
    if not city.acknowledged:
        return
    city.erasing = city.erasing or city.world.chance.choice(list(city.acknowledged.values()))
    document = city.erasing  # after a crash the same again: a disposal that was decided is carried out
    done = False
    while not done:
        try:
            done = _erase(city, document)
        except (TryLater, BlobMissing):
            city.world.sleep(0.5)


def rebuild_index(city: City) -> None:
    """Write a fresh index while everything goes on."""
    try:
        rebuild(city.rooms["indexing"])
    except TryLater:
        city.world.trace.append("rebuild put off")


def _mail(subject: str, sign: str) -> bytes:
    head = f"From: a@example.org\r\nTo: b@example.org\r\nSubject: {subject}\r\nMessage-ID: <{subject}>\r\n"
    return f"{head}\r\nUnser Zeichen: {sign}\r\n{SECRET} bittet um Antwort.\r\n".encode()


def _arrival(content: bytes) -> Arrival:
    is_scan = content.startswith(PICTURE)
    identity: documents.Identity = BytesIdentity() if is_scan else MailIdentity()
    identity.update(content)
    return Arrival(
        tenant="main",
        channel="scan" if is_scan else "mail",
        source="simulation",
        media_type="application/pdf" if is_scan else "message/rfc822",
        content=io.BytesIO(content),
        identity=identity,
    )


def _receive(arrival: Arrival, city: City) -> Accepted:
    return receiving.receive(arrival, blobs=city.blobs, clock=city.world)


def _decide(city: City, document: str, caller: Caller) -> None:
    found = record.load(city.blobs, "main", document)
    standing = record.standing(found)
    chance = city.world.chance
    if standing.state not in ("held", "filed") or chance.random() < (0.5 if standing.state == "held" else 0.9):
        return
    wish = msgspec.convert({"base_version": found.version, **chance.choice(CHOICES)}, Wish)
    made = decisions.decide(wish, document, caller, room=city.rooms["filing"], announcer=city.announcer)
    city.decided[made.decision] = document


def _erase(city: City, document: str) -> bool:
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
    city.blobs.create(Bucket.RECORDS, key, records.encode(tombstone))
    stored = records.decode(Erased, city.blobs.read(Bucket.RECORDS, key))
    _move_newer(city, document)
    for name in list(city.blobs.keys(Bucket.RECORDS, keys.record("main", document))):
        if name != key:
            city.blobs.delete(Bucket.RECORDS, name)
    city.blobs.delete(Bucket.ORIGINALS, keys.original("main", document))
    facts = DocumentErased(document=document, incarnation=stored.incarnation, decision=stored.decision, proof_key=key)
    cause = Cause("main", stored.decision)
    city.log.publish(topics.emit(facts, cause=cause, service="retention", now=city.world.now()))
    return True


def _move_newer(city: City, document: str) -> None:
    prefix = f"{keys.record('main', document)}receipts/"
    for name in list(city.blobs.keys(Bucket.RECORDS, prefix)):
        receipt = records.decode(Receipt, city.blobs.read(Bucket.RECORDS, name))
        if receipt.receipt in city.covered:
            continue
        moved = _next_home(city, receipt)
        city.acknowledged.update({receipt.receipt: moved} if receipt.receipt in city.acknowledged else {})


def _next_home(city: City, receipt: Receipt) -> str:
    content = city.blobs.read(Bucket.ORIGINALS, keys.original("main", receipt.document))
    for incarnation in range(receipt.incarnation + 1, 50):
        kind: documents.Kind = "mail" if receipt.kind.startswith("mail") else "bytes"
        document = documents.document_id("main", kind, receipt.digest, incarnation=incarnation)
        if record.is_erased(city.blobs, "main", document):
            continue
        moved = msgspec.structs.replace(receipt, document=document, incarnation=incarnation)
        city.blobs.create(Bucket.ORIGINALS, keys.original("main", document), content)
        city.blobs.create(Bucket.RECORDS, keys.receipt("main", document, receipt.receipt), records.encode(moved))
        pointer = keys.arrival("main", receipt.received_at, receipt.receipt)
        city.blobs.delete(Bucket.RECORDS, pointer)
        city.blobs.create(Bucket.RECORDS, pointer, document.encode())
        city.log.publish(receiving.received_event(moved, service="retention", now=city.world.now()))
        return document
    raise Rejected("internal")
