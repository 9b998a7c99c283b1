"""A specialist procedure in the demo: it is given a building application, and answers it by a letter of its own."""

import hashlib
import io
import json
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import click

from services.cli.client import Instance
from services.cli.demo.enclosures import pdf
from services.cli.demo.folder import Note

NAME, POSITION, OFFICE = "bauverfahren", "52.10.02", "bauamt"
ANSWERED = "carport"
"""The letter that it answers."""
PATIENCE = timedelta(minutes=2)
_MINE = f"/procedures/{NAME}"
_STRUCTURED = {"Content-Type": "application/cloudevents+json"}
_NAMESPACE = uuid.UUID("6d6f1f0e-6f3c-5d0b-9c55-2b0f6a1e9a10")
"""Ours alone: the same words in the same demo are the same submission."""
_ANSWER = """Eingangsbestätigung
Ihr Bauantrag ist bei uns eingegangen und wird geprüft.
Wir melden uns, sobald die Stellungnahmen vorliegen.

Unser Zeichen: {number}
"""


def register(instance: Instance) -> None:
    """From now on it is given what is filed at its position."""
    wanted = {"positions": [POSITION], "office": OFFICE}
    instance.put(_MINE, json.dumps(wanted).encode())


def answer(instance: Instance, note: Note) -> str:
    """Acknowledge all that was delivered, each under a number of its own, and answer one; the receipt of the answer."""
    key = instance.post("/keys", {"source": NAME, "rights": ["procedure"], "procedure": NAME})
    own = replace(instance, key=key["key"])
    said, cursor, deadline = "", "", time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < deadline:
        page = own.get(f"{_MINE}/inbox", cursor=cursor, wait="2")
        cursor = page["next"]
        for event in page["items"]:
            facts = event["data"]
            if event["type"] == "poststelle.procedure.delivered.v1":
                said = _take(own, facts, note) or said
            elif facts["submission"] == said:
                instance.post("/keys/revocations", {"id": key["id"]})
                return str(facts["receipt"])
    raise click.ClickException(f"the procedure {NAME} was not answered within {PATIENCE}")


def number_of(note: Note, facts: dict[str, Any]) -> str:
    """The number under which it keeps what was delivered."""
    return f"BV-{note.day:%Y}-{int(facts['entry']):05d}"


def _take(own: Instance, facts: dict[str, Any], note: Note) -> str:
    """The submission that answers a delivery; empty where it is only acknowledged."""
    number = number_of(note, facts)
    _say(own, "acknowledged", {"delivery": facts["delivery"], "reference_key": number})
    if facts["file"] != note.files[ANSWERED] or int(facts["entry"]) != 1:
        return ""
    content = pdf(_ANSWER.format(number=number))
    headers = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="Bestaetigung.pdf"'}
    uploaded = own.upload(f"{_MINE}/uploads", io.BytesIO(content), headers)
    submission = str(uuid.uuid5(_NAMESPACE, hashlib.sha256(content).hexdigest()))
    told = {"submission": submission, "upload": uploaded["upload"], "sha256": uploaded["sha256"]}
    _say(own, "submitted", {**told, "file": facts["file"], "reference_key": number})
    return submission


def _say(own: Instance, what: str, data: dict[str, str]) -> None:
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": f"/{NAME}"}
    own.post(f"{_MINE}/outbox", {**event, "type": f"poststelle.procedure.{what}.v1", "data": data}, _STRUCTURED)
