"""Who comes to the city hall: senders, a clerk, somebody who rebuilds the index."""

import io
from collections.abc import Callable, Mapping
from random import Random

import msgspec

from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.model import documents, record
from services.core.model.accounts import Caller
from services.core.model.documents import BytesIdentity, MailIdentity
from services.core.ports.entries import Viewer
from services.core.protocol import receiving
from services.core.protocol.receiving import Accepted, Arrival
from services.filing import decisions
from services.filing.decisions import Wish
from services.indexing.rebuilding import rebuild
from tests.fakes.readers import PICTURE, SHEETS
from tests.simulation.city import POSITION, City

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

NAMES_CASE = 0.5
"""Share of the decisions for a file that name a Vorgang."""
QUOTES_CASE = 0.2
"""Share of the stories in which letters do; of a chance of its own, so that the other stories stay what they were."""

Receive = Callable[[Arrival, City], Accepted]


def letters(city: City) -> list[bytes]:
    """The contents of this story: mails with and without a file number, a repeat, and scans of several pages."""
    chance = city.world.chance
    signs = Random(f"{city.world.seed}/signs")
    quoted = ("#1", "#2", "") if signs.random() < QUOTES_CASE else ("",)
    mails = [
        mail(f"Anfrage {n}", FILE + signs.choice(quoted) if chance.random() < 0.5 else "ohne Zeichen")
        for n in range(chance.randint(2, 4))
    ]
    scans = [PICTURE + b"\f".join(f"{SECRET} Seite {p}".encode() for p in range(chance.choice((1, 3, 21))))]
    return [*mails, mails[0], *scans, *(scans if chance.random() < 0.3 else ())]


def send(city: City, content: bytes, by: Receive | None = None, *, properties: Mapping[str, str] | None = None) -> None:
    """Deliver until it is acknowledged; then tell the log, or leave that to the sweeper."""
    accepted = None
    while accepted is None:
        try:
            accepted = (by or receive)(arrival(content, properties), city)
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


def rebuild_index(city: City) -> None:
    """Write a fresh index while everything goes on."""
    try:
        rebuild(city.contexts["indexing"])
    except TryLater:
        city.world.trace.append("rebuild put off")


def mail(subject: str, sign: str) -> bytes:
    """A mail under a sign of ours, or of nobody's."""
    head = f"From: a@example.org\r\nTo: b@example.org\r\nSubject: {subject}\r\nMessage-ID: <{subject}>\r\n"
    return f"{head}\r\nUnser Zeichen: {sign}\r\n{SECRET} bittet um Antwort.\r\n".encode()


def arrival(content: bytes, properties: Mapping[str, str] | None = None, *, key: str = "") -> Arrival:
    """It stands before the intake."""
    is_scan = content.startswith((PICTURE, SHEETS))
    identity: documents.Identity = BytesIdentity() if is_scan else MailIdentity()
    identity.update(content)
    return Arrival(
        tenant="main",
        channel="scan" if is_scan else "mail",
        source="simulation",
        media_type="application/pdf" if is_scan else "message/rfc822",
        content=io.BytesIO(content),
        identity=identity,
        properties=dict(properties or {}),
        idempotency_key=key,
    )


def receive(arrived: Arrival, city: City) -> Accepted:
    """The act of receiving, as all intakes share it."""
    return receiving.receive(arrived, blobs=city.blobs, clock=city.world)


def wished(city: City, version: int) -> Wish:
    """What comes to a clerk's mind: of what leads to a file half in a Vorgang, a new one or one that may exist."""
    chosen = city.world.chance.choice(CHOICES)
    cases = (1, 2, "new", "new") if "file" in chosen else ("new",) if "position" in chosen else ()
    case = {"case": city.cases.choice(cases)} if cases and city.cases.random() < NAMES_CASE else {}
    return msgspec.convert({"base_version": version, **chosen, **case}, Wish)


def _decide(city: City, document: str, caller: Caller) -> None:
    found = record.load(city.blobs, "main", document)
    standing = record.standing(found)
    chance = city.world.chance
    if standing.state not in ("held", "filed") or chance.random() < (0.5 if standing.state == "held" else 0.9):
        return
    wish = wished(city, found.version)
    made = decisions.decide(wish, document, caller, context=city.contexts["filing"], announcer=city.announcer)
    city.decided[made.decision, caller.id] = document
