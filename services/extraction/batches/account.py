"""From what lies on the sheets to the documents between them, and whether the count is what the scanner said."""

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from services.core.model import documents
from services.core.model.batches.sheets import SeparatedPart, SheetAccount
from services.core.model.record_files import Receipt
from services.core.ports.sheets.sheet_reader import Sheet


def account_of(receipt: Receipt, sheets: Sequence[Sheet], separators: frozenset[str]) -> SheetAccount:
    """Where every page went. Without a separator it is one document, and keeps its blank pages."""
    dividing = tuple(sheet.number for sheet in sheets if not separators.isdisjoint(sheet.codes))
    runs = [run for run in _between(sheets, dividing) if run] if dividing else []
    told_pages, told_documents = _told(receipt)
    account = SheetAccount(
        page_count=len(sheets),
        parts=tuple(_part(receipt, run) for run in runs),
        separators=dividing,
        blanks=tuple(sheet.number for sheet in sheets if sheet.blank) if dividing else (),
        told_pages=told_pages,
        told_documents=told_documents,
    )
    return with_faults(account)


def with_faults(account: SheetAccount, *more: str) -> SheetAccount:
    """The same with what does not add up."""
    found = list(more)
    if account.told_pages not in (None, account.page_count):
        found.append("pages_differ")
    if account.separators and not account.parts and not more:
        found.append("no_documents")
    elif account.told_documents not in (None, len(account.parts) or 1):
        found.append("documents_differ")
    return replace(account, faults=tuple(found))


def _between(sheets: Sequence[Sheet], separators: Collection[int]) -> Iterator[tuple[int, ...]]:
    """The pages between separators; none between two that follow each other."""
    run: list[int] = []
    for sheet in sheets:
        if sheet.number in separators:
            yield tuple(run)
            run = []
        elif not sheet.blank:
            run.append(sheet.number)
    yield tuple(run)


def _part(receipt: Receipt, pages: tuple[int, ...]) -> SeparatedPart:
    digest = documents.part_digest(receipt.document, pages)
    return SeparatedPart(document=documents.document_id(receipt.tenant, "part", digest, incarnation=0), pages=pages)


def _told(receipt: Receipt) -> tuple[int | None, int | None]:
    """Pages and documents as the sidecar counts them; a batch of several deliveries counts those, not documents."""
    told = receipt.properties
    pages, size = told.get("scan.page_count", ""), told.get("scan.batch_size", "")
    documents_told = int(size) if size.isdigit() and "scan.sequence" not in told else None
    return (int(pages) if pages.isdigit() else None), documents_told
