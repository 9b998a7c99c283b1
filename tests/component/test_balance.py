"""The balance of a day: every receipt in one place, kept once, and a chain that shows what was changed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.adapters.clock import SystemClock
from services.core import keys
from services.core.bookkeeping import Balance
from services.core.keys import Bucket
from services.core.model import record_files
from services.ledger.books.balancing import DAY, balance_of, chain, close_days, kept_balance
from tests.component.city_hall import API, CityHall, a_mail

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOXES = {"bau@musterstadt.test": "bauamt", "kasse@musterstadt.test": "kasse"}
At = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the clock."""

    def turn(moment: datetime) -> None:
        monkeypatch.setattr(SystemClock, "now", lambda _: moment)

    turn(NOON)
    return turn


def file_of(hall: CityHall, day: date) -> Path:
    """Where the balance of a day lies."""
    return hall.settings.storage.folder / "blobs" / "records" / keys.balance("main", day)


def closed(hall: CityHall, at: At, days: int) -> list[date]:
    """So many days pass, each with a letter, and each is closed."""
    for number in range(days):
        at(NOON + DAY * number)
        hall.deliver(a_mail(f"Brief {number}"))
    at(NOON + DAY * days)
    first = NOON.date()
    for number in range(days):
        at(NOON + DAY * (number + 1))
        close_days(hall.contexts["ledger"])
    return [first + DAY * number for number in range(days)]


def test_every_receipt_of_a_day_is_in_one_place(tmp_path: Path, at: At) -> None:
    """By channel, source and office; what waits is under way, and the sum of all places is what came in."""
    hall = CityHall(tmp_path, mail_intake={"offices": BOXES})
    for number in range(3):
        hall.deliver(a_mail(f"Bauantrag {number}"), to="bau@musterstadt.test")
    hall.deliver(a_mail("Bauantrag 0"), to="kasse@musterstadt.test")
    hall.scan(b"Ein Brief", "brief.txt")
    hall.log.prompt = False
    hall.deliver(a_mail("Spaet"), to="bau@musterstadt.test")
    event = hall.log.waiting[0]
    ledger = next(service for service in hall.process.services if service.name == "ledger")
    assert ledger.handle
    ledger.handle(event, hall.contexts["ledger"])
    at(NOON + DAY)
    found = balance_of(hall.contexts["ledger"], NOON.date())
    shown = [(one.channel, one.office, one.received, one.held, one.under_way, one.balances) for one in found.lines]
    assert shown == [
        ("mail", "bauamt", 4, 3, 1, True),
        ("mail", "kasse", 1, 1, 0, True),
        ("scan", "poststelle", 1, 1, 0, True),
    ]
    assert found.balances
    assert not balance_of(hall.contexts["ledger"], NOON.date() + DAY).lines
    hall.close()


def test_what_the_ledger_lacks_or_the_store_lost_does_not_balance(hall: CityHall, at: At) -> None:
    """An arrival that is not booked and a line without an arrival show both: neither makes up for the other."""
    told = [hall.deliver(a_mail(f"Brief {number}")) for number in range(3)]
    hall.log.away = True
    hall.deliver(a_mail("Nicht verbucht"))
    at(NOON + timedelta(minutes=5))
    (line,) = balance_of(hall.contexts["ledger"], NOON.date()).lines
    assert (line.received, line.booked, line.astray, line.balances) == (4, 3, 1, False)
    hall.log.away = False
    hall.ports.blobs.delete(Bucket.RECORDS, keys.arrival("main", NOON, told[0]["receipt"]))
    (line,) = balance_of(hall.contexts["ledger"], NOON.date()).lines
    assert (line.received, line.booked, line.astray, line.balances) == (3, 3, 2, False)


def test_a_day_is_closed_once_and_late(hall: CityHall, at: At) -> None:
    """Half an hour after midnight, also days of which nobody was there to close them; what is kept stays as it is."""
    ledger = hall.contexts["ledger"]
    hall.deliver(a_mail())
    at(datetime(2026, 11, 24, 0, 20, tzinfo=UTC))
    assert close_days(ledger) == 1
    assert kept_balance(ledger, NOON.date()) is None
    at(datetime(2026, 11, 24, 0, 31, tzinfo=UTC))
    assert close_days(ledger) == 1
    kept = kept_balance(ledger, NOON.date())
    assert kept
    assert [line.received for line in kept.lines] == [1]
    at(NOON + DAY * 4)
    assert close_days(ledger) == 3
    assert close_days(ledger) == 0
    assert kept_balance(ledger, NOON.date()) == kept
    assert not chain(ledger).faults


def test_a_missing_day_and_a_changed_number_show(hall: CityHall, at: At) -> None:
    """Whoever takes a balance away or writes another number into one breaks the chain at that day."""
    days = closed(hall, at, 5)
    ledger = hall.contexts["ledger"]
    whole = chain(ledger)
    assert ([one.day for one in whole.balances], whole.faults) == (days, ())
    file = file_of(hall, days[1])
    content = file.read_bytes()
    changed = content.replace(b'"received":1', b'"received":2')
    assert changed != content
    file.chmod(0o600)
    file.write_bytes(changed)
    assert [(fault.day, fault.fault) for fault in chain(ledger).faults] == [(days[1], "changed")]
    file.write_bytes(content)
    assert not chain(ledger).faults
    file.unlink()
    assert [(fault.day, fault.fault) for fault in chain(ledger).faults] == [(days[1], "missing")]


def test_a_chain_written_anew_ends_in_another_hash(hall: CityHall, at: At) -> None:
    """Who noted the last hash elsewhere sees that all was forged together."""
    days = closed(hall, at, 2)
    ledger = hall.contexts["ledger"]
    head = chain(ledger).head_sha256
    last = record_files.decode(Balance, file_of(hall, days[-1]).read_bytes())
    assert last.previous_sha256
    hall.ports.blobs.delete(Bucket.RECORDS, keys.balance("main", days[-1]))
    assert not chain(ledger).faults
    assert chain(ledger).head_sha256 != head


def test_balances_are_told_to_administrators(hall: CityHall, at: At) -> None:
    """All closed days with the chain, one day as it is kept, today as it is now, and the page in German."""
    days = closed(hall, at, 2)
    administrator = hall.key("administer")
    answer = administrator.get(f"{API}/balances").json()
    assert ([one["day"] for one in answer["items"]], answer["faults"]) == ([day.isoformat() for day in days], [])
    one = administrator.get(f"{API}/balances/{days[0]}").json()
    assert (one["closed"], one["balances"], one["lines"][0]["received"]) == (True, True, 1)
    today = administrator.get(f"{API}/balances/{days[-1] + DAY}").json()
    assert (today["closed"], today["lines"]) == (False, [])
    assert hall.key("search").get(f"{API}/balances").status_code == 403
    page = hall.clerk("berg", rights=("administer",)).get("/buecher").text
    assert "Die Kette ist heil." in page
    file_of(hall, days[0]).unlink()
    file_of(hall, days[1]).chmod(0o600)
    file_of(hall, days[1]).write_bytes(b"{}")
    page = hall.clerk("feld", rights=("administer",)).get("/buecher").text
    assert "Die Kette ist unterbrochen" in page
