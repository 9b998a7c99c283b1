"""Classification begins with what another process kept of decisions: few reads, the same answers, nothing erased."""

import copy
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO

import pytest

from services.classification.knowledge import remembering
from services.classification.knowledge.known import known
from services.classification.knowledge.remembering import remember
from services.classification.remembered import keeping
from services.classification.service import SERVICE as CLASSIFICATION
from services.core import keys
from services.core.errors import NotPermitted
from services.core.keys import Bucket
from services.core.messages.events import DocumentErased
from services.core.model.record_files import Classification
from tests.benchmarks.archive import Archive, Words, code_of
from tests.component.registry_office import TENANT, RegistryOffice
from tests.component.test_learning import AGAIN, POTHOLE, first
from tests.fakes.blob_store import MemoryBlobStore

WORDS = Words(24, seed=5)
CODES = [code_of(place) for place in range(24)]


class CountingArchive(Archive):
    """An archive that counts how its records are asked for."""

    asked: Counter[str]

    def read(self, bucket: Bucket, key: str) -> bytes:
        self.asked[f"read {bucket}"] += 1
        return super().read(bucket, key)


class ClosedArchive(CountingArchive):
    """One whose key may not write what is derived: rights were not brought up to date."""

    def create(self, bucket: Bucket, key: str, content: bytes | BinaryIO) -> bool:
        if bucket is Bucket.DERIVED:
            raise NotPermitted
        return super().create(bucket, key, content)


def city(letters: int) -> CountingArchive:
    """A store in which clerks decided about so many letters."""
    store = CountingArchive(letters, WORDS, CODES)
    store.asked = Counter()
    return store


def begun(store: MemoryBlobStore) -> RegistryOffice:
    """A process that begins over this store and remembers nothing."""
    office = RegistryOffice(store, classification={"meaning": False})
    office.configuration.force("plan", WORDS.plan())
    assert CLASSIFICATION.begin
    CLASSIFICATION.begin(office.contexts["classification"])
    return office


def seen_anew(store: Archive) -> CountingArchive:
    """The same disk, as another process sees it."""
    other = copy.copy(store)
    assert isinstance(other, CountingArchive)
    other.asked = Counter()
    return other


def lessons_of(office: RegistryOffice) -> list[str]:
    return [one.document for one in known(office.contexts["classification"]).lessons.all()]


def test_without_the_right_to_keep_it_begins_from_the_records() -> None:
    """It knows the same, keeps nothing, and its rounds tell of the refusal instead of ending."""
    open_store, closed = city(150), ClosedArchive(150, WORDS, CODES)
    closed.asked = Counter()
    office = begun(closed)
    assert lessons_of(office) == lessons_of(begun(open_store))
    assert not list(closed.keys(Bucket.DERIVED, keys.remembered(TENANT)))
    with pytest.raises(NotPermitted):
        remember(office.contexts["classification"])


def test_a_start_reads_no_more_where_more_was_decided() -> None:
    """The second process of a city reads as few blobs after four hundred decisions as after a hundred and fifty."""
    asked = []
    for letters in (150, 400):
        store = city(letters)
        before = begun(store)
        assert store.asked["read records"] >= letters
        after = begun(seen_anew(store))
        assert lessons_of(after) == lessons_of(before)
        versions = {known(office.contexts["classification"]).version for office in (before, after)}
        assert len(versions) == 1
        asked.append(after.blobs.asked.total())
    assert asked[0] == asked[1] < 20


def judged(office: RegistryOffice, text: str) -> Classification:
    """As a letter that is there already for every process is judged by one of them."""
    event = office.read(text)
    office.handle(event)
    made = office.record(event.document).classification
    assert made
    return made


def test_both_answer_alike() -> None:
    """A letter gets the same candidates, evidence and version of knowledge from who read all and who began with it."""
    store = city(150)
    answers = []
    begun(store)
    for office in (begun(without_kept(store)), begun(seen_anew(store))):
        made = judged(office, WORDS.letter(7, -1))
        answers.append((made.candidates, made.evidence, made.knowledge_version, made.office_confidence))
    assert answers[0] == answers[1]
    assert answers[0][1]


def without_kept(store: Archive) -> CountingArchive:
    """A copy of the store that lost what is derived."""
    other = seen_anew(store)
    other.blobs = {bucket: dict(found) for bucket, found in store.blobs.items()}
    other._sorted = {bucket: list(found) for bucket, found in store._sorted.items()}
    for key in list(other.blobs[Bucket.DERIVED]):
        other.lose(Bucket.DERIVED, key)
    return other


def test_what_is_lost_is_made_again() -> None:
    """Who begins without it reads the records and keeps what they say, for the next one."""
    store = city(150)
    before = begun(store)
    lost = without_kept(store)
    assert lessons_of(begun(lost)) == lessons_of(before)
    assert lost.asked["read records"] >= 150
    assert len(kept_in(lost)) == 1


def kept_in(store: MemoryBlobStore) -> list[str]:
    return list(store.keys(Bucket.DERIVED, keys.remembered(TENANT)))


def spoiled(content: bytes) -> bytes:
    return content[:-9] + bytes(9)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def of_a_newer_version(content: bytes) -> bytes:
    return content.replace(b"lessons-1", b"lessons-9", 1)


@pytest.mark.parametrize("damage", [spoiled, cut, of_a_newer_version, lambda _: b""])
def test_what_nobody_can_read_is_not_there(damage: Callable[[bytes], bytes]) -> None:
    """Broken, cut short or newer: the records are read, as if there were none."""
    store = city(150)
    before = begun(store)
    (key,) = kept_in(store)
    store.replace(Bucket.DERIVED, key, damage(store.blobs[Bucket.DERIVED][key]))
    store.asked.clear()
    other = seen_anew(store)
    assert lessons_of(begun(other)) == lessons_of(before)
    assert other.asked["read records"] >= 150


def test_a_store_that_was_put_back_is_read_anew() -> None:
    """Where the pointer that was seen last is there no more, decisions may be gone that were remembered."""
    store = city(150)
    begun(store)
    other = seen_anew(store)
    other._pointers = store._pointers[:120]
    assert len(lessons_of(begun(other))) == 120


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> RegistryOffice:
    """A registry that keeps what it knows after each decision."""
    monkeypatch.setattr(remembering, "FRESH", 1)
    return RegistryOffice()


def taught(office: RegistryOffice) -> str:
    """The document of a decision that is kept."""
    event = office.read(POTHOLE)
    office.work(event)
    office.work(office.decide(event.document, "file", position="54.10.01"))
    remember(office.contexts["classification"])
    assert kept_in(office.blobs)
    return event.document


def erase(office: RegistryOffice, document: str) -> None:
    """With the event that tells of it."""
    office.erase(document)
    facts = DocumentErased(
        document=document, incarnation=0, decision="462f8499-6251-54c3-9641-542ef724f910", proof_key="proof"
    )
    office.taught(office.told(facts, f"erased {document}"))


def elsewhere(office: RegistryOffice) -> RegistryOffice:
    """A process that begins beside it now."""
    other = RegistryOffice(copy.copy(office.blobs))
    other.clock.advance(office.clock.now() - other.clock.now())
    known(other.contexts["classification"])
    return other


def test_who_begins_knows_what_came_after(office: RegistryOffice) -> None:
    """A decision that was taken back since is not believed, and a new one is known."""
    document = taught(office)
    assert first(elsewhere(office).classify(AGAIN)) == ("54.10.01", "neighbour")
    office.work(office.decide(document, "reopen"))
    assert first(elsewhere(office).classify(AGAIN))[1] != "neighbour"


def test_nothing_of_an_erased_document_is_kept(office: RegistryOffice) -> None:
    """What is kept goes as soon as the erasure is heard of; what is kept afterwards has no word of it."""
    document = taught(office)
    erase(office, document)
    assert not kept_in(office.blobs)
    other = office.read("Ganz anderer Brief wegen der Hundesteuer meines Dackels.")
    office.work(other)
    office.work(office.decide(other.document, "file", position="54.10.01"))
    remember(office.contexts["classification"])
    (key,) = kept_in(office.blobs)
    content = office.blobs.read(Bucket.DERIVED, key)
    assert document.encode() not in content
    assert b"schlag" not in content
    assert b"hundesteu" in content


def test_an_erasure_while_it_is_written_takes_it_away(office: RegistryOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pointer of the erasure comes between what a process knows and what it keeps: nothing of it stays."""
    document = taught(office)
    office.work(office.read("Noch ein Brief."))
    context, write = office.contexts["classification"], keeping.store

    def meanwhile(*args: object) -> str:
        erase(office, document)
        return write(*args)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(remembering, "FRESH", 0)
    monkeypatch.setattr(keeping, "store", meanwhile)
    remember(context)
    assert not kept_in(office.blobs)


def test_only_the_newest_is_kept(office: RegistryOffice) -> None:
    """However often decisions are kept, one blob stays, and without new ones none is written."""
    for _ in range(3):
        taught(office)
    before = kept_in(office.blobs)
    assert len(before) == 1
    remember(office.contexts["classification"])
    assert kept_in(office.blobs) == before
