"""The books: compared between any two steps, after a hidden loss, and closed day by day, whoever dies over it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from unittest.mock import patch

from services.core import keys
from services.core.bookkeeping import HEALED, BalanceLine, Discrepancy, Fault, Reconciliation
from services.core.errors import Rejected, TryLater
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import decode
from services.core.model import record
from services.core.model.record import Record
from services.ledger.books import nightly
from services.ledger.books.balancing import balance_of, chain, close_days
from services.ledger.books.comparing import Comparison
from services.ledger.books.nightly import keep_books
from services.ledger.books.reconciling import report_of
from services.runtime.context.service import Context
from tests.simulation.city import City
from tests.simulation.decay import is_whole
from tests.simulation.invariants import violations
from tests.simulation.world import Process, World

TURNS = 3
GRACE_SECONDS = 5000
MOST_STEPS = 20_000
NIGHTS = 2
"""Days that are closed behind that of the story, by two who do it at once."""
STOLEN = (topics.RECEIVED, topics.EXTRACTED, topics.CLASSIFIED, topics.FILED)
_ENDS = {"filed": "filed", "held": "held", "no_record": "set_aside", "erased": "erased"}


class _Later:
    """The clock of somebody who comes on a later day."""

    def __init__(self, world: World, days: int) -> None:
        self._world, self._days = world, days

    def now(self) -> datetime:
        return self._world.now() + timedelta(days=self._days)


@dataclass
class Bookkeeping:
    """Who keeps the books of one story, and what was hidden from them."""

    city: City
    stolen: set[str] = field(default_factory=set)
    """Documents of which an event never reached its service."""

    def join(self) -> None:
        """Before the story begins. In half of the stories nothing counts as young: then only queues excuse."""
        city, chance = self.city, self.city.world.chance
        if chance.random() < 0.5:
            defaults = Comparison.begin.__func__.__kwdefaults__  # type: ignore[attr-defined]  # of a class method
            city.at_end.enter_context(patch.dict(defaults, patience=timedelta(0)))
        ledger = city.contexts["ledger"].settings.ledger.model_copy(update={"reconcile_at": "00:00"})
        settings = city.contexts["ledger"].settings.model_copy(update={"ledger": ledger})
        self.context = replace(city.contexts["ledger"], settings=settings)
        process = Process("bookkeeper", self._compare, on_crash=self._forget, on_stall=lambda: None, once=True)
        city.world.processes.append(process)
        city.at_end.callback(self._forget)
        if chance.random() < 0.5:
            city.add("thief", self._steal)

    def _compare(self) -> None:
        """At any time, as the nightly round and by the command."""
        chance = self.city.world.chance
        for _ in range(TURNS):
            self.city.world.sleep(chance.choice((0.1, 1, 5)))
            try:
                if chance.random() < 0.5:
                    keep_books(self.context)
                else:
                    report_of(self.context, read_originals=chance.random() < 0.5)
            except (TryLater, Rejected):  # the round stands between two of its pieces: the command is told so
                self.city.world.trace.append("bookkeeper put off")
        self._forget()

    def _forget(self) -> None:
        """With the process goes the comparison that it was in the middle of."""
        walk = nightly._walks.pop(self.context.configuration, None)
        if walk:
            walk.close()

    def _steal(self) -> None:
        """One event never reaches one of the services that it is for."""
        city, chance = self.city, self.city.world.chance
        for _ in range(5):
            city.world.sleep(chance.choice((0.5, 2)))
            topic = chance.choice(STOLEN)
            group = city.log.groups.get(chance.choice(sorted(topics.working_on(topic))))
            place = (topic, group.low.get(topic, 0)) if group else ("", 0)
            if group and place[1] < len(city.log.topics.get(topic, ())) and place not in group.leased:
                self.stolen.add(decode(city.log.topics[topic][place[1]]).document)
                group.done.add(place)
                group.low[topic] = place[1] + 1
                city.world.trace.append(f"{group.name} never hears of {place}")
                return

    def night(self) -> list[str]:
        """Everything is quiet: what one comparison says and mends, then the same behind a loss that is hidden now."""
        found = [*self._compared("what was stolen", is_red=bool(violations(self.city)))]
        hidden = [document for document in sorted(set(self.city.acknowledged.values())) if self._may_lose(document)]
        if hidden and not found:
            found += self._after_loss(self.city.world.chance.choice(hidden))
        return found or [*self._days()]

    def _may_lose(self, document: str) -> bool:
        there = record.load(self.city.blobs, "main", document)
        return bool(there.receipts) and not there.erased and is_whole(self.city, document)

    def _compared(self, what: str, *, is_red: bool) -> Iterator[str]:
        """Red where something is amiss and never else; behind it all is well, and a second one says so."""
        city = self.city
        damaged = {d for d in city.harmed if not is_whole(city, d) and record.load(city.blobs, "main", d).receipts}
        report = self._report()
        told = {one.document for one in report.differences if one.fault == "original_damaged"}
        if told != damaged:
            yield f"the books tell of damage at {sorted(told)}, not at {sorted(damaged)}"
        if is_red and not report.counts:
            yield f"the books agree, in spite of {what}"
        unfounded = [one for one in report.differences if one.fault != "original_damaged" and not self._excused(one)]
        if not is_red and unfounded:
            yield f"the books differ for nothing: {unfounded}"
        again = self._report()
        if not again.counts.keys() <= {"original_damaged"}:
            yield f"the books did not heal {what}: {again.differences}"

    def _excused(self, one: Discrepancy) -> bool:
        """Behind a decision nobody misses what the thief took; the books miss it all the same, and have it made up."""
        return one.fault == "event_skipped" and one.document in self.stolen

    def _after_loss(self, document: str) -> Iterator[str]:
        """One thing is lost behind everybody's back: named for what it is, healed where that is possible."""
        losses: dict[Fault, Callable[[Record], Callable[[], None] | None]] = {
            "ledger_row": self._lose_line,
            "index_entry": self._lose_entry,
            "receipt_lost": self._lose_receipt,
        }
        fault = self.city.world.chance.choice(sorted(losses))
        there = record.load(self.city.blobs, "main", document)
        bring_back = losses[fault](there)
        before = balance_of(self.context, self._day)
        if (fault == "ledger_row") == before.balances:
            yield f"the balance of the day is {before.balances} after {fault}"
        told = {(one.document, one.fault) for one in self._report().differences if one.fault != "original_damaged"}
        if (document, fault) not in told or {one for one, _ in told} != {document}:  # fewer receipts: an older record
            yield f"{fault} of {document} was hidden, the books tell of {sorted(told)}"
        if fault not in HEALED and bring_back:
            bring_back()
        yield from self._compared(fault, is_red=False)

    def _report(self) -> Reconciliation:
        """Long after everything else; what it brings about is worked off."""
        self.city.world.time += GRACE_SECONDS
        report = report_of(self.context, read_originals=True)
        if not self.city.world.run(self.city.is_quiet, MOST_STEPS):
            raise AssertionError("the books put the city hall in a whirl")
        return report

    def _lose_line(self, found: Record) -> None:
        """A row of the ledger is gone."""
        self.city.ledger._db.execute("delete from receipts where receipt = ?", [found.receipts[0].receipt])

    def _lose_entry(self, found: Record) -> None:
        """An entry of the index is gone."""
        del self.city.index.entries[found.document]

    def _lose_receipt(self, found: Record) -> Callable[[], None]:
        """A receipt is gone in the store, until somebody brings it back."""
        blobs, receipt = self.city.blobs, found.receipts[-1]
        key = keys.receipt("main", found.document, receipt.receipt)
        content = blobs.blobs[Bucket.RECORDS][key]
        blobs.lose(Bucket.RECORDS, key)
        return lambda: blobs.replace(Bucket.RECORDS, key, content)

    @property
    def _day(self) -> date:
        return self.city.world.now().date()

    def _days(self) -> Iterator[str]:
        """The day of the story and some quiet ones are closed by two at once, who may die over it at any step."""
        city = self.city
        expected = self._counted()
        close_days(self.context)
        days = city.world.chance.randint(1, NIGHTS) + 1
        for number in range(2):
            ports = replace(self.context.ports, clock=_Later(city.world, days), blobs=city.blobs)
            city.add(f"closer-{number}", partial(_close, city, replace(self.context, ports=ports)))
        city.world.calm = False
        ended = city.world.run(lambda: all(p.over for p in city.world.processes if p.once), MOST_STEPS)
        city.world.calm = True
        if not (ended and city.world.run(city.is_quiet, MOST_STEPS)):
            yield "the days were never closed"
        kept = chain(self.context)
        last = city.world.now().date() + timedelta(days=days - 1)
        if kept.faults or not kept.balances or kept.balances[-1].day != last:
            yield f"the chain of balances is broken until {last}: {kept.faults}, {[one.day for one in kept.balances]}"
        told = {one.day: sum((_numbers(line) for line in one.lines), Counter()) for one in kept.balances}
        if told.get(self._day) != expected:
            yield f"the day was closed with {told.get(self._day)}, and it had {expected}"
        yield from (f"the day {one.day} does not balance" for one in kept.balances if not one.balances)

    def _counted(self) -> Counter[str]:
        """What the balance of the day must say, counted from the records and, of the erased, from the book."""
        counted: Counter[str] = Counter()
        for key in self.city.blobs.keys(Bucket.RECORDS, keys.documents("main")):
            _, _, document, kind, *_ = key.split("/")
            there = record.load(self.city.blobs, "main", document)
            ends = {"receipts": 1, "erased": len(self.city.ledger.lines_of("main", document))}.get(kind, 0)
            counted.update({"received": ends, _ENDS[record.standing(there).state]: ends})
        return Counter({name: count for name, count in counted.items() if count})


def _numbers(line: BalanceLine) -> Counter[str]:
    counted = {name: getattr(line, name) for name in ("received", *_ENDS.values())}
    return Counter({name: count for name, count in counted.items() if count})


def _close(city: City, context: Context) -> None:
    while True:
        try:
            close_days(context)
        except TryLater:
            city.world.sleep(0.5)
        else:
            return
