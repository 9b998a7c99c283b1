"""Gives letters to a running mail room, a few at a time, and follows each until it can be found."""

import smtplib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
from httpx import codes

from tests.corpus.post import Letter
from tests.journeys.instance import Instance, Json

AT_ONCE = 8
"""Letters under way: enough for all readers and recognisers, few enough that the time of each is its own."""
PATIENCE_S = 1800.0
"""After this a document is told as not indexed."""
AT_AN_END = {"held", "filed", "no_record"}
_AGAIN = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)


@dataclass
class Fate:
    """What became of one letter."""

    letter: Letter
    receipt: str = ""
    refused: str = ""
    """Why the listener did not take it."""
    document: str = ""
    state: str = ""
    indexed: bool = False
    seconds: float = 0.0
    """From the acknowledgement until it was found."""
    delivered_at: float = 0.0
    told: Json = field(default_factory=dict)
    """The document as the API tells it."""

    @property
    def problems(self) -> list[str]:
        """Codes, each once."""
        return [problem["code"] for problem in self.told.get("problems", ())]


Tell = Callable[[Fate], None]


def feed(process: Instance, post: Sequence[Letter], tell: Tell) -> list[Fate]:
    """Deliver all; the fate of each, in their order. `tell` is called whenever one is known."""

    def one(letter: Letter) -> Fate:
        fate = follow(process, deliver(process, letter))
        tell(fate)
        return fate

    with ThreadPoolExecutor(AT_ONCE) as clerks:
        return list(clerks.map(one, post))


def deliver(process: Instance, letter: Letter) -> Fate:
    """Through the SMTP listener or the scan intake; what is refused for now comes again, as from any gateway."""
    fate = Fate(letter, delivered_at=time.time())
    for pause in _AGAIN:
        try:
            fate.receipt = process.send(letter.as_sent()) if letter.is_mail else _scan(process, letter)
        except smtplib.SMTPResponseException as refusal:
            fate.refused, for_now = str(refusal.smtp_code), refusal.smtp_code // 100 == 4
        except httpx.HTTPStatusError as refusal:
            answer = refusal.response
            fate.refused, for_now = str(answer.json().get("code", "")), answer.status_code == codes.SERVICE_UNAVAILABLE
        else:
            fate.refused, for_now = "", False
        if not for_now:
            break
        time.sleep(pause)
    return fate


def follow(process: Instance, fate: Fate) -> Fate:
    """Ask for the receipt until its document has come to an end and its entry is that of the record."""
    began, asked = time.monotonic(), 0
    while fate.receipt and time.monotonic() - began < PATIENCE_S:
        state = _state(process, fate.receipt)
        fate.document, fate.state = state.get("document", ""), state.get("state", "")
        fate.indexed = bool(state.get("indexed")) and fate.state in AT_AN_END
        if fate.indexed:
            break
        time.sleep(_PAUSES[min(asked, len(_PAUSES) - 1)])
        asked += 1
    fate.seconds = time.monotonic() - began if fate.receipt else 0.0
    fate.told = process.get(f"/documents/{fate.document}") if fate.document else {}
    return fate


def _scan(process: Instance, letter: Letter) -> str:
    with letter.path.open("rb") as content:
        answer = process.http.put(f"/scans/{quote(letter.path.name)}", content=content)
    answer.raise_for_status()
    return str(answer.json()["receipt"])


def _state(process: Instance, receipt: str) -> Json:
    """The receipt's state; empty while the book does not know it yet, or the connection broke: it is asked again."""
    try:
        answer = process.http.get(f"/receipts/{receipt}")
    except httpx.TransportError:
        return {}
    if answer.status_code == codes.NOT_FOUND:
        return {}
    answer.raise_for_status()
    found: Json = answer.json()
    return found
