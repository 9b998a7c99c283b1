"""A batch of scans and its documents, as they are told."""

from pydantic import BaseModel

from services.core.model.batches.sheets import fault_shown, faults_shown, pages_shown
from services.core.model.record_files import Extraction, Receipt
from services.runtime.translation.speaking import language


class PartOfOut(BaseModel):
    """Where a document was taken from."""

    document: str
    """The batch."""
    number: int
    count: int
    pages: str
    """Of the batch, runs and single ones."""
    cover: str = ""
    """What is wrong with its cover sheet, in words."""


class SeparatedOut(BaseModel):
    """One document of a batch."""

    document: str
    pages: str


class SheetFault(BaseModel):
    """What does not add up: its code and the sentence."""

    code: str
    text: str


class SheetsOut(BaseModel):
    """Where every page of a batch went."""

    page_count: int
    separator_count: int
    cover_count: int
    blank_count: int
    left_out_count: int = 0
    """Pages that a clerk took into no document."""
    backs_from: int | None = None
    """The first page of the backs, where fronts and backs came as two stacks; the documents have them in order."""
    documents: list[SeparatedOut]
    """Empty where it is one document itself."""
    faults: list[SheetFault]


def part_of(receipt: Receipt | None) -> PartOfOut | None:
    """The batch, by the arrival that the viewer may know of."""
    told = receipt.part_of if receipt else None
    if told is None:
        return None
    fault = told.cover.fault if told.cover else None
    return PartOfOut(
        document=told.document,
        number=told.number,
        count=told.count,
        pages=pages_shown(told.pages, told.turns, language()),
        cover=fault_shown(fault, language()) if fault else "",
    )


def sheets_of(extraction: Extraction | None) -> SheetsOut | None:
    """The account of a batch; None for what is none."""
    account = extraction.sheets if extraction else None
    if account is None:
        return None
    faults = zip(account.faults, faults_shown(account, language()), strict=True)
    return SheetsOut(
        page_count=account.page_count,
        separator_count=len(account.separators),
        cover_count=len(account.covers),
        blank_count=len(account.blanks),
        left_out_count=len(account.left_out),
        backs_from=account.backs_from,
        documents=[
            SeparatedOut(document=part.document, pages=pages_shown(part.pages, part.turns, language()))
            for part in account.parts
        ],
        faults=[SheetFault(code=code, text=text) for code, text in faults],
    )
