"""Drift and shares of classification, from counts."""

from datetime import UTC, datetime

from services.core.ports.entries import Viewer
from services.core.ports.ledger_store import By, Judged, Span, Tally
from services.ledger.quality.figures import quality

NOW = datetime(2026, 11, 30, tzinfo=UTC)
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)


class Book:
    """Counts that were made up."""

    def __init__(self, weeks: list[Tally], offices: dict[bool, Tally] | None = None) -> None:
        self.weeks, self.offices = weeks, offices or {}
        self.asked: list[Span] = []

    def note_judged(self, judged: Judged) -> None:
        """Nothing is noted here."""

    def forget_judged(self, tenant: str, document: str) -> None:
        """Nothing is known here."""

    def tallies(self, tenant: str, by: By, span: Span) -> list[Tally]:
        """Weeks, and one office: all of its time, and its last four weeks alone."""
        self.asked.append(span)
        if by == "office":
            return [self.offices[span.since == BEGIN]] if self.offices else []
        return self.weeks if by == "week" else []


def week(key: str, decided: int, hits: int) -> Tally:
    """A week with so many decisions, of which so many were proposed first."""
    return Tally(key=key, judged=decided, decided=decided, hits=hits)


def drift(*weeks: Tally) -> tuple[float | None, bool]:
    """Difference and whether it is told as one."""
    viewer = Viewer(account="a", tenant="main", all_offices=True)
    found = quality(Book(list(weeks)), viewer, since=BEGIN, before=NOW).drift
    return found.difference, found.deviates


def test_fall_of_hits_is_told_as_drift() -> None:
    """90 % before and 60 % of late, over enough decisions."""
    assert drift(week("2026-08-03", 200, 180), week("2026-11-16", 100, 60)) == (-0.3, True)


def test_chance_is_not_told_as_drift() -> None:
    """A small difference, or few decisions on either side, is none."""
    assert drift(week("2026-08-03", 200, 180), week("2026-11-16", 100, 88)) == (-0.02, False)
    assert drift(week("2026-08-03", 200, 180), week("2026-11-16", 10, 4)) == (-0.5, False)
    assert drift(week("2026-11-16", 100, 60)) == (None, False)
    assert drift(week("2026-08-03", 40, 40), week("2026-11-16", 40, 40)) == (0.0, False)


def test_each_office_has_its_drift() -> None:
    """One that fell is told, beside another week's counts that say nothing of it."""
    book = Book([], {True: week("kasse", 300, 240), False: week("kasse", 100, 60)})
    viewer = Viewer(account="a", tenant="main", all_offices=True)
    (kasse,) = quality(book, viewer, since=BEGIN, before=NOW).offices
    assert kasse.drift is not None
    assert (kasse.drift.recent, kasse.drift.before, kasse.drift.deviates) == (0.6, 0.9, True)


def test_whose_figures_are_asked_for_is_part_of_the_question() -> None:
    """The book is never asked for more than the viewer may know."""
    book = Book([])
    quality(book, Viewer(account="a", tenant="main", offices=frozenset({"kasse"})), since=BEGIN, before=NOW)
    assert {span.offices for span in book.asked} == {frozenset({"kasse"})}
