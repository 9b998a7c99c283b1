"""Why a document was put or proposed where it is: the evidence of its judgement in German, as far as one may see."""

from msgspec import Struct

from services.core import catalogue
from services.core.errors import Rejected
from services.core.model.record import Record
from services.core.model.record_files import Evidence
from services.core.ports.entries import Viewer
from services.core.vocabulary import Certainty
from services.runtime.access.visibility import known, title_for
from services.runtime.context.service import Context
from services.runtime.translation.speaking import gettext_noop as _

CERTAINTIES: dict[Certainty, str] = {"sure": "sicher", "likely": "wahrscheinlich", "unsure": "unsicher"}
KINDS = {
    "application": _("Antrag"),
    "objection": _("Widerspruch"),
    "invoice": _("Rechnung"),
    "reminder": _("Mahnung"),
    "court_letter": _("Gerichtspost"),
    "notice": _("Mitteilung"),
    "appointment": _("Termin"),
    "advertising": _("Werbung"),
    "system_notice": _("Systemnachricht"),
}


class Reason(Struct, frozen=True, kw_only=True):
    """One piece of evidence for people."""

    kind: str
    position: str
    text: str
    strength: float
    words: tuple[str, ...] = ()
    document: str = ""
    """The filed document that it answers or resembles; empty where the viewer may not see it."""
    title: str = ""
    """Of that document."""
    file: str = ""


def certainty_of(confidence: float) -> str:
    """What the desk calls a probability: 0.95 and 0.5 are where its words begin (decision 0033)."""
    return CERTAINTIES["sure" if confidence >= _SURE else "likely" if confidence >= _LIKELY else "unsure"]


def reasons_for(found: Record, context: Context, viewer: Viewer) -> list[Reason]:
    """The evidence of the latest judgement, of the first candidate first."""
    made = found.classification
    return [_reason(one, context, viewer) for one in made.evidence] if made else []


_SURE, _LIKELY = 0.95, 0.5


def _reason(one: Evidence, context: Context, viewer: Viewer) -> Reason:
    document, title = _seen(one.document or "", context, viewer)
    return Reason(
        kind=one.kind,
        position=one.position,
        text=catalogue.reason(one.kind),
        strength=one.strength,
        words=one.words,
        document=document,
        title=title,
        file=one.file or "",
    )


def _seen(document: str, context: Context, viewer: Viewer) -> tuple[str, str]:
    if not document:
        return "", ""
    try:
        return document, title_for(known(context, viewer, document), viewer)
    except Rejected:
        return "", ""
