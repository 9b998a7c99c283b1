"""What others told the service of the procedures, as it was passed on into an inbox."""

from datetime import datetime

from msgspec import Struct

from services.core import vocabulary
from services.core.messages.events import InvoiceReceived, SearchMatched


class InvoiceTold(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="invoice-told:1"):
    """An electronic invoice as one procedure was told of it; its line in the inbox stands at `line` or above."""

    id: vocabulary.EventId
    cause: vocabulary.EventId
    made_at: datetime
    line: vocabulary.Revision
    invoice: InvoiceReceived


class MatchTold(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="match-told:1"):
    """A new hit of a search of the procedure as it was told of it; its line in the inbox stands at `line` or above."""

    id: vocabulary.EventId
    cause: vocabulary.EventId
    made_at: datetime
    line: vocabulary.Revision
    match: SearchMatched
