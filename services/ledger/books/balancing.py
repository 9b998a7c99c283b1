"""The balance of a day: every receipt in exactly one place; kept in the store, each chained to the day before."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from services.core import keys, vocabulary
from services.core.bookkeeping import Balance, BalanceLine, uncaptured_marks
from services.core.errors import BlobMissing, Rejected
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import Receipt
from services.core.ports.ledger_store import RANK, Line, LineFilter
from services.core.protocol.receiving import receipt_at
from services.runtime.context.service import Context

DAY = timedelta(days=1)
CLOSED_AFTER = timedelta(minutes=30)
"""So long after midnight (UTC) the last post of the day has been told of."""
MOST_DAYS = 400
"""Closed in one go after a long rest; the next round closes the others."""
PAGE = 1000
_ENDS = {"filed": "filed", "held": "held", "no_record": "set_aside", "erased": "erased"}
_NAMES = (
    "received",
    "booked",
    "extracted",
    "classified",
    "filed",
    "held",
    "set_aside",
    "erased",
    "under_way",
    "astray",
)
_Place = tuple[str, str, str]


class ChainFault(Struct, frozen=True, kw_only=True):
    """A day at which the chain is broken."""

    day: date
    fault: str
    """`missing`: the day has no balance. `changed`: it is not what the next day was chained to. `unreadable`."""


class Chain(Struct, frozen=True, kw_only=True):
    """All balances, oldest first, what is wrong with their chain, and the hash of the last one.

    Whoever notes that hash elsewhere can tell later that nothing before it was taken away or written anew.
    """

    balances: tuple[Balance, ...] = ()
    faults: tuple[ChainFault, ...] = ()
    head_sha256: str = ""


def balance_of(context: Context, day: date, *, previous_sha256: str = "") -> Balance:
    """The balance of a day as it is now: arrivals of the store against the lines of the ledger."""
    arrived = _arrived(context, day)
    counts: defaultdict[_Place, Counter[str]] = defaultdict(Counter)
    for line in _lines(context, day):
        _count(line, counts[_place(line.channel, line.source, line.office)], arrived=line.receipt in arrived)
        arrived.pop(line.receipt, None)
    for receipt in _unbooked(context, arrived, day):
        counts[_place(receipt.channel, receipt.source, receipt.office)].update(("received", "astray"))
    lines = tuple(_line(place, counts[place]) for place in sorted(counts))
    marks = uncaptured_marks(context.settings.tenant, day)
    return Balance(
        day=day,
        closed_at=context.ports.clock.now(),
        previous_sha256=previous_sha256,
        lines=lines,
        uncaptured=sum(1 for _ in context.ports.blobs.keys(Bucket.RECORDS, marks)),
    )


def close_days(context: Context) -> int:
    """Keep the balance of every day that is over and has none; how many that were. The first one is yesterday's."""
    blobs, tenant = context.ports.blobs, context.settings.tenant
    over = (context.ports.clock.now() - CLOSED_AFTER).astimezone(UTC).date() - DAY
    kept = list(blobs.keys(Bucket.RECORDS, keys.balances(tenant)))
    day = _day_in(kept[-1]) + DAY if kept else over
    previous = _sha256(blobs.read(Bucket.RECORDS, kept[-1])) if kept else ""
    closed = 0
    while day <= over and closed < MOST_DAYS:
        made = balance_of(context, day, previous_sha256=previous)
        blobs.create(Bucket.RECORDS, keys.balance(tenant, day), record_files.encode(made))
        content = blobs.read(Bucket.RECORDS, keys.balance(tenant, day))  # somebody else's, where that was first
        previous = _sha256(content)
        tell = context.log.info if made.balances else context.log.error
        tell("day_closed", day=day.isoformat(), balances=made.balances, sha256=previous)
        day, closed = day + DAY, closed + 1
    return closed


def chain(context: Context) -> Chain:
    """Read all balances and follow the chain."""
    blobs = context.ports.blobs
    balances: list[Balance] = []
    faults: list[ChainFault] = []
    expected: date | None = None
    head = ""
    for key in blobs.keys(Bucket.RECORDS, keys.balances(context.settings.tenant)):
        day = _day_in(key)
        while expected and expected < day:
            faults.append(ChainFault(day=expected, fault="missing"))
            expected += DAY
        content = blobs.read(Bucket.RECORDS, key)
        found = _decoded(content)
        if found is None:
            faults.append(ChainFault(day=day, fault="unreadable"))
        elif found.previous_sha256 != head and not (faults and faults[-1].day == day - DAY):
            faults.append(ChainFault(day=day - DAY if balances else day, fault="changed"))
        balances += [found] if found else []
        expected, head = day + DAY, _sha256(content)
    return Chain(balances=tuple(balances), faults=tuple(faults), head_sha256=head)


def kept_balance(context: Context, day: date) -> Balance | None:
    """The balance of a day that was closed."""
    try:
        content = context.ports.blobs.read(Bucket.RECORDS, keys.balance(context.settings.tenant, day))
    except BlobMissing:
        return None
    return record_files.decode(Balance, content)


def _decoded(content: bytes) -> Balance | None:
    try:
        return record_files.decode(Balance, content)
    except Rejected:
        return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _day_in(key: str) -> date:
    return date.fromisoformat(key.rpartition("/")[2].removesuffix(".json"))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _arrived(context: Context, day: date) -> dict[str, datetime]:
    """The receipts whose pointers lie under this day, with the minute of each."""
    folder = keys.arrivals_of_day(context.settings.tenant, _begin(day))
    found = {}
    for key in context.ports.blobs.keys(Bucket.RECORDS, folder):
        hour, minute, receipt = key.removeprefix(folder).split("/")
        found[receipt] = _begin(day).replace(hour=int(hour), minute=int(minute))
    return found


def _lines(context: Context, day: date) -> Iterator[Line]:
    narrow = LineFilter(received_from=_begin(day), received_before=_begin(day) + DAY)
    cursor, first = "", True
    while cursor or first:
        page, cursor = context.ports.ledger.lines(context.settings.tenant, narrow, cursor=cursor, limit=PAGE)
        yield from page
        first = False


def _unbooked(context: Context, arrived: dict[str, datetime], day: date) -> Iterator[Receipt]:
    """Receipts that the ledger does not know. A pointer to nothing is nothing; one that came late is another day's."""
    for receipt_id, minute in arrived.items():
        receipt = receipt_at(context.ports.blobs, context.settings.tenant, minute=minute, receipt_id=receipt_id)
        if receipt and receipt.received_at.astimezone(UTC).date() == day:
            yield receipt


def _place(channel: str, source: str, office: str) -> _Place:
    return channel, source, office or vocabulary.MAIN_OFFICE


def _count(line: Line, counts: Counter[str], *, arrived: bool) -> None:
    """An erased document leaves no pointer behind: that it came, the ledger alone knows."""
    rank = RANK.get(line.state, RANK["filed"])
    counts["booked"] += 1
    came = arrived or line.state == "erased"
    counts["received"] += came
    counts["astray"] += not came
    counts["extracted"] += rank >= RANK["classifying"]
    counts["classified"] += rank >= RANK["filing"]
    counts[_ENDS.get(line.state, "under_way")] += 1


def _line(place: _Place, counts: Counter[str]) -> BalanceLine:
    channel, source, office = place
    numbers = {name: counts[name] for name in _NAMES}
    return BalanceLine(channel=channel, source=source, office=office, **numbers)  # type: ignore[arg-type]  # of lines
