"""How originals come to harm, and what is told of it."""

import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from prometheus_client import REGISTRY

from services.core import keys
from services.core.model import record
from services.core.ports.entries import Filters, Query, Viewer
from services.core.ports.ledger_store import Scrub
from services.ledger.scrub import scrub
from tests.component.city_hall import CityHall

Harm = Callable[[Path], None]


def flip(file: Path, at: int = -1) -> None:
    """One bit, as a disk does it: size and time stay as they were."""
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def flip_first(file: Path) -> None:
    """In the first header line."""
    flip(file, 0)


def cut(file: Path) -> None:
    """Half of it is gone."""
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(content[: len(content) // 2])


def remove(file: Path) -> None:
    """All of it is."""
    file.unlink()


HARMS = (flip, flip_first, cut, remove)


def file_of(hall: CityHall, document: str) -> Path:
    """Where its original lies."""
    return hall.settings.storage.folder / "blobs" / "originals" / keys.original("main", document)


def problems(hall: CityHall, document: str) -> tuple[str, ...]:
    """What the record says is wrong with it."""
    return record.standing(record.load(hall.ports.blobs, "main", document)).problems


def found(hall: CityHall) -> int:
    """How many documents a search for damaged originals finds."""
    viewer = Viewer(account="test", tenant="main", all_offices=True)
    return hall.ports.index.search(Query(filters=Filters(problems=("damaged",)), limit=1), viewer).total


def alarms(service: str) -> float:
    """What the figures count."""
    samples = (
        REGISTRY.get_sample_value("poststelle_originals_damaged_total", {"service": service, "outcome": outcome})
        for outcome in ("changed", "missing")
    )
    return sum(sample or 0.0 for sample in samples)


def walk(hall: CityHall) -> None:
    """The scrub makes a whole walk: it began so long ago that everything is due."""
    ledger = hall.contexts["ledger"]
    began = ledger.ports.clock.now() - ledger.settings.ledger.scrub_within * 2
    ledger.ports.ledger.note_scrub("main", Scrub(began=began))
    scrub(ledger)
    hall.work()


def walk_on(hall: CityHall) -> None:
    """One more round of a walk in which everything is due."""
    ledger = hall.contexts["ledger"]
    began = ledger.ports.clock.now() - ledger.settings.ledger.scrub_within * 2
    place = ledger.ports.ledger.scrub("main") or Scrub(began=began)
    ledger.ports.ledger.note_scrub("main", replace(place, began=began))
    scrub(ledger)
    hall.work()
