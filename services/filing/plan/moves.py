"""What another plan means for the letters that are there: which go on elsewhere, which need a clerk; asked before.

Nothing is moved by it: file numbers stay, and the office in charge follows from the plan in force (decision 0037).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import Struct

from services.core.model import record
from services.core.model.record import Record
from services.core.plan.file_plan import FilePlan
from services.core.ports.entries import Filters, Hits, Query, Viewer
from services.core.protocol.audience import audience_of
from services.runtime.access.visibility import title_for
from services.runtime.context.service import Context

Outcome = Literal["moves", "clerk"]
_FILED, _WAITING = "f", "w"


class Fate(Struct, frozen=True, kw_only=True):
    """What becomes of the letters of one position: they go on at one other, or a clerk chooses among several."""

    outcome: Outcome
    places: tuple[str, ...] = ()


class Move(Struct, frozen=True, kw_only=True):
    """One letter that another plan concerns. `file` is empty where it waits, and its position the proposed one."""

    document: str
    title: str
    state: str
    outcome: Outcome
    position: str
    places: tuple[str, ...]
    """Where it goes on, or what a clerk chooses among; none where nothing follows."""
    office: str
    new_office: str
    file: str = ""
    protection: int = 1
    """Whoever has no such level is told no title, be it by the old plan or by the new one."""


class Moves(Struct, frozen=True, kw_only=True):
    """One page; `next` continues, empty at the end. A page may be empty and still have a next one."""

    items: tuple[Move, ...]
    next: str


def fate_of(code: str, old: FilePlan, new: FilePlan) -> Fate | None:
    """What becomes of the letters filed at a position; None where they stay what and whose they are."""
    before, after = old.place_of(code), new.place_of(code)
    shared = new.successors.get(after, ())
    if len(shared) > 1 and shared != old.successors.get(before, ()):
        return Fate(outcome="clerk", places=shared)
    if after != before and after in new.by_code:
        return Fate(outcome="moves", places=(after,))
    return None


def fate_of_proposal(code: str, old: FilePlan, new: FilePlan) -> Fate | None:
    """The same for a letter that waits and is proposed there: where nothing can be opened any more, a clerk looks."""
    fate = fate_of(code, old, new)
    if fate is None and code in old.open_codes and code not in new.open_codes:
        return Fate(outcome="clerk")
    return fate


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A plan and the one that follows it, and who asks what that means for letters."""

    old: FilePlan
    new: FilePlan
    viewer: Viewer
    context: Context
    in_force: bool = False
    """Whether the new plan is in force: what was filed under it at a position that is still open was meant so."""

    def moves(self, cursor: str, limit: int) -> Moves:
        """The letters that are concerned, as far as the viewer may see them: filed ones first, then waiting ones.

        `limit` letters are looked at. The index knows where letters lie, the record says whether they still do.
        """
        stage, _, place = cursor.partition("~")
        codes = () if stage == _WAITING else tuple(self._concerned())
        if codes:
            hits = self._hits(Filters(positions=codes), place, limit)
            items = tuple(move for found in self._records(hits) for move in self._of_filings(found))
            return Moves(items=items, next=f"{_FILED}~{hits.next}" if hits.next else f"{_WAITING}~")
        hits = self._hits(Filters(states=("held",)), place, limit)
        items = tuple(move for found in self._records(hits) for move in self._of_proposal(found))
        return Moves(items=items, next=f"{_WAITING}~{hits.next}" if hits.next else "")

    def _concerned(self) -> Iterator[str]:
        known = dict.fromkeys((*self.old.by_code, *self.old.successors))
        return (code for code in known if fate_of(code, self.old, self.new))

    def _hits(self, filters: Filters, cursor: str, limit: int) -> Hits:
        query = Query(filters=filters, sort="oldest", cursor=cursor, limit=limit)
        return self.context.ports.index.search(query, self.viewer)

    def _records(self, hits: Hits) -> Iterator[Record]:
        tenant = self.context.settings.tenant
        return (record.load(self.context.ports.blobs, tenant, hit.document) for hit in hits.items)

    def _of_filings(self, found: Record) -> Iterator[Move]:
        for filing in record.standing(found).filings:
            position = filing.position or ""
            meant = self.in_force and filing.plan_version == self.new.version and position in self.new.open_codes
            fate = None if meant else fate_of(position, self.old, self.new)
            if fate:
                yield Move(
                    document=found.document,
                    title=title_for(found, self.viewer),
                    state="filed",
                    outcome=fate.outcome,
                    file=filing.file or "",
                    position=position,
                    places=fate.places,
                    office=record.office_of(filing, self.old.office_of),
                    new_office=record.office_of(filing, self.new.office_of),
                    protection=self._protection(found),
                )

    def _of_proposal(self, found: Record) -> Iterator[Move]:
        judged, now = found.classification, record.standing(found)
        first = judged.candidates[0].position if judged and judged.candidates else ""
        fate = fate_of_proposal(first, self.old, self.new) if first and now.state == "held" else None
        if fate:
            office = self.new.office_of.get(fate.places[0], now.office) if len(fate.places) == 1 else now.office
            yield Move(
                document=found.document,
                title=title_for(found, self.viewer),
                state="held",
                outcome=fate.outcome,
                position=first,
                places=fate.places,
                office=now.office,
                new_office=office,
                protection=self._protection(found),
            )

    def _protection(self, found: Record) -> int:
        return max(audience_of(found, self.old).protection, audience_of(found, self.new).protection)


def undecided(plan: FilePlan, context: Context, *, viewer: Viewer, page: tuple[str, int]) -> Moves:
    """The filed letters that a clerk has to look at since the plan in force split their position."""
    bare = tuple(msgspec.structs.replace(position, replaces=()) for position in plan.positions)
    before = msgspec.structs.replace(plan, positions=bare)
    found = Change(old=before, new=plan, viewer=viewer, context=context, in_force=True).moves(*page)
    asked = tuple(move for move in found.items if move.outcome == "clerk" and move.file)
    return Moves(items=asked, next="" if found.next.startswith(_WAITING) else found.next)
