"""The registrar among crashes, stalled fakes of itself and clerks in any order: registers stay gapless and whole."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.adapters.blob_store.files import FileBlobStore
from services.core.errors import TryLater
from services.core.messages.envelope import Event
from services.core.messages.events import FilingDecided, FilingRequested
from services.core.model.record_files import Filing
from tests.component.registry_office import RegistryOffice, view
from tests.fakes.blob_store import MemoryBlobStore
from tests.fakes.gate import After

CALLS = 10
"""Runs that even the shortest decision (no record) takes: nine places to break off, and the one that meets none."""


IN_CASES: tuple[dict[str, Any], ...] = (
    {"file": "52.10.02/1-2026", "case": "new"},
    {"position": "52.10.02", "case": "new"},
    {"file": "52.10.02/1-2026", "case": 1},
)
"""The ways into a Vorgang; the file has one."""
PLACES: tuple[dict[str, Any], ...] = ({"file": "52.10.02/1-2026"}, {"position": "52.10.02"}, *IN_CASES)


class CrashAt:
    """A gate that breaks off at the n-th passage; before an effect and after it are passages of their own."""

    def __init__(self) -> None:
        self.left = -1

    def before(self, call: str) -> None:
        self._pass()

    def after(self, call: str) -> None:
        self._pass()

    def _pass(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise TryLater


class StallAt:
    """A gate behind which others work at the n-th passage."""

    def __init__(self, at: int, wake: Callable[[], None]) -> None:
        self.left = at
        self._wake = wake

    def before(self, call: str) -> None:
        self._pass()

    def after(self, call: str) -> None:
        self._pass()

    def _pass(self) -> None:
        self.left -= 1
        if self.left == 0:
            self._wake()


def filings_by(office: RegistryOffice, decided: Event) -> list[Filing]:
    """What came of a decision."""
    assert isinstance(decided.facts, FilingDecided)
    made = office.record(decided.document).filings
    return [f for f in made if f.decision == decided.facts.decision and f.outcome != "claimed"]


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ("file", {"file": "52.10.02/1-2026"}),
        ("file", {"position": "52.10.02"}),
        ("no_record", {}),
        *(("file", place) for place in IN_CASES),
    ],
    ids=["existing", "new", "no_record", "new_case", "new_case_of_new", "existing_case"],
)
def test_crash_at_any_call_then_repeat_ends_the_same(action: str, place: dict[str, Any]) -> None:
    """Broken off around any port call and repeated, one filing and one entry are there, told by the same events."""
    ended, passages = set(), 0
    for at in range(1, 200):
        gate = CrashAt()
        office = RegistryOffice(MemoryBlobStore(gate))
        office.open_file(case="new")
        document = office.held()
        decided = office.decide(document, action, **place)
        gate.left = at
        told = _through_crashes(office, decided, gate)
        broke_off = gate.left <= 0
        gate.left = -1
        filings = filings_by(office, decided)
        registers = {
            file: [(e.entry, e.document, e.case) for e in entries] for file, entries in office.registers().items()
        }
        ended.add((len(filings), str(registers), office.standing(document).state, tuple(e.id for e in told)))
        passages = at
        if not broke_off:
            break
    assert passages >= CALLS
    assert len(ended) == 1, ended


def _through_crashes(office: RegistryOffice, event: Event, gate: CrashAt) -> list[Event]:
    told: list[Event] = []
    waiting = [event]
    while waiting:
        follow = _until_done(office, waiting.pop(0))
        told += follow
        waiting += [e for e in follow if isinstance(e.facts, FilingRequested)]
    return told


def _until_done(office: RegistryOffice, event: Event) -> list[Event]:
    while True:
        try:
            return office.handle(event)
        except TryLater:
            continue


@pytest.mark.parametrize("place", PLACES)
def test_zombie_at_every_call_beside_a_living_registrar(place: dict[str, Any]) -> None:
    """A registrar stalls around any of its calls while others work, then it wakes: no gap, no document twice."""
    stalls = 0
    for at in range(1, 200):
        office = RegistryOffice(MemoryBlobStore())
        office.open_file(case="new")
        document, neighbour = office.held(), office.held()
        (requested,) = office.handle(office.decide(document, "file", **place))
        others = office.decide(neighbour, "file", **place)

        def wake(office: RegistryOffice = office, requested: Event = requested, others: Event = others) -> None:
            office.work(others)
            office.work(requested)

        stalling = StallAt(at, wake)
        office.handle(requested, office.context("filing", view(office, stalling)))
        if stalling.left > 0:
            break
        stalls += 1
        registered = [e.document for entries in office.registers().values() for e in entries]
        assert sorted(registered).count(document) == 1
        assert sorted(registered).count(neighbour) == 1
        assert len(office.files(document)) == len(office.files(neighbour)) == 1
    assert stalls > 10


@pytest.mark.parametrize("place", PLACES)
def test_registrars_race_on_real_files(tmp_path: Path, place: dict[str, Any]) -> None:
    """Four threads file the same documents in different orders: registers are gapless, each document in one file."""
    office = RegistryOffice(FileBlobStore(tmp_path, reserve_bytes=0, sync=False))
    office.open_file(case="new")
    documents = [office.held() for _ in range(12)]
    requests = [office.handle(office.decide(document, "file", **place))[0] for document in documents]
    failures: list[BaseException] = []

    def register(seed: int) -> None:
        try:
            for request in random.Random(seed).sample(requests, len(requests)):
                office.handle(request)
        except BaseException as error:  # noqa: BLE001  # handed to the test
            failures.append(error)

    threads = [threading.Thread(target=register, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    registered = [e.document for entries in office.registers().values() for e in entries]
    assert sorted(d for d in registered if d in documents) == sorted(documents)
    assert all(len(office.files(document)) == 1 for document in documents)
    cases = [filing.case for document in documents for filing in office.standing(document).filings]
    if place == IN_CASES[0]:
        assert sorted(case or 0 for case in cases) == list(range(2, 14))
    else:
        assert set(cases) == {1 if place.get("case") else None}


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_everything_ends_whole(seed: int) -> None:
    """Mails, decisions and repeats in any order: registers gapless, one filing a file, the last clerk is right."""
    chance = random.Random(seed)
    office = RegistryOffice()
    files = [office.open_file(p) for p in ("52.10.02", "52.10.02", "31.10.01")]
    reads = [office.read(f"Ihr Zeichen: {chance.choice(files)}" if n % 2 else "nichts") for n in range(6)]
    decided = [
        office.decide(chance.choice(reads).document, action, **place)
        for action, place in [
            ("file", {"file": files[0]}), ("move", {"file": files[1]}), ("file", {"position": "31.10.01"}),
            ("no_record", {}), ("reopen", {}), ("file", {"file": files[2]}), ("assign", {"office": "bauamt"}),
        ]
    ]  # fmt: skip
    events = [*reads, *decided, *chance.sample(decided, 3), *chance.sample(reads, 2)]
    chance.shuffle(events)
    office.work(*events, chance=chance)
    registers = office.registers()
    for read in reads:
        found, now = office.record(read.document), office.standing(read.document)
        assert now.state in ("held", "filed", "no_record")
        assert len({f.file for f in now.filings}) == len(now.filings)
        assert all(registers[f.file or ""][(f.entry or 0) - 1].document == read.document for f in now.filings)
        if found.decisions and found.decisions[-1].action == "no_record":
            assert now.filings == ()


def test_entry_of_an_overtaken_decision_is_taken_up() -> None:
    """A registrar broke off behind the entry and was overtaken by a decision for the same file: one entry, not two."""
    office = RegistryOffice()
    file, document = office.open_file(), office.held()
    (requested,) = office.handle(office.decide(document, "file", file=file))

    def break_off_behind_the_entry(call: str) -> None:
        if call == "blobs.create" and len(office.registers()[file]) == 2:
            raise TryLater

    with pytest.raises(TryLater):
        office.handle(requested, office.context("filing", view(office, After(break_off_behind_the_entry))))
    office.work(office.decide(document, "move", file=file))
    office.handle(requested)
    assert office.files(document) == [file]
    assert len(office.registers()[file]) == 2
