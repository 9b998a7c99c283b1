"""What we lay beside a scan, a receipt or a reason, and how we know it again where it is moved back with the scan."""

import json
import re
from datetime import datetime

from services.core import catalogue
from services.core.protocol.receiving import Accepted
from services.scan_intake.hot_folder.ingest import Delivery
from services.scan_intake.hot_folder.pairing import NOTE_ENDING
from services.scan_intake.intake import Submission

MAX_BYTES = 4096
"""Of any note; what is longer is none of ours."""

_TICKET = rb"[0-9a-f]{8}-[0-9a-f]{16}"
_FORMS = {
    NOTE_ENDING["done"]: re.compile(
        rb'\{\s+"receipt": "[^"]+",\s+"document": "[^"]+",\s+[^{}]*"delivery": "' + _TICKET + rb'"\s+\}\s*'
    ),
    NOTE_ENDING["failed"]: re.compile(
        rb"[^\r\n]+\r?\n\r?\nCode: [a-z_]+\r?\nZeit: [^\r\n]+\r?\nVorgang: " + _TICKET + rb"\s*"
    ),
}


def receipt_note(delivery: Delivery, accepted: Accepted, submission: Submission, *, at: datetime) -> str:
    """What lies beside a scan that was accepted."""
    told = {
        "receipt": accepted.receipt,
        "document": accepted.document,
        "source": delivery.source,
        "office": submission.office,
        "size_bytes": submission.size_bytes,
        "sidecar": bool(delivery.pair.sidecar),
        "accepted_at": at.isoformat(timespec="milliseconds"),
        "delivery": delivery.ticket,
    }
    return json.dumps(told, indent=2) + "\n"


def reason_note(delivery: Delivery, code: str, *, at: datetime) -> str:
    """What lies beside a scan that was refused: a German sentence and the code."""
    lines = (catalogue.refusal(code), "", f"Code: {code}", f"Zeit: {at:%Y-%m-%d %H:%M:%S} UTC")
    return "\n".join((*lines, f"Vorgang: {delivery.ticket}")) + "\n"


def is_note(name: str, content: bytes) -> bool:
    """Whether a file of such a name is a note of ours, word for word; one into which somebody wrote is post.

    A name alone proves nothing: a scanner may call a letter so, and no letter is ever removed.
    """
    if len(content) > MAX_BYTES:
        return False
    return any(name.endswith(ending) and bool(form.fullmatch(content)) for ending, form in _FORMS.items())
