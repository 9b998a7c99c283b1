"""The scanner and the clerks who arrange pages: batches come in, are separated and put in order, whatever dies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from services.core import keys
from services.core.errors import BlobMissing, Rejected, TryLater
from services.core.keys import Bucket
from services.core.model import record
from services.core.model.accounts import Caller
from services.core.model.batches import covers
from services.core.model.batches.sheets import SeparatedPart, SheetAccount
from services.core.model.record import Record
from services.core.ports.entries import Viewer
from services.core.protocol.arranging import is_carried_out, page_count_of
from services.filing import decisions
from services.filing.decisions import Wish
from tests.fakes.readers import SHEETS
from tests.simulation import actors
from tests.simulation.actors import FILE, SECRET
from tests.simulation.city import City
from tests.simulation.decay import is_whole

CLERKS = 2
LOOKS = 4
SEPARATOR = "[PATCHT]"
COVERS = (
    f"[{covers.written('main', file=FILE)}]",
    f"[{covers.written('main', office='bauamt')}]",
    f"[{covers.written('nachbarstadt', file=FILE)}]",
)


@dataclass
class Scanning:
    """Who scans and who arranges in one story, and what they were told."""

    city: City
    scans: dict[str, bytes] = field(default_factory=dict)
    """What was laid into the feeder, by the word of the scan."""
    made: dict[str, str] = field(default_factory=dict)
    """Decisions about pages that clerks were told of, and their documents."""
    taken_back: int = 0
    number: int = 0

    def join(self) -> None:
        """Before the story begins."""
        chance = self.city.world.chance
        batches = [_batch(self.city, number) for number in range(chance.randint(1, 2))]
        again = batches[:1] if chance.random() < 0.3 else []
        for place, (content, told) in enumerate([*batches, *again]):
            self.city.add(f"scanner-{place}", lambda content=content, told=told: self._scan(content, told))  # type: ignore[misc]
        for clerk in range(CLERKS):
            self.city.add(f"arranger-{clerk}", self._work)

    def _scan(self, content: bytes, told: dict[str, str]) -> None:
        actors.send(self.city, content, self.city.receive, properties=told)

    def _work(self) -> None:
        chance = self.city.world.chance
        for _ in range(LOOKS):
            self.city.world.sleep(3)
            for document in self._documents():
                if chance.random() < 0.5:
                    self._decide(document)

    def _documents(self) -> list[str]:
        """Scans and what they were separated into, as a clerk finds them in the list."""
        disk = self.city.blobs.blobs[Bucket.ORIGINALS]
        return [key.rpartition("/")[2] for key in sorted(disk) if disk[key].startswith(SHEETS)]

    def _decide(self, document: str) -> None:
        self.number += 1
        name = f"r-{self.number}"
        viewer = Viewer(account=name, tenant="main", all_offices=True)
        caller = Caller(id=name, source=name, rights=frozenset({"decide"}), viewer=viewer)
        try:
            found = record.load(self.city.blobs, "main", document)
            wish = msgspec.convert({"base_version": found.version, **self._wanted(found)}, Wish)
            context, announcer = self.city.contexts["filing"], self.city.announcer
            made = decisions.decide(wish, document, caller, context=context, announcer=announcer)
            self.made[made.decision] = document
            self.taken_back += wish.action == "reopen"
        except (TryLater, BlobMissing, Rejected) as error:
            self.city.world.trace.append(f"{name} put off: {error}")

    def _wanted(self, found: Record) -> dict[str, Any]:
        chance = self.city.world.chance
        count = page_count_of(found)
        dice = chance.random()
        if not count or dice < 0.1:
            return chance.choice(actors.CHOICES)
        if dice < 0.3:
            return {"action": "reopen"}
        return {"action": "arrange", "documents": self._arrangement(found, count)}

    def _arrangement(self, found: Record, count: int) -> list[dict[str, Any]]:
        """Two documents joined, or all pages laid out anew; some left out, some turned."""
        chance = self.city.world.chance
        sheets = found.extraction.sheets if found.extraction else None
        now = [list(part.pages) for part in sheets.parts] if sheets else []
        if len(now) > 1 and chance.random() < 0.5:
            joined = now.pop(chance.randrange(1, len(now)))
            now[0] += joined
            return [{"pages": pages} for pages in now]
        pages = list(range(1, count + 1))
        chance.shuffle(pages)
        laid = pages[: chance.randint(1, count)]
        cut = chance.randint(1, len(laid))
        turns = [chance.choice((0, 0, 90, 180)) for _ in laid[:cut]]
        return [{"pages": laid[:cut], "turns": turns}, *([{"pages": laid[cut:]}] if laid[cut:] else [])]

    def violations(self) -> list[str]:
        """Every promise about scans that this story broke."""
        found = {document: record.load(self.city.blobs, "main", document) for document in self._documents()}
        standing = {name: there for name, there in found.items() if there.receipts and not there.erased}
        return [
            *(told for there in standing.values() for told in self._of_scan(there)),
            *(told for there in standing.values() for told in self._of_part(there, standing)),
            *self._decisions_stand(),
        ]

    def _of_scan(self, scan: Record) -> Iterator[str]:
        """The account balances, every document of it is there with its pages and arrivals, and nobody set it aside."""
        if not is_carried_out(scan):
            yield f"the pages of {scan.document} do not lie as a clerk was told"
        sheets = scan.extraction.sheets if scan.extraction else None
        if sheets is None:
            return
        pages = self._pages(scan.document)
        if pages and sheets.page_count != len(pages):
            yield f"{scan.document} has {len(pages)} pages, and its account {sheets.page_count}"
        if sheets.is_batch and _accounted(sheets) != list(range(1, sheets.page_count + 1)):
            yield f"the account of {scan.document} does not balance: {_accounted(sheets)} of {sheets.page_count}"
        for part in sheets.parts:
            yield from self._of_place(scan, part, pages)

    def _of_place(self, scan: Record, part: SeparatedPart, pages: list[bytes]) -> Iterator[str]:
        there = record.load(self.city.blobs, "main", part.document)
        if len(there.receipts) != len(scan.receipts) and is_whole(self.city, scan.document):
            yield f"{part.document} has {len(there.receipts)} arrivals, its scan {len(scan.receipts)}"
        turns = part.turns or (0,) * len(part.pages)
        wanted = [_turned(pages[page - 1], turn) for page, turn in zip(part.pages, turns, strict=True)] if pages else []
        if pages and there.receipts and self._pages(part.document) not in ([], wanted):
            yield f"{part.document} has other pages than {part.pages}"
        if there.decisions and there.decisions[-1].action == "supersede":
            yield f"{part.document} is a document of {scan.document}, and set aside"

    def _of_part(self, part: Record, standing: dict[str, Record]) -> Iterator[str]:
        """What has no pages any more was told so, or a person has said otherwise."""
        part_of = part.receipts[0].part_of
        scan = standing.get(part_of.document) if part_of else None
        if scan is None:
            return
        sheets = scan.extraction.sheets if scan.extraction else None
        if part.document not in {one.document for one in (sheets.parts if sheets else ())} and not part.decisions:
            yield f"the pages of {part.document} are in other documents, and nobody told it"

    def _decisions_stand(self) -> Iterator[str]:
        for decision, document in self.made.items():
            there = record.load(self.city.blobs, "main", document)
            if not there.erased and decision not in {one.decision for one in there.decisions}:
                yield f"the decision {decision} was acknowledged and is not in the record of {document}"

    def _pages(self, document: str) -> list[bytes]:
        """As they lie in the store; none where the original came to harm."""
        stored = self.city.blobs.blobs[Bucket.ORIGINALS].get(keys.original("main", document), b"")
        return [] if document in self.city.harmed else stored.split(b"\f")[1:]


def _accounted(sheets: SheetAccount) -> list[int]:
    laid = [page for part in sheets.parts for page in part.pages]
    return sorted([*laid, *sheets.separators, *sheets.covers, *sheets.blanks, *sheets.left_out])


def _turned(page: bytes, turn: int) -> bytes:
    """As the fake writes a turned page."""
    return page + (b" (gedreht um %d)" % turn if turn else b"")


def _batch(city: City, batch: int) -> tuple[bytes, dict[str, str]]:
    """One to three letters with what lies between them, and what the scanner counted: now and then wrongly."""
    chance = city.world.chance
    pages: list[str] = []
    for letter in range(chance.randint(1, 3)):
        pages += chance.choice(([], [SEPARATOR], [SEPARATOR] * 2, [chance.choice(COVERS)], [SEPARATOR, COVERS[0]]))
        for page in range(chance.randint(1, 3)):
            pages += [""] if chance.random() < 0.2 else []
            pages.append(f"{SECRET} Stapel {batch} Brief {letter} Seite {page}")
    pages += [SEPARATOR] if chance.random() < 0.3 else []
    counted = len(pages) + (chance.random() < 0.1)
    told = {"scan.page_count": str(counted)} if chance.random() < 0.5 else {}
    return SHEETS + "\f".join(pages).encode(), told
