"""Clerks of the desk, who take back some of what they decided; and the round that carries out the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.core import keys
from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.keys import Bucket
from services.core.model import record, record_files
from services.core.model.accounts import Caller
from services.core.model.record_files import RegisterEntry
from services.core.model.side_files import Postponed, PostponedEnd
from services.core.ports.entries import Viewer
from services.filing.postponing import apply_due, postpone, undo
from tests.simulation.actors import wished
from tests.simulation.city import City

CLERKS = 3
LOOKS = 2
LONGEST_THOUGHT = 12.0
"""Seconds after which a clerk takes back, sooner or later than the decision is carried out."""


@dataclass
class Undoing:
    """What the clerks were told. Each decision is made under a name of its own, so that the record tells them apart."""

    city: City
    made: dict[str, Postponed] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    number: int = 0

    def join(self) -> None:
        """Before the story begins."""
        for clerk in range(CLERKS):
            self.city.add(f"desk-{clerk}", self._work)
        self.city._spawn("postponed", self._carry_out)

    def _carry_out(self) -> None:
        try:
            apply_due(self.city.contexts["filing"])
        except TryLater:
            self.city.world.trace.append("postponed put off")
        self.city.world.sleep(1)

    def _work(self) -> None:
        chance = self.city.world.chance
        for _ in range(LOOKS):
            self.city.world.sleep(2)
            for document in list(dict.fromkeys(self.city.acknowledged.values())):
                if chance.random() < 0.7:
                    self._decide(document)

    def _decide(self, document: str) -> None:
        self.number += 1
        name = f"u-{self.number}"
        viewer = Viewer(account=name, tenant="main", all_offices=True)
        caller = Caller(id=name, source=name, rights=frozenset({"decide"}), viewer=viewer)
        context, world = self.city.contexts["filing"], self.city.world
        try:
            found = record.load(self.city.blobs, "main", document)
            wish = wished(self.city, found.version)
            self.made[name] = made = postpone(wish, document, caller, context=context)
            world.sleep(world.chance.random() * LONGEST_THOUGHT)
            if world.chance.random() < 0.6:
                back, late = undo(made.bundle, caller, context)
                self.taken_back |= {name} if back else set()
                self.late |= {name} if late else set()
        except (TryLater, BlobMissing, Rejected):
            world.trace.append(f"{name} put off")

    def violations(self) -> list[str]:
        """Every promise about taking back that this story broke."""
        return [*self._ended(), *self._either_or(), *self._no_number_burnt()]

    def _ended(self) -> Iterator[str]:
        for key in self.city.blobs.keys(Bucket.RECORDS, keys.postponed_open("main")):
            yield f"{key} waits for ever"

    def _either_or(self) -> Iterator[str]:
        refused = {key.split("/")[-2] for key in self.city.blobs.keys(Bucket.RECORDS, keys.postponed_told("main"))}
        for name, made in self.made.items():
            outcome = self.outcome(made)
            found = record.load(self.city.blobs, "main", made.document)
            times = sum(decision.actor == name for decision in found.decisions)
            if name in self.taken_back and outcome != "withdrawn":
                yield f"{name} was told that it is taken back, and it is {outcome}"
            if outcome == "withdrawn" and times:
                yield f"{name} is taken back, and in the record"
            if outcome == "applied" and (times > 1 or not (times or name in refused)) and not found.erased:
                yield f"{name} was carried out {times} times"

    def _no_number_burnt(self) -> Iterator[str]:
        """Every entry that a clerk made is of a decision that stands in the record of its document."""
        for key in self.city.blobs.keys(Bucket.RECORDS, keys.files("main")):
            entry = record_files.decode(RegisterEntry, self.city.blobs.read(Bucket.RECORDS, key))
            found = record.load(self.city.blobs, "main", entry.document)
            by = next((one.actor for one in found.decisions if one.decision == entry.decision), "")
            if entry.by == "clerk" and not found.erased and (not by or self._is_withdrawn(by)):
                yield f"{key} is of a decision that was taken back"

    def _is_withdrawn(self, name: str) -> bool:
        made = self.made.get(name)
        return made is not None and self.outcome(made) == "withdrawn"

    def outcome(self, made: Postponed) -> str:
        """What came of a decision, by its second file."""
        key = keys.postponed_end("main", made.decided_at, made.id)
        try:
            return record_files.decode(PostponedEnd, self.city.blobs.read(Bucket.RECORDS, key)).outcome
        except BlobMissing:
            return "open"
