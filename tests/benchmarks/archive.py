"""An archive of decided letters that are written when they are read: a hundred thousand would fill a disk for nothing.

Its letters come from a seed. Each has words of its position, of everybody's, and a few that nobody else uses, so that
what a training learns grows as that of a city does.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages.envelope import event_id
from services.core.model import record_files
from services.core.model.documents import document_id
from services.core.model.record_files import Decision, Extraction, MailHead, Part
from services.core.plan.file_plan import FilePlan, PlanPosition
from tests.component.registry_office import TENANT
from tests.fakes.blob_store import MemoryBlobStore

NOW = datetime(2026, 11, 23, tzinfo=UTC)
_SYLLABLES = "ba ber dach de fel gar ge hal hof in kar ke land le mar mo nen ort rat rei sam schul sta tal um ver wa zu"
_OWN, _COMMON = 60, 5_000
"""Words of each position, and of all together."""
_FROM_OWN, _FROM_COMMON, _NAMES = 25, 90, 3
"""Of a letter: words of its position, of everybody, and names that it has for itself."""
_ACCOUNTS, _SENDERS = 40, 3_000
_HEADS = 12
"""Positions of a group."""


class Words:
    """Who says what: the words of so many positions."""

    def __init__(self, positions: int, seed: int) -> None:
        chance = random.Random(seed)
        self.common = [_word(chance) for _ in range(_COMMON)]
        self.own = [[_word(chance) for _ in range(_OWN)] for _ in range(positions)]
        self._weights = tuple(accumulate(1 / (rank + 3) for rank in range(_COMMON)))

    def letter(self, position: int, number: int) -> str:
        """The letter of a number, about a matter of a position."""
        chance = random.Random(f"{position}/{number}")
        said = chance.choices(self.own[position], k=_FROM_OWN)
        said += chance.choices(self.common, cum_weights=self._weights, k=_FROM_COMMON)
        said += [_word(chance).title() for _ in range(_NAMES)]
        chance.shuffle(said)
        return " ".join(said)

    def plan(self) -> FilePlan:
        """A plan of these positions, a group for each dozen of them."""
        found: list[PlanPosition] = []
        for place, own in enumerate(self.own):
            group, here = divmod(place, _HEADS)
            head = f"{group + 10}"
            if not here:
                found.append(PlanPosition(code=head, title=f"Gruppe {head}", office="amt"))
            found.append(
                PlanPosition(
                    code=code_of(place),
                    parent=head,
                    office="amt",
                    title=" ".join(own[:2]),
                    description=" ".join(own[2:8]),
                    keywords=tuple(own[8:11]),
                )
            )
        return FilePlan(name="Stadt", version="1", offices={"amt": "Amt"}, positions=tuple(found))


def code_of(place: int) -> str:
    """The code of a position."""
    group, here = divmod(place, _HEADS)
    return f"{group + 10}.{here:02d}"


class Archive(MemoryBlobStore):
    """A store in memory, in which so many decided letters seem to lie."""

    def __init__(self, letters: int, words: Words, codes: Sequence[str]) -> None:
        """`codes` are the positions that clerks put the letters to, one after another."""
        super().__init__()
        self._words, self._codes = words, codes
        names = (document_id(TENANT, "bytes", f"f{number:063x}", incarnation=0) for number in range(letters))
        self._number = {name: number for number, name in enumerate(names)}
        times = ((name, NOW - timedelta(minutes=letters - number)) for name, number in self._number.items())
        self._pointers = [keys.lesson(TENANT, moment, name, event_id(name, "decision")) for name, moment in times]

    def keys(self, bucket: Bucket, prefix: str, after: str = "") -> Iterator[str]:
        if bucket is Bucket.RECORDS and prefix == keys.lessons(TENANT):
            return (key for key in self._pointers if key > after)
        document = _document(prefix)
        if document in self._number:
            stages = (keys.stage(TENANT, document, stage, 1) for stage in ("decision", "extraction"))
            return (key for key in stages if key > after)
        return super().keys(bucket, prefix, after)

    def read(self, bucket: Bucket, key: str) -> bytes:
        number = self._number.get(_document(key))
        if number is None:
            return super().read(bucket, key)
        if key == keys.stage(TENANT, _document(key), "extraction", 1):
            return record_files.encode(self._extraction(number))
        if key == keys.stage(TENANT, _document(key), "decision", 1):
            return record_files.encode(self._decision(number))
        raise BlobMissing(key)

    def size(self, bucket: Bucket, key: str) -> int | None:
        return 1 if key in self._pointers[-1:] else super().size(bucket, key)

    def with_newest(self, letters: int) -> "Archive":
        """The same archive, the model that was trained by it too, with pointers to so many of its letters."""
        store = Archive(len(self._number), self._words, self._codes)
        store._pointers = self._pointers[len(self._pointers) - letters :]
        store.blobs, store._sorted = self.blobs, self._sorted
        return store

    def _extraction(self, number: int) -> Extraction:
        place = number % len(self._codes)
        return Extraction(
            cause=event_id(str(number), "extracted"),
            made_at=NOW,
            complete=True,
            extractor_version="1",
            title=self._words.own[place][number % _OWN],
            mail=MailHead(sender=f"<a{number * 7919 % _SENDERS}@example.org>"),
            parts=(Part(part="0", text=self._words.letter(place, number), role="body"),),
        )

    def _decision(self, number: int) -> Decision:
        return Decision(
            decision=event_id(str(number), "decision"),
            decided_at=NOW - timedelta(minutes=len(self._number) - number),
            base_revision=1,
            action="file",
            position=self._codes[number % len(self._codes)],
            actor=f"a-{number % _ACCOUNTS}",
        )


def _document(key: str) -> str:
    above, _, rest = key.partition(keys.documents(TENANT))
    return "" if above else rest.partition("/")[0]


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES.split(), k=chance.randint(2, 5)))
