"""Somebody brings in an old archive: killed in between, begun again, and twice at once; its numbers must balance."""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from unittest.mock import patch

import msgspec

from services.cli.errors import Away
from services.cli.importing import delivering
from services.cli.importing.delivering import Delivery, Numbers
from services.cli.importing.journal import Entry, Journal
from services.cli.importing.sources import Item
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.core.model import record_files
from services.core.model.record_files import Receipt
from tests.simulation import actors
from tests.simulation.city import City
from tests.simulation.world import Process

FOLDER = "folder"


@dataclass(eq=False)
class Paper:
    """The file of a journal on the disk of the command: what was flushed outlives a kill, and often a power cut."""

    content: bytes = b""

    @property
    def parent(self) -> "Paper":
        """The folder is there."""
        return self

    def mkdir(self, **_: bool) -> None:
        """It is."""

    def exists(self) -> bool:
        """Whether anything was ever written."""
        return bool(self.content)

    def open(self, mode: str) -> BinaryIO:
        """As it was flushed."""
        return _Sheet(self) if mode == "wb" else _Sheet(self, self.content)

    def cut(self, count: int) -> None:
        """Power was cut: the last bytes never reached the disk."""
        self.content = self.content[: len(self.content) - count]


class _Sheet(io.BytesIO):
    def __init__(self, paper: Paper, content: bytes = b"") -> None:
        super().__init__(content)
        self._paper = paper

    def flush(self) -> None:
        self._paper.content = self.getvalue()


class OneHand:
    """The workers of a command in a world of one thread: what is submitted is done at once."""

    def __init__(self, *_: object, **__: object) -> None:
        """However many there would be."""

    def submit(self, act: Callable[..., Any], *given: object) -> Future[Any]:
        """Whoever is killed over it takes the whole command along."""
        future: Future[Any] = Future()
        future.set_result(act(*given))
        return future

    def shutdown(self, **_: bool) -> None:
        """Nobody to wait for."""


@dataclass
class Command:
    """One `poststelle import`, through all its kills."""

    city: City
    found: list[Item]
    journal: Paper = field(default_factory=Paper)
    numbers: Numbers | None = None
    """Of the run that came to its end."""

    def run(self) -> None:
        """From its beginning, or on from where an earlier run was killed; again while the mail room stays away."""
        while self.numbers is None:
            numbers = Numbers(counted=len(self.found))
            journal = Journal(self.journal)  # type: ignore[arg-type]  # as much of a path as it needs
            delivery = Delivery(deliver=self._deliver, journal=journal, sleep=self.city.world.sleep, patience_s=20)
            try:
                for _ in delivery.all(iter(self.found), numbers, workers=2):
                    pass
                self.numbers = numbers
            except Away:
                self.city.world.sleep(1)

    def die(self) -> None:
        """In every other kill the machine goes down as well."""
        chance = self.city.world.chance
        if chance.random() < 0.5:
            self.journal.cut(chance.randint(0, 60))

    def _deliver(self, _: str, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
        city = self.city
        arrival = actors.arrival(content, {FOLDER: headers["Folder"]}, key=headers["Idempotency-Key"])
        try:
            accepted = (city.receive or actors.receive)(arrival, city)
            city.world.before("import.answer")  # the answer may never come
        except TryLater as error:
            raise Away("here") from error
        city.acknowledged[accepted.receipt] = accepted.document
        try:
            city.log.publish(accepted.event)
        except TryLater:
            city.world.trace.append("event left to the sweeper")
        return {"receipt": accepted.receipt, "document": accepted.document, "duplicate": accepted.duplicate}

    def violations(self) -> Iterator[str]:
        """What it told at its end, and what it wrote down, against each other."""
        numbers = self.numbers
        if numbers is None:
            yield "the import did not come to its end"
            return
        if not numbers.balance:
            yield f"{numbers.counted} were counted, {dict(numbers.outcomes)} were found"
        try:
            written = [msgspec.json.decode(line, type=Entry) for line in self.journal.content.splitlines()]
        except msgspec.DecodeError:
            yield "the journal of the import has a line that nobody can read"
            return
        places = Counter(entry.place for entry in written)
        if places != Counter(item.place for item in self.found):
            yield f"the journal of the import has {dict(places)}"
        if Counter(entry.outcome for entry in written) != numbers.outcomes:
            yield f"the journal does not say what the import told: {dict(numbers.outcomes)}"
        for entry in written:
            if entry.outcome != "refused" and entry.receipt not in self.city.acknowledged:
                yield f"{entry.place} was imported under {entry.receipt or 'no receipt'}, which nobody was given"


@dataclass
class Importing:
    """The archive of a story and whoever imports it."""

    city: City
    commands: list[Command] = field(default_factory=list)

    def join(self) -> None:
        """Before the story begins. Now and then somebody starts the command on another machine as well."""
        chance = self.city.world.chance
        self.city.at_end.enter_context(patch.object(delivering, "ThreadPoolExecutor", OneHand))
        found = _archive(self.city)
        for number in range(1 + (chance.random() < 0.3)):
            command = Command(self.city, found)
            self.commands.append(command)
            name, nothing = f"import-{number}", lambda: None
            process = Process(name, command.run, on_crash=command.die, on_stall=nothing, once=True)
            self.city.world.processes.append(process)

    def violations(self) -> Iterator[str]:
        """Every promise of an import that this story broke."""
        for command in self.commands:
            yield from command.violations()
        blobs = self.city.blobs.blobs[Bucket.RECORDS]
        read = (record_files.decode(Receipt, blobs[key]) for key in blobs if "/receipts/" in key)
        copies = Counter((r.properties[FOLDER], r.sha256) for r in read if FOLDER in r.properties)
        yield from (f"a mail of {folder} is there {count} times" for (folder, _), count in copies.items() if count > 1)


def _archive(city: City) -> list[Item]:
    """Mails in folders, some of them copies, and files that are none."""
    chance = city.world.chance
    mails = [actors.mail(f"Archiv {number}", actors.FILE) for number in range(chance.randint(1, 2))]
    copies = [chance.choice([*mails, actors.mail("Anfrage 0", actors.FILE)]) for _ in range(chance.randint(1, 2))]
    found = [
        Item(place=f"alt/{number}.eml", folder=chance.choice(("alt", "alt/2016")), read=lambda mail=mail: mail)  # type: ignore[misc]
        for number, mail in enumerate([*mails, *copies])
    ]
    chance.shuffle(found)
    return [*found, Item(place="alt/liesmich", folder="alt", problem="no_mail")]
