"""The file plan (Aktenplan): what a city's records are sorted by, and the rules that lead a document to its place.

Terms after xdomea 4.0 (AktenplaneinheitType): files are opened only at positions without children; a closed position
takes no new files, what lies there stays findable. The plan is versioned; the schema is `schemas/file-plan.v1.json`.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Literal

import msgspec
from msgspec import Struct

from services.core import vocabulary as w
from services.core.language.runs import Runs
from services.core.plan.file_numbers import FileNumber

Disposal = Literal["archive", "appraise", "destroy"]
"""Aussonderungsart: A archivwürdig, B bewerten, V vernichten."""


Filing = Literal["case", "collective"]
"""`case`: a file each matter, so only an existing file is certain. `collective`: one file a year (Sammelakte), which
automation fills with the letters that are sure to belong here."""

Cases = Literal["none", "optional", "required"]
"""Whether a file here has Vorgänge: never, where a clerk opens one, or in such a way that each document lies in one."""

_FOLDS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("_", " "))
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """The words of a text, each between blanks, without case and with umlauts spelt out: what rules compare.

    Composed characters first (a mail may bring `a` with two combining dots), then ä=ae, ß=ss.
    """
    return f" {' '.join(chain.from_iterable(_WORDS.of(text.split())))} "


def folded_words(run: str) -> list[str]:
    """Those of letters without a blank between them; nothing composes, folds or is one word across a blank."""
    run = unicodedata.normalize("NFKC", run).lower()
    for letter, spelt in _FOLDS:
        run = run.replace(letter, spelt)
    return _WORD.findall(run)


_WORDS = Runs(folded_words)


class Retention(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Aufbewahrungsfrist: whole years after the file is closed, or for good (`years` absent)."""

    years: w.Count | None = None


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Leads to its position when all of its words stand in the title or text, or the mail went to its address."""

    words: tuple[str, ...] = ()
    """Compared without case, umlauts written either way; several words are a phrase."""
    address: str = ""
    confidence: w.Confidence = 0.9


class PlanPosition(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One node of the plan."""

    code: w.Position
    title: str
    parent: w.Position | None = None
    description: str = ""
    keywords: tuple[str, ...] = ()
    office: w.Office = w.MAIN_OFFICE
    retention: Retention = Retention()
    disposal: Disposal = "appraise"
    protection: w.Protection = 1
    """Datenschutzstufe: 1 normal, 2 personal, 3 especially sensitive; what lies here is seen by whoever has it."""
    closed: bool = False
    valid_from: date | None = None
    """Gueltigkeit: the first and the last day on which files are opened here; outside of them it is as if closed."""
    valid_until: date | None = None
    see_also: tuple[w.Position, ...] = ()
    """VerweisAktenplaneinheit: where one may look as well, also in an earlier version of the plan."""
    replaces: tuple[w.Position, ...] = ()
    """Positions of an earlier version whose matters go on here: one of a renumbered, several of a merged position."""
    kgst: tuple[w.ProductNumber, ...] = ()
    """Products of the budget that are done here, as KGSt and the states' frameworks number them (`541`, `541-10`)."""
    leika: tuple[w.ServiceKey, ...] = ()
    """Services by their key in the catalogue of public services (LeiKa, FIM): fourteen digits."""
    filing: Filing = "case"
    cases: Cases = "none"
    rules: tuple[Rule, ...] = ()

    def is_valid_on(self, day: date) -> bool:
        """Whether the day is none before its first and none behind its last one."""
        return (self.valid_from or day) <= day <= (self.valid_until or day)


class FilePlan(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, dict=True):
    """A whole plan in one version; positions in the order in which people read them."""

    name: str
    version: w.VersionWord
    offices: dict[str, str] = {}
    """Names of the offices, by id."""
    valid_from: date | None = None
    """Gueltigkeit of the edition as its publisher tells it; what may be opened when is said by the positions."""
    valid_until: date | None = None
    invoices: w.Position | None = None
    """Where checked electronic invoices are filed; it keeps a collective file."""
    leitweg_ids: dict[w.LeitwegId, w.Office] = {}
    """Our Leitweg-IDs, and the office that each names. An invoice with another one is not for us."""
    positions: tuple[PlanPosition, ...] = ()

    @cached_property
    def by_code(self) -> dict[str, PlanPosition]:
        """Every position by its code."""
        return {position.code: position for position in self.positions}

    @cached_property
    def office_of(self) -> dict[str, str]:
        """The office in charge of each position; of one whose matters go on elsewhere that of its one successor."""
        return {code: self.by_code[self.place_of(code)].office for code in self.by_code}

    @cached_property
    def protection_of(self) -> dict[str, w.Protection]:
        """The level of each position, as `office_of`; of one whose matters several share the highest of all of them.

        What the plan dropped for good is not in it, see `level_of`.
        """
        return {code: level for code in (*self.by_code, *self.successors) if (level := self._level(code))}

    def _level(self, code: str) -> w.Protection | None:
        place = self.place_of(code)
        shared = (
            self.by_code[one].protection for one in (place, *self.successors.get(place, ())) if one in self.by_code
        )
        return max(shared, default=None)

    @cached_property
    def successors(self) -> dict[str, tuple[str, ...]]:
        """Where the matters of a position go on, by its code, also of one that the plan no longer has.

        Itself too where files may still be opened there: then something was split off.
        """
        found: dict[str, list[str]] = {}
        for position in self.positions:
            for code in position.replaces:
                found.setdefault(code, [code] if code in self.open_codes else []).append(position.code)
        return {code: tuple(dict.fromkeys(codes)) for code, codes in found.items()}

    def place_of(self, code: str) -> str:
        """Where the matters of a position go on now: behind each single successor, as far as it is known.

        Several successors share them, and only a person can say how: then it is the position itself.
        """
        seen = {code}
        while len(following := self.successors.get(code, ())) == 1 and following[0] not in seen:
            code = following[0]
            seen.add(code)
        return code

    def as_of(self, day: date) -> "FilePlan":
        """The plan as it is in force on a day: what is not valid then, or lies below such a one, is closed."""
        if not self.is_dated:
            return self
        if day not in self._by_day:
            self._by_day.clear()
            closing = (msgspec.structs.replace(p, closed=p.closed or self._is_out(p, day)) for p in self.positions)
            self._by_day[day] = msgspec.structs.replace(self, positions=tuple(closing))
        return self._by_day[day]

    @cached_property
    def is_dated(self) -> bool:
        """Whether anything in it depends on the day."""
        return any(position.valid_from or position.valid_until for position in self.positions)

    @cached_property
    def _by_day(self) -> dict[date, "FilePlan"]:
        return {}

    def _is_out(self, position: PlanPosition, day: date) -> bool:
        here: PlanPosition | None = position
        while here is not None:
            if not here.is_valid_on(day):
                return True
            here = self.by_code.get(here.parent or "")
        return False

    @cached_property
    def open_leaves(self) -> tuple[PlanPosition, ...]:
        """Where files may be opened: positions without children that are not closed."""
        parents = {position.parent for position in self.positions}
        return tuple(p for p in self.positions if p.code not in parents and not p.closed)

    @cached_property
    def by_number(self) -> dict[str, PlanPosition]:
        """Every position by its code as numbers in letters are compared: in upper case."""
        return {position.code.upper(): position for position in self.positions}

    @cached_property
    def open_codes(self) -> frozenset[str]:
        """The codes of `open_leaves`."""
        return frozenset(position.code for position in self.open_leaves)

    def unknown_offices(self, named: Iterable[str], *, main: str = w.MAIN_OFFICE) -> list[str]:
        """Those that are no offices of the plan, nor the mail room's own; none while no plan is in force."""
        known = {*self.offices, w.MAIN_OFFICE, main}
        return sorted({*named} - known) if self.positions else []

    @cached_property
    def rules_by_word(self) -> dict[str, tuple[tuple[PlanPosition, Rule, tuple[str, ...]], ...]]:
        """Rules with their folded words, by the longest of them: a text without it need not be tried."""
        found: dict[str, list[tuple[PlanPosition, Rule, tuple[str, ...]]]] = {}
        for position, rule in self._rules:
            phrases = tuple(folded(words) for words in rule.words)
            if phrases:
                found.setdefault(max(" ".join(phrases).split(), key=len), []).append((position, rule, phrases))
        return {word: tuple(rules) for word, rules in found.items()}

    @cached_property
    def rules_by_address(self) -> dict[str, tuple[tuple[PlanPosition, Rule], ...]]:
        """Rules that name a mailbox, by its address in lower case."""
        found: dict[str, list[tuple[PlanPosition, Rule]]] = {}
        for position, rule in self._rules:
            if rule.address.strip():
                found.setdefault(rule.address.strip().lower(), []).append((position, rule))
        return {address: tuple(rules) for address, rules in found.items()}

    @property
    def _rules(self) -> list[tuple[PlanPosition, Rule]]:
        return [(position, rule) for position in self.positions for rule in position.rules]


def level_of(code: str, plan: FilePlan) -> w.Protection:
    """The protection of what is filed at a position; the highest where the plan does not know it."""
    return plan.protection_of.get(code, w.HIGHEST_PROTECTION)


def cases_at(code: str, plan: FilePlan) -> Cases:
    """Whether files of a position are divided into Vorgänge, as where their matters go on now; `none` if unknown."""
    place = plan.by_code.get(plan.place_of(code))
    return place.cases if place and place.filing == "case" else "none"


def cases_in(file: FileNumber | None, plan: FilePlan) -> Cases:
    """The same of a file, by its number; a collective file is never divided."""
    position = plan.by_number.get(file.position) if file and not file.is_collective else None
    return cases_at(position.code, plan) if position else "none"


EMPTY = FilePlan(name="-", version="0")
"""No plan: everything is held for a clerk, and no file can be opened."""


def decode(content: bytes) -> FilePlan:
    """A stored plan; it was checked before it was activated."""
    return msgspec.json.decode(content, type=FilePlan)
