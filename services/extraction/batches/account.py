"""From what lies on the sheets to the documents between them, and whether the count is what the scanner said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from services.core.model import documents
from services.core.model.batches.covers import Cover, read
from services.core.model.batches.sheets import SeparatedPart, SheetAccount
from services.core.model.record_files import Decision, Receipt
from services.core.ports.sheets.sheet_reader import Sheet
from services.extraction.batches.stacks import in_order


def account_of(
    receipt: Receipt,
    sheets: Sequence[Sheet],
    *,
    separators: frozenset[str],
    turning: frozenset[str] = frozenset(),
    offices: Collection[str] = (),
) -> SheetAccount:
    """Where every page went. Without a separator or cover sheet it is one document, and keeps its blank pages.

    The `turning` sheets lie between two stacks of fronts and backs, which are put together first.
    """
    stacks = in_order(receipt, sheets, turning=turning)
    dividing = tuple(sheet.number for sheet in sheets if not (separators | turning).isdisjoint(sheet.codes))
    told_pages, told_documents = _told(receipt)
    if stacks.are_uneven:
        uneven = SheetAccount(page_count=len(sheets), separators=dividing, told_pages=told_pages)
        return with_faults(replace(uneven, told_documents=told_documents), "stacks_differ")
    found = {sheet.number: _cover(sheet, receipt.tenant, offices) for sheet in sheets if sheet.number not in dividing}
    laid = {number: cover for number, cover in found.items() if cover}
    pile = _Pile(receipt)
    is_pile = bool(dividing or laid or stacks.backs_from)
    pile.lay(stacks.sheets if is_pile else (), dividing, laid)
    account = SheetAccount(
        page_count=len(sheets),
        parts=tuple(pile.parts),
        separators=dividing,
        covers=tuple(laid),
        blanks=tuple(sheet.number for sheet in sheets if sheet.blank) if is_pile else (),
        backs_from=stacks.backs_from,
        told_pages=told_pages,
        told_documents=told_documents,
    )
    return with_faults(account, *(["cover_alone"] if pile.lone_covers and pile.parts else []))


@dataclass
class _Pile:
    """The sheets since the last document."""

    receipt: Receipt
    pages: list[int] = field(default_factory=list)
    parts: list[SeparatedPart] = field(default_factory=list)
    lone_covers: int = 0
    _cover: Cover | None = None

    def lay(self, sheets: Sequence[Sheet], dividing: Collection[int], covers: Mapping[int, Cover]) -> None:
        """All of them, in this order."""
        for sheet in sheets:
            if sheet.number in dividing:
                self.close()
            elif sheet.number in covers:
                self.cover(covers[sheet.number])
            elif not sheet.blank:
                self.pages.append(sheet.number)
        self.close()

    def cover(self, cover: Cover) -> None:
        """A cover sheet begins a document. The same one twice says no more; two different ones conflict."""
        if self.pages:
            self.close()
        self._cover = cover if self._cover in (None, cover) else Cover(fault="cover_twice")

    def close(self) -> None:
        """The document ends here, if there is one."""
        if self.pages:
            pages = tuple(self.pages)
            digest = documents.part_digest(self.receipt.document, pages)
            document = documents.document_id(self.receipt.tenant, "part", digest, incarnation=0)
            self.parts.append(SeparatedPart(document=document, pages=pages, cover=self._cover))
        else:
            self.lone_covers += self._cover is not None
        self.pages, self._cover = [], None


def _cover(sheet: Sheet, tenant: str, offices: Collection[str]) -> Cover | None:
    """What the sheet says as a cover sheet; None where it is none."""
    cover = next(filter(None, (read(code, tenant) for code in sheet.codes)), None)
    return Cover(fault="cover_unknown") if cover and cover.office and cover.office not in offices else cover


def rearranged(decision: Decision, before: SheetAccount | None, *, page_count: int, receipt: Receipt) -> SheetAccount:
    """Where every page is by a clerk's decision; what lies in no document is still the separator that it was."""
    told = before or SheetAccount(page_count=page_count)
    laid = {page for part in decision.arrangement for page in part.pages}
    apart = {*told.separators, *told.covers, *told.blanks}
    told_pages, told_documents = _told(receipt)
    account = SheetAccount(
        page_count=page_count,
        parts=decision.arrangement,
        separators=tuple(page for page in told.separators if page not in laid),
        covers=tuple(page for page in told.covers if page not in laid),
        blanks=tuple(page for page in told.blanks if page not in laid),
        left_out=tuple(page for page in range(1, page_count + 1) if page not in laid and page not in apart),
        told_pages=told_pages,
        told_documents=told_documents,
        backs_from=told.backs_from,
        decision=decision.decision,
    )
    return with_faults(account)


def with_faults(account: SheetAccount, *more: str) -> SheetAccount:
    """The same with what does not add up."""
    found = list(more)
    if account.told_pages not in (None, account.page_count):
        found.append("pages_differ")
    if (account.separators or account.covers) and not account.parts and not more:
        found.append("no_documents")
    elif account.told_documents not in (None, len(account.parts) or 1):
        found.append("documents_differ")
    return replace(account, faults=tuple(found))


def _told(receipt: Receipt) -> tuple[int | None, int | None]:
    """Pages and documents as the sidecar counts them; a batch of several deliveries counts those, not documents."""
    told = receipt.properties
    pages, size = told.get("scan.page_count", ""), told.get("scan.batch_size", "")
    documents_told = int(size) if size.isdigit() and "scan.sequence" not in told else None
    return (int(pages) if pages.isdigit() else None), documents_told
