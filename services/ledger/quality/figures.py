"""Precision, coverage, corrections, abstentions, calibration and drift, computed from counts."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from services.core.ports.entries import Viewer
from services.core.ports.ledger_store import By, JudgementBook, Span, Tally

RECENT = timedelta(weeks=4)
"""Drift: these weeks are compared with all that came before them."""
ENOUGH = 30
"""Decisions on either side below which nothing is said of drift."""
MEASURED = 100
"""Decisions from which on those of an office say how much its probabilities keep: of fewer each tenth is a handful."""
DEVIATES = 2.0
"""Standard errors from which on a difference is told as one (two-proportion z-test, about 95 %)."""


class Drift(Struct, frozen=True, kw_only=True):
    """Whether first proposals hit less or more often than before."""

    recent: float | None
    before: float | None
    difference: float | None
    deviates: bool = False
    """Whether the difference is more than chance makes of so few decisions."""


class Figures(Struct, frozen=True, kw_only=True):
    """What one group of documents amounts to; a share is None where there is nothing to divide by."""

    key: str
    judged: int
    automatic: int
    corrected: int
    decided: int
    waiting: int
    coverage: float | None
    """Share of the judged that was filed without a clerk."""
    precision: float | None
    """Of what was filed without a clerk: the share that no clerk corrected."""
    hit_rate: float | None
    """Of what clerks decided: the share whose first proposal was the place."""
    office_hit_rate: float | None
    """Of what clerks filed: the share whose first proposal belonged to that office."""
    drift: Drift | None = None
    """The last four weeks of the group beside all before; None for groups that are no offices and no positions."""
    reliability: "Reliability | None" = None
    """How much its probabilities keep; None for groups that are no offices."""


class Only(Struct, frozen=True, kw_only=True):
    """What the figures are narrowed to."""

    office: str = ""
    """Empty for all that the viewer sees."""
    position: str | None = None
    """The first proposal; empty for those without one, None for all."""


EVERYTHING = Only()


class Bin(Struct, frozen=True, kw_only=True):
    """Decided documents whose first proposal was about equally sure: what was promised and what came true."""

    certainty: str
    decided: int
    promised: float
    came_true: float


class Reliability(Struct, frozen=True, kw_only=True):
    """How much the probabilities of one office keep."""

    measured_by: Literal["own", "starter"]
    """`own`: its own decisions say so. `starter`: they are too few, and its probabilities rest on what was measured on
    held-back examples before they were shipped, or by a training on letters of all offices."""
    decided: int
    needed: int = MEASURED
    """Decisions from which on its own are measured."""
    bins: tuple[Bin, ...] = ()
    calibration_error: float | None = None


class Quality(Struct, frozen=True, kw_only=True):
    """All figures of one span."""

    since: datetime
    before: datetime
    all: Figures
    offices: tuple[Figures, ...]
    positions: tuple[Figures, ...]
    weeks: tuple[Figures, ...]
    reasons: tuple[Figures, ...]
    """Why documents were proposed or abstained from."""
    calibration: tuple[Bin, ...]
    calibration_error: float | None
    """Expected calibration error: the mean distance between promise and truth, weighed by decisions."""
    drift: Drift


def quality(
    book: JudgementBook, viewer: Viewer, *, since: datetime, before: datetime, only: Only = EVERYTHING
) -> Quality:
    """The figures of what the viewer's offices look after, everybody's for who sees all offices; or of a part of it."""
    span = Span(since=since, before=before, offices=_offices(viewer, only.office), position=only.position)

    def told(by: By) -> Sequence[Tally]:
        return book.tallies(viewer.tenant, by, span)

    whole = next(iter(told("all")), Tally(key=""))
    bins = [_bin(tally) for tally in told("certainty") if tally.decided]
    weeks = told("week")
    return Quality(
        since=since,
        before=before,
        all=figures_of(whole),
        offices=tuple(
            _reliable(book, viewer.tenant, one, span) for one in _drifting(book, viewer.tenant, "office", span)
        ),
        positions=_drifting(book, viewer.tenant, "position", span),
        weeks=tuple(map(figures_of, weeks)),
        reasons=tuple(map(figures_of, told("reason"))),
        calibration=tuple(bins),
        calibration_error=_error(bins),
        drift=_drift(weeks, before),
    )


def _offices(viewer: Viewer, office: str) -> frozenset[str] | None:
    """Whose figures: nobody learns more by naming an office than without."""
    own = None if viewer.all_offices else viewer.offices
    if not office:
        return own
    return frozenset({office}) if own is None else own & {office}


def _drifting(book: JudgementBook, tenant: str, by: By, span: Span) -> tuple[Figures, ...]:
    """Each group with its own drift."""
    recent = msgspec.structs.replace(span, since=max(span.since, span.before - RECENT))
    late = {tally.key: tally for tally in book.tallies(tenant, by, recent)}
    found = []
    for tally in book.tallies(tenant, by, span):
        now = late.get(tally.key, Tally(key=tally.key))
        drift = _compared(now.hits, now.decided, tally.hits - now.hits, tally.decided - now.decided)
        found.append(msgspec.structs.replace(figures_of(tally), drift=drift))
    return tuple(found)


def _reliable(book: JudgementBook, tenant: str, office: Figures, span: Span) -> Figures:
    """The figures of an office with its own reliability, where it decided enough."""
    if office.decided < MEASURED:
        return msgspec.structs.replace(office, reliability=Reliability(measured_by="starter", decided=office.decided))
    mine = book.tallies(tenant, "certainty", msgspec.structs.replace(span, offices=frozenset({office.key})))
    bins = tuple(_bin(tally) for tally in mine if tally.decided)
    told = Reliability(measured_by="own", decided=office.decided, bins=bins, calibration_error=_error(bins))
    return msgspec.structs.replace(office, reliability=told)


def figures_of(tally: Tally) -> Figures:
    """Shares of one tally."""
    return Figures(
        key=tally.key,
        judged=tally.judged,
        automatic=tally.automatic,
        corrected=tally.corrected,
        decided=tally.decided,
        waiting=tally.waiting,
        coverage=_share(tally.automatic, tally.judged),
        precision=_share(tally.automatic - tally.corrected, tally.automatic),
        hit_rate=_share(tally.hits, tally.decided),
        office_hit_rate=_share(tally.office_hits, tally.placed),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _bin(tally: Tally) -> Bin:
    promised = round(tally.expected / tally.decided, 4)
    return Bin(
        certainty=tally.key, decided=tally.decided, promised=promised, came_true=round(tally.hits / tally.decided, 4)
    )


def _error(bins: Sequence[Bin]) -> float | None:
    decided = sum(one.decided for one in bins)
    distance = sum(one.decided * abs(one.promised - one.came_true) for one in bins)
    return round(distance / decided, 4) if decided else None


def _drift(weeks: Sequence[Tally], before: datetime) -> Drift:
    begin = (before - RECENT).date().isoformat()
    recent = [week for week in weeks if week.key > begin]
    earlier = [week for week in weeks if week.key <= begin]
    hits, decided = sum(w.hits for w in recent), sum(w.decided for w in recent)
    return _compared(hits, decided, sum(w.hits for w in earlier), sum(w.decided for w in earlier))


def _compared(hits: int, decided: int, old_hits: int, old_decided: int) -> Drift:
    now, then = _share(hits, decided), _share(old_hits, old_decided)
    if now is None or then is None:
        return Drift(recent=now, before=then, difference=None)
    both = (hits + old_hits) / (decided + old_decided)
    error = math.sqrt(both * (1 - both) * (1 / decided + 1 / old_decided))
    told = min(decided, old_decided) >= ENOUGH and error > 0 and abs(now - then) / error >= DEVIATES
    return Drift(recent=now, before=then, difference=round(now - then, 4), deviates=told)
