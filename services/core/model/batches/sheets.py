"""A scan of many sheets and the documents it was separated into: what belongs to which, and whether it adds up."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeAlias

from msgspec import Struct

from services.core import vocabulary
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


FAULTS = {
    "pages_differ": "Der Scanner hat {told_pages} Seiten gezählt, es sind {page_count}.",
    "documents_differ": "Der Scanner hat {told_documents} Schriftstücke gezählt, es sind {documents}.",
    "no_documents": "Zwischen den Trenn- und Deckblättern liegt kein Schriftstück.",
    "cover_alone": "Hinter einem Deckblatt liegt kein Schriftstück.",
    "stacks_differ": "Vorder- und Rückseiten sind nicht gleich viele; der Stapel wurde nicht zusammengeführt.",
    "cover_broken": "Das Deckblatt ist beschädigt: Form oder Prüfsumme stimmen nicht.",
    "cover_foreign": "Das Deckblatt gehört einer anderen Verwaltung.",
    "cover_unknown": "Das Deckblatt nennt ein Amt oder eine Fassung, die es hier nicht gibt.",
    "cover_twice": "Vor dem Schriftstück liegen zwei verschiedene Deckblätter.",
    "not_looked": "Nach Trennblättern konnte nicht gesucht werden: zu viele Seiten, oder es dauerte zu lange.",
    "not_taken": "Der Stapel hat Trennblätter, konnte aber nicht getrennt werden.",
}
"""What a person is told of each."""


def faults_shown(account: SheetAccount) -> list[str]:
    """What does not add up, in German."""
    told = {"told_pages": account.told_pages, "told_documents": account.told_documents}
    counted = {"page_count": account.page_count, "documents": max(1, len(account.parts))}
    return [FAULTS.get(code, code).format(**told, **counted) for code in account.faults]


def pages_shown(pages: Sequence[int], turns: Sequence[int] = ()) -> str:
    """Pages as runs: 3 to 5, 7; and which of them are turned."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}\N{EN DASH}{run[-1]}" for run in runs)
    turned = [f"{page} um {turn}°" for page, turn in zip_longest(pages, turns, fillvalue=0) if turn]
    return f"{shown} (gedreht: {', '.join(turned)})" if turned else shown
