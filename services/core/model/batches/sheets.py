"""A scan of many sheets and the documents it was separated into: what belongs to which, and whether it adds up."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeAlias

from msgspec import Struct

from services.core import vocabulary
from services.core.catalogue import Language
from services.core.model.batches.covers import Cover

Turns: TypeAlias = tuple[vocabulary.Turn, ...]
"""Degrees clockwise by which a clerk turned each page, in the order of the pages; empty where all lie as they came."""


class PartOf(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The batch that a document was separated from; its source, office, time and properties are those of the batch."""

    document: vocabulary.DocumentId
    """The batch."""
    number: vocabulary.Revision
    """Which of its documents, in the order of the sheets."""
    count: vocabulary.Revision
    """How many documents the batch has."""
    pages: tuple[vocabulary.Revision, ...]
    """Its pages, as they are counted in the batch; blank ones between them are left out."""
    turns: Turns = ()
    cover: Cover | None = None


class SeparatedPart(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One document of a batch: its first incarnation, and its pages."""

    document: vocabulary.DocumentId
    pages: tuple[vocabulary.Revision, ...]
    turns: Turns = ()
    cover: Cover | None = None
    """The cover sheet that lay before it."""


class SheetAccount(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where every page went of a scan that is a batch, or that does not add up: a document, a separator, blank."""

    page_count: vocabulary.Count
    parts: tuple[SeparatedPart, ...] = ()
    """The documents it was separated into; none where it is one document itself."""
    separators: tuple[vocabulary.Revision, ...] = ()
    covers: tuple[vocabulary.Revision, ...] = ()
    """Cover sheets."""
    blanks: tuple[vocabulary.Revision, ...] = ()
    """Pages without anything on them, left out of the parts."""
    left_out: tuple[vocabulary.Revision, ...] = ()
    """Pages that a clerk took into no document."""
    backs_from: vocabulary.Revision | None = None
    """The first page of the stack of backs, which lies from the last to the first; none where it is one stack."""
    told_pages: vocabulary.Count | None = None
    """How many pages the scanner counted."""
    told_documents: vocabulary.Count | None = None
    """How many documents the scanner counted in it."""
    faults: tuple[vocabulary.Code, ...] = ()
    """What is wrong: `pages_differ`, `documents_differ`, `no_documents`, `cover_alone`, `stacks_differ`,
    `not_looked`, `not_taken`."""
    decision: vocabulary.DecisionId | None = None
    """The clerk's decision that arranged the pages so; none where the sheets themselves said it."""

    @property
    def is_batch(self) -> bool:
        """Whether its documents stand for it."""
        return bool(self.parts)


FAULTS: dict[str, tuple[str, str]] = {
    "pages_differ": (
        "Der Scanner hat {told_pages} Seiten gezählt, es sind {page_count}.",
        "The scanner counted {told_pages} pages, there are {page_count}.",
    ),
    "documents_differ": (
        "Der Scanner hat {told_documents} Schriftstücke gezählt, es sind {documents}.",
        "The scanner counted {told_documents} documents, there are {documents}.",
    ),
    "no_documents": (
        "Zwischen den Trenn- und Deckblättern liegt kein Schriftstück.",
        "There is no document between the separator and cover sheets.",
    ),
    "cover_alone": (
        "Hinter einem Deckblatt liegt kein Schriftstück.",
        "There is no document behind a cover sheet.",
    ),
    "stacks_differ": (
        "Vorder- und Rückseiten sind nicht gleich viele; der Stapel wurde nicht zusammengeführt.",
        "Fronts and backs are not equal in number; the pile was not put together.",
    ),
    "cover_broken": (
        "Das Deckblatt ist beschädigt: Form oder Prüfsumme stimmen nicht.",
        "The cover sheet is damaged: form or check digits do not agree.",
    ),
    "cover_foreign": (
        "Das Deckblatt gehört einer anderen Verwaltung.",
        "The cover sheet belongs to another administration.",
    ),
    "cover_unknown": (
        "Das Deckblatt nennt ein Amt oder eine Fassung, die es hier nicht gibt.",
        "The cover sheet names an office or a version that does not exist here.",
    ),
    "cover_twice": (
        "Vor dem Schriftstück liegen zwei verschiedene Deckblätter.",
        "Two different cover sheets lie before the document.",
    ),
    "not_looked": (
        "Nach Trennblättern konnte nicht gesucht werden: zu viele Seiten, oder es dauerte zu lange.",
        "Separator sheets could not be looked for: too many pages, or it took too long.",
    ),
    "not_taken": (
        "Der Stapel hat Trennblätter, konnte aber nicht getrennt werden.",
        "The pile has separator sheets, but could not be separated.",
    ),
}
"""What a person is told of each, in German and English."""


def fault_shown(code: str, language: Language = "de") -> str:
    """The sentence for what is wrong, with the numbers that it names still to be put in."""
    return FAULTS.get(code, (code, code))[language == "en"]


def faults_shown(account: SheetAccount, language: Language = "de") -> list[str]:
    """What does not add up, in words."""
    told = {"told_pages": account.told_pages, "told_documents": account.told_documents}
    counted = {"page_count": account.page_count, "documents": max(1, len(account.parts))}
    return [fault_shown(code, language).format(**told, **counted) for code in account.faults]


def pages_shown(pages: Sequence[int], turns: Sequence[int] = (), language: Language = "de") -> str:
    """Pages as runs: 3 to 5, 7; and which of them are turned."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}\N{EN DASH}{run[-1]}" for run in runs)
    around, said = ("um", "gedreht") if language == "de" else ("by", "turned")
    turned = [f"{page} {around} {turn}°" for page, turn in zip_longest(pages, turns, fillvalue=0) if turn]
    return f"{shown} ({said}: {', '.join(turned)})" if turned else shown
