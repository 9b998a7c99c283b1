"""What is filed is told in the order of its file, whatever the order in which the service hears of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import pytest

from services.core import keys
from services.core.errors import TryLater
from services.core.gapless import last_of_gapless
from services.core.keys import Bucket
from services.core.messages import topics
from services.core.messages.envelope import Event
from services.core.messages.events import DeliveryRequested, DocumentFiled, ProcedureDelivered
from services.core.messages.procedures import Procedure, Procedures
from services.core.model import record_files
from services.core.model.record_files import RegisterEntry
from services.procedures import inbox
from services.procedures.delivering.ordering import HELD_FOR
from services.procedures.handler import handle
from services.runtime.context.service import Context
from tests.component.city_hall import CityHall, a_mail
from tests.component.surroundings import Shifted
from tests.component.test_procedures import decide, filed

NAME = "bauverfahren"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Dies(BaseException):
    """A power cut."""


class Mortal:
    """A store whose user dies before one of its writes; the first is number 1."""

    def __init__(self, blobs: Any, before: int) -> None:
        self._blobs, self.left = blobs, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        """One write less until death."""
        self.left -= 1
        if not self.left:
            raise Dies
        made: bool = self._blobs.create(bucket, key, content)
        return made


class File:
    """A file of four letters, filed while nobody took part, and what the service makes of their events."""

    def __init__(self, hall: CityHall) -> None:
        self._hall, self.context = hall, hall.contexts["procedures"]
        self.documents = [filed(hall, "52.10")]
        self.number = self._events(self.documents[0])[0].file
        for subject in ("Zweites", "Drittes", "Viertes"):
            self.documents.append(self.another(subject))

    def another(self, subject: str) -> str:
        """One more letter in the file."""
        document: str = self._hall.deliver(a_mail(subject))["document"]
        decide(self._hall, document, action="file", file=self.number)
        return document

    def taken_by(self, name: str, since: datetime | None = LONG_AGO) -> None:
        """From now on this procedure, and no other, takes part below 52; by its registration since this moment."""
        one = Procedure(name=name, positions=("52",), since=since)
        configuration = self.context.configuration
        content = record_files.encode(Procedures(procedures=(one,)))
        assert configuration.store("procedures", content, base=configuration.version("procedures"))

    def request(self, entry: int) -> Event:
        """The event by which the delivery of an entry is asked for."""
        filed_event = next(
            event
            for event in self._hall.log.published
            if isinstance(event.facts, DocumentFiled) and event.facts.document == self.documents[entry - 1]
        )
        (event,) = handle(filed_event, self.context)
        return event

    def lines(self, name: str) -> list[int]:
        """The entries in the inbox, line by line."""
        count = last_of_gapless(lambda line: inbox.there(self.context, name, line))
        return entries([inbox.line_event(self.context, name, line) for line in range(1, count + 1)])

    def _events(self, document: str) -> list[DocumentFiled]:
        facts = (event.facts for event in self._hall.log.published)
        return [one for one in facts if isinstance(one, DocumentFiled) and one.document == document]


def entries(events: Sequence[Event]) -> list[int]:
    """Of which entries these tell."""
    return [event.facts.entry or 0 for event in events if isinstance(event.facts, ProcedureDelivered)]


@pytest.fixture
def file(hall: CityHall) -> File:
    """A file of four letters."""
    made = File(hall)
    made.taken_by(NAME)
    return made


def test_all_of_a_file_are_asked_for_under_one_key_and_told_under_one(file: File) -> None:
    """So the log keeps the order of the file on both topics, whoever reads them."""
    asked = [file.request(entry) for entry in (1, 2)]
    assert {event.key for event in asked} == {f"main/{file.number}"}
    assert all(isinstance(event.facts, DeliveryRequested) for event in asked)
    assert {event.topic for event in asked} == {topics.DELIVERIES_REQUESTED}
    assert {told.key for event in asked for told in handle(event, file.context)} == {file.number}


def test_an_entry_brings_those_before_it(file: File) -> None:
    """Heard of in reverse they are told in order; their own requests then tell them once more, as repeats."""
    told = [entries(handle(file.request(entry), file.context)) for entry in (3, 1, 2, 4)]
    assert told == [[1, 2, 3], [1], [2], [4]]
    assert file.lines(NAME) == [1, 2, 3, 4]


def test_what_was_told_and_not_acknowledged_is_told_again_whole(file: File) -> None:
    """Two were handled in one batch that died before it was published: the first again brings what it brought."""
    batch = [file.request(entry) for entry in (3, 4)]
    before = [entries(handle(event, file.context)) for event in batch]
    assert [entries(handle(event, file.context)) for event in batch] == before == [[1, 2, 3], [4]]
    assert file.lines(NAME) == [1, 2, 3, 4]


def test_a_death_at_any_write_loses_and_turns_nothing(file: File) -> None:
    """Killed before each of its writes in turn, the request is handled again, and nothing can be seen of it."""
    died = 0
    for before in range(1, 30):
        name = f"verfahren-{before}"
        file.taken_by(name)
        blobs = Mortal(file.context.ports.blobs, before)
        mortal: Context = replace(file.context, ports=replace(file.context.ports, blobs=blobs))
        request = file.request(3)
        try:
            told = handle(request, mortal)
        except Dies:
            died += 1
            told = handle(request, file.context)
        assert entries(told) == [1, 2, 3], before
        assert entries(handle(file.request(4), file.context)) == [4], before
        assert file.lines(name) == [1, 2, 3, 4], before
    assert died >= 7  # three deliveries, three lines, the mark


def test_what_was_filed_before_it_took_part_is_not_its(hall: CityHall, file: File) -> None:
    """An entry brings those alone that were made since the procedure is registered for this place."""
    since = datetime.now(UTC)
    file.documents.append(file.another("Fünftes"))
    file.documents.append(file.another("Sechstes"))
    file.taken_by("neues", since)
    assert entries(handle(file.request(6), file.context)) == [5, 6]
    file.taken_by("altes", None)  # registered before that was noted: its order begins with the first it is told of
    assert entries(handle(file.request(4), file.context)) == [4]
    assert entries(handle(file.request(6), file.context)) == [5, 6]


def test_an_entry_whose_document_does_not_know_of_it_holds_the_next_for_a_while(hall: CityHall, file: File) -> None:
    """A registrar may be at it; when none comes, the file goes on without it."""
    late: str = hall.deliver(a_mail("Spätes"))["document"]
    line = RegisterEntry(
        file=file.number,
        entry=5,
        document=late,
        decision="6d27dcb4-9e0a-5f19-8985-5fce46355f46",
        position="52.10",
        plan_version="1",
        by="clerk",
        entered_at=datetime.now(UTC),
    )
    hall.ports.blobs.create(Bucket.RECORDS, keys.register_entry("main", file.number, 5), record_files.encode(line))
    file.documents += [late, file.another("Sechstes")]
    with pytest.raises(TryLater):
        handle(file.request(6), file.context)
    clock = Shifted()
    clock.ahead = HELD_FOR + timedelta(seconds=1)
    waited = replace(file.context, ports=replace(file.context.ports, clock=clock))
    assert entries(handle(file.request(6), waited)) == [1, 2, 3, 4, 6]
    assert file.lines(NAME) == [1, 2, 3, 4, 6]
