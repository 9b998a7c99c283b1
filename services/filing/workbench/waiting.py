"""What waits for a clerk: the list, as it was narrowed, and which letter comes before and after another."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import urlencode

from msgspec import Struct

from services.core import vocabulary
from services.core.messages.events import Candidate
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.record_files import Decision, Part
from services.core.plan.file_plan import PlanPosition
from services.core.ports.entries import Filters, Hits, Query
from services.core.protocol.audience import is_visible
from services.core.protocol.working.handling import clerk_of, due_of, until
from services.filing import precedence
from services.filing.postponing import open_ones
from services.filing.workbench.presence import Present
from services.runtime.access.visibility import occurrence_of, title_for
from services.runtime.context.local_day import today
from services.runtime.context.service import Context
from services.runtime.translation.speaking import gettext
from services.runtime.translation.speaking import gettext_noop as _

ON_PAGE = 20
REASONS: Sequence[str] = (*get_args(vocabulary.HeldBecause), "reopened")
"""Why a letter may wait."""
SORTS = {"": "oldest", "neu": "newest"}


VIEWS = {"": _("Alle"), "meine": _("Meine"), "faellig": _("Wiedervorlage")}
"""What waits for a decision, of that what is assigned to oneself, or what shall be looked at again by today."""


class Narrowing(Struct, frozen=True, kw_only=True):
    """How the clerk has narrowed and ordered the list; it lives in the address, and so goes from letter to letter."""

    amt: str = ""
    grund: str = ""
    folge: str = ""
    ab: str = ""
    zeigen: str = ""
    """One of `VIEWS`."""

    def address(self, document: str = "", **changed: str) -> str:
        """Of this list, or of a letter in it, changed so."""
        fields = {name: value for name, value in ({**self.fields(), **changed}).items() if value}
        path = f"/posteingang/{document}" if document else "/posteingang"
        return f"{path}?{urlencode(fields)}" if fields else path

    def piece(self, name: str, asked: dict[str, str]) -> str:
        """Where a page of this list asks for a piece of itself: `neues`, `gefunden`."""
        fields = {field: value for field, value in (self.fields() | asked).items() if value}
        return f"/posteingang/{name}?{urlencode(fields)}"

    def fields(self) -> dict[str, str]:
        """By the names they have in the address."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Card(Struct, frozen=True, kw_only=True):
    """What a list shows of a letter."""

    document: str
    version: int
    title: str
    sender: str
    channel: str
    received_at: datetime
    state: str
    reason: str
    given_back: Sequence[Decision]
    office: str
    problems: Sequence[str]
    candidates: Sequence[tuple[Candidate, PlanPosition]]
    invoices: Sequence[Part]
    certainty: str
    file: str
    due: date | None
    clerk: str


class Waiting(Struct, frozen=True, kw_only=True):
    """One page of the list."""

    cards: Sequence[Card]
    total: int
    following: str
    """Where the list goes on; empty at its end."""

    def before(self, document: str) -> str:
        """The letter above this one; empty for the first, and for one that is not in the list."""
        place = self._place(document)
        return self.cards[place - 1].document if place > 0 else ""

    def after(self, document: str) -> str:
        """The letter below this one; below the last one the one above, and beside the list its first."""
        others = [card.document for card in self.cards if card.document != document]
        place = max(self._place(document), 0)
        return others[min(place, len(others) - 1)] if others else ""

    def _place(self, document: str) -> int:
        return next((n for n, card in enumerate(self.cards) if card.document == document), -1)


def waiting(context: Context, caller: Caller, narrowing: Narrowing) -> Waiting:
    """The page of the list that the address names."""
    hits = _hits(context, caller, narrowing)
    # The index lags behind: what somebody just decided, or is another office's by a new plan, is not shown as waiting.
    found = [record.load(context.ports.blobs, context.settings.tenant, hit.document) for hit in hits.items]
    decided = {one.document for one in open_ones(context)}
    shown = (one for one in found if one.document not in decided and _waits(context, caller, one, narrowing))
    cards = [card_of(context, one, caller) for one in shown]
    return Waiting(cards=cards, total=max(hits.total - len(found) + len(cards), len(cards)), following=hits.next)


def stamp_of(context: Context, caller: Caller, narrowing: Narrowing, *, here: Present, beside: str) -> str:
    """A word that changes with this page of the list, told without looking at any record.

    Who has a letter open changes it for the letters of the page and the one beside it: somewhere in a city somebody
    opens one each second.
    """
    hits = _hits(context, caller, narrowing)
    decided = sorted(one.document for one in open_ones(context))
    told = [str(hits.total), *(f"{hit.document}.{hit.version}" for hit in hits.items), *decided]
    shown = sorted({beside, *(hit.document for hit in hits.items)})
    told += [f"{document}:{','.join(accounts)}" for document in shown if (accounts := here.beside(document))]
    return hashlib.sha256(" ".join(told).encode()).hexdigest()[:16]


def due_today(context: Context, caller: Caller) -> int:
    """How many documents shall be looked at again by today."""
    query = Query(filters=Filters(due=until(today(context.ports.clock))), limit=1)
    return context.ports.index.search(query, caller.viewer).total


def _hits(context: Context, caller: Caller, narrowing: Narrowing) -> Hits:
    due = narrowing.zeigen == "faellig"
    filters = Filters(
        states=() if due else ("held",),
        due=until(today(context.ports.clock)) if due else (),
        clerks=(caller.id,) if narrowing.zeigen == "meine" else (),
        offices=(narrowing.amt,) if narrowing.amt else (),
        reasons=(narrowing.grund,) if narrowing.grund else (),
    )
    sort: Any = SORTS.get(narrowing.folge, "oldest")
    query = Query(filters=filters, sort=sort, cursor=narrowing.ab, limit=ON_PAGE)
    return context.ports.index.search(query, caller.viewer)


def card_of(context: Context, found: Record, caller: Caller) -> Card:
    """What this clerk may see of it at a glance."""
    now, extraction, classification = record.standing(found), found.extraction, found.classification
    mail = extraction.mail if extraction else None
    own = occurrence_of(found, caller.viewer)
    plan = context.plan.by_code
    candidates = classification.candidates if classification else ()
    return Card(
        document=found.document,
        version=found.version,
        title=title_for(found, caller.viewer),
        sender=mail.sender if mail else extraction.sender_on_page if extraction else "",
        channel=own.channel if own else "",
        received_at=own.received_at if own else record.since(found),
        state=now.state,
        reason=now.reason,
        given_back=precedence.given_back(found) if now.state == "held" else (),
        office=now.in_charge(context.plan.office_of),
        problems=now.problems,
        candidates=[(c, plan[c.position]) for c in candidates if c.position in plan],
        invoices=[part for part in extraction.parts if part.invoice] if extraction else (),
        certainty=classification.certainty if classification else "unsure",
        file=(classification.file or "") if classification else "",
        due=due_of(found),
        clerk=clerk_of(found),
    )


def offices_of(context: Context) -> dict[str, str]:
    """The names of all offices, the mail room first."""
    return {context.settings.filing.office: gettext("Poststelle")} | dict(context.plan.offices)


def _waits(context: Context, caller: Caller, found: Record, narrowing: Narrowing) -> bool:
    """Whether it waits for a clerk in this view and is theirs to see, by the record."""
    if not is_visible(found, caller.viewer, context.plan):
        return False
    if narrowing.zeigen == "faellig":
        due = due_of(found)
        return due is not None and due <= today(context.ports.clock)
    mine = narrowing.zeigen != "meine" or clerk_of(found) == caller.id
    return mine and record.standing(found).state == "held"
