"""The figures of a report: what came, how long it took, what is open, what was corrected, what is to be paid when."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from services.core.errors import Rejected
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.ports.ledger_store import Span, Tally
from services.core.ports.reports.course_book import Arrivals, Backlog, Course, Dues, Passage, Period
from services.core.protocol.audience import is_visible
from services.runtime.access.visibility import receipts_of
from services.runtime.context.local_day import HERE, today
from services.runtime.context.service import Context
from services.runtime.context.unreadable import passing_unreadable

DEFAULT_MONTHS = 12
LONGEST = timedelta(days=3 * 366)
BY_WEEK_UNTIL = timedelta(days=92)
"""A period of so many days at most is cut into weeks, a longer one into months."""
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
LOOKED_AT = 50
"""Open documents, oldest first, among which the oldest is looked for that the caller may see."""


class Case(Struct, frozen=True, kw_only=True):
    """The oldest open document that the caller may see."""

    document: str
    receipt: str
    """Empty where none of its arrivals is the caller's business."""
    received_at: datetime
    office: str


class OfficeFigures(Struct, frozen=True, kw_only=True):
    """An office: what came through its boxes, and what it looked after."""

    office: str
    received: int
    filed: int
    median_s: float | None
    p90_s: float | None
    in_time: int
    open: int
    late: int
    automatic: int
    corrected: int


class Step(Struct, frozen=True, kw_only=True):
    """A week or month of the period."""

    begins: date
    channels: dict[str, int]
    """Receipts by channel."""
    filed: int
    median_s: float | None
    p90_s: float | None

    @property
    def received(self) -> int:
        """All receipts of it."""
        return sum(self.channels.values())


class Report(Struct, frozen=True, kw_only=True):
    """Everything about one period; times in seconds."""

    since: date
    until: date
    at: datetime
    """When what is open was counted: the end of the period, or now."""
    within_s: float
    offices_of: tuple[str, ...] | None
    """Whose figures these are; None: the whole city hall's."""
    by: str
    """`week` or `month`: what a step is."""
    received: int
    channels: dict[str, int]
    passage: Passage
    passages_by_channel: tuple[Passage, ...]
    steps: tuple[Step, ...]
    offices: tuple[OfficeFigures, ...]
    arrivals: tuple[Arrivals, ...]
    open: int
    late: int
    oldest: Case | None
    automatic: int
    corrected: int
    dues: Dues


_NOTHING = Passage(key="", filed=0, median_s=0.0, p90_s=0.0, in_time=0)


def report(context: Context, caller: Caller, *, since: date | None, until: date | None) -> Report:
    """The report of whole days of the city hall; Rejected `bad_request` for a period that ends before it begins.

    Each office gets its own figures, who sees all offices everything.
    """
    first, last = _days(context, since, until)
    period = _period(context, caller, first, last)
    book, tenant = context.ports.ledger, context.settings.tenant
    arrivals = book.arrivals(tenant, period)
    backlog = book.backlog(tenant, period)
    judged = book.tallies(
        tenant, "office", Span(since=period.since, before=period.before, offices=caller_offices(caller))
    )
    offices = tuple(_offices(arrivals, book.passages(tenant, "office", period), backlog, judged))
    return Report(
        since=first,
        until=last,
        at=period.at,
        within_s=period.within.total_seconds(),
        offices_of=None if period.offices is None else tuple(sorted(period.offices)),
        by="week" if last - first <= BY_WEEK_UNTIL else "month",
        received=sum(one.count for one in arrivals),
        channels=_by_channel(arrivals),
        passage=next(iter(book.passages(tenant, "all", period)), _NOTHING),
        passages_by_channel=tuple(book.passages(tenant, "channel", period)),
        steps=tuple(_steps(period, arrivals, book.passages(tenant, "step", period))),
        offices=offices,
        arrivals=tuple(arrivals),
        open=sum(one.open for one in backlog),
        late=sum(one.late for one in backlog),
        oldest=_oldest(context, caller, book.oldest_open(tenant, period, limit=LOOKED_AT)),
        automatic=sum(one.automatic for one in offices),
        corrected=sum(one.corrected for one in offices),
        dues=book.dues(tenant, period),
    )


def caller_offices(caller: Caller) -> frozenset[str] | None:
    """The offices whose figures a caller gets; None for everybody's."""
    return None if caller.viewer.all_offices else caller.viewer.offices


def _days(context: Context, since: date | None, until: date | None) -> tuple[date, date]:
    """Asked for nothing: the last twelve months, the running one among them."""
    last = until or today(context.ports.clock)
    months = last.year * 12 + last.month - DEFAULT_MONTHS
    first = since or max(date(months // 12, months % 12 + 1, 1), FIRST_DAY)
    if not timedelta(0) <= last - first <= LONGEST or last > LAST_DAY or first < FIRST_DAY:
        raise Rejected("bad_request")
    return first, last


def _period(context: Context, caller: Caller, first: date, last: date) -> Period:
    cuts = [first]
    while (following := _next(cuts[-1], weekly=last - first <= BY_WEEK_UNTIL)) <= last:
        cuts.append(following)
    end = _midnight(last + timedelta(days=1))
    return Period(
        since=_midnight(first),
        before=end,
        at=min(end, context.ports.clock.now()),
        steps=tuple(_midnight(day) for day in cuts),
        within=context.settings.ledger.done_within,
        offices=caller_offices(caller),
    )


def _next(day: date, *, weekly: bool) -> date:
    """The next Monday, or the first of the next month."""
    if weekly:
        return day + timedelta(days=7 - day.weekday())
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)


def _by_channel(arrivals: Sequence[Arrivals]) -> dict[str, int]:
    channels: dict[str, int] = {}
    for one in arrivals:
        channels[one.channel] = channels.get(one.channel, 0) + one.count
    return dict(sorted(channels.items()))


def _steps(period: Period, arrivals: Sequence[Arrivals], passages: Sequence[Passage]) -> list[Step]:
    by_step = {int(one.key): one for one in passages}
    made = []
    for number, begins in enumerate(period.steps):
        passage = by_step.get(number)
        made.append(
            Step(
                begins=begins.date(),
                channels=_by_channel([one for one in arrivals if one.step == number]),
                filed=passage.filed if passage else 0,
                median_s=passage.median_s if passage else None,
                p90_s=passage.p90_s if passage else None,
            )
        )
    return made


def _offices(
    arrivals: Sequence[Arrivals], passages: Sequence[Passage], backlog: Sequence[Backlog], judged: Sequence[Tally]
) -> list[OfficeFigures]:
    passage_of, waiting = {one.key: one for one in passages}, {one.office: one for one in backlog}
    tallies = {one.key: one for one in judged}
    received: dict[str, int] = {}
    for one in arrivals:
        received[one.office] = received.get(one.office, 0) + one.count
    made = []
    for office in sorted({*received, *passage_of, *waiting, *tallies}):
        passage, held, tally = passage_of.get(office), waiting.get(office), tallies.get(office, Tally(key=office))
        made.append(
            OfficeFigures(
                office=office,
                received=received.get(office, 0),
                filed=passage.filed if passage else 0,
                median_s=passage.median_s if passage else None,
                p90_s=passage.p90_s if passage else None,
                in_time=passage.in_time if passage else 0,
                open=held.open if held else 0,
                late=held.late if held else 0,
                automatic=tally.automatic,
                corrected=tally.corrected,
            )
        )
    return made


def _oldest(context: Context, caller: Caller, courses: Sequence[Course]) -> Case | None:
    """Counts tell of no document, a name does: only what the caller may see is named."""
    for course in courses:
        with passing_unreadable(context, course.document):
            found = record.load(context.ports.blobs, course.tenant, course.document)
            if found.receipts and is_visible(found, caller.viewer, context.plan):
                known = receipts_of(found, caller.viewer)
                return Case(
                    document=course.document,
                    receipt=known[0].receipt if known else "",
                    received_at=course.received_at,
                    office=course.office,
                )
    return None
