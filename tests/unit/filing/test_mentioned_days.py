"""Days that a letter names: with and without a year, as a period, as a deadline; and none where there are none."""

from datetime import UTC, date, datetime

import pytest

from services.core.model.record import Record
from services.core.model.record_files import Extraction, Part, Receipt
from services.core.ports.entries import Viewer
from services.filing.handling.mentioned import OFFERED, Mentioned, days_of
from services.runtime.desk.formatting import words_marked

ARRIVED = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
DOCUMENT = "d" + "0" * 26
EVENT = "462f8499-6251-54c3-9641-542ef724f910"
VIEWER = Viewer(account="a-1", tenant="main", all_offices=True)


def days(text: str) -> list[Mentioned]:
    """What is offered of a letter with this text."""
    receipt = Receipt(
        receipt="PE-261122-7KQ3-M9TX-C",
        tenant="main",
        document=DOCUMENT,
        incarnation=0,
        channel="mail",
        source="gateway",
        received_at=ARRIVED,
        media_type="message/rfc822",
        size_bytes=1,
        sha256="0" * 64,
        kind="mail",
        digest="0" * 64,
    )
    read = Extraction(
        cause=EVENT, made_at=ARRIVED, complete=True, extractor_version="1", parts=(Part(part="0", text=text),)
    )
    return days_of(
        Record(tenant="main", document=DOCUMENT, receipts=(receipt,), extraction=read), VIEWER, ARRIVED.date()
    )


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("Bitte antworten Sie bis 15.12. an uns.", "bis 15.12.", date(2026, 12, 15)),
        ("bis spätestens Freitag, den 18. Dezember 2026, 12 Uhr", "spätestens Freitag, den 18. Dezember 2026", None),
        ("spätestens am 3. Januar bei uns", "spätestens am 3. Januar", date(2027, 1, 3)),
        ("Frist: 2026-12-24", "Frist: 2026-12-24", date(2026, 12, 24)),
        ("zahlbar bis zum\n31.12.26 ohne Abzug", "zahlbar bis zum 31.12.26", date(2026, 12, 31)),
        ("innerhalb von 14 Tagen nach Zugang", "innerhalb von 14 Tagen", date(2026, 12, 14)),
        ("binnen zwei Wochen", "binnen zwei Wochen", date(2026, 12, 14)),
        ("innerhalb eines Monats nach Bekanntgabe", "innerhalb eines Monats", date(2026, 12, 30)),
        ("binnen drei Monaten", "binnen drei Monaten", date(2027, 2, 28)),
    ],
)
def test_deadlines(text: str, words: str, day: date | None) -> None:
    """With the words that name them; a month later is the same day, or the last one (§ 188 BGB)."""
    offered = days(text)
    assert [one.words for one in offered if one.deadline] == [words]
    assert offered[0].day == (day or date(2026, 12, 18))
    assert "<mark>" in words_marked(text, [words])


def test_a_day_to_come_is_offered_behind_deadlines() -> None:
    """Without a word before it, it may be anything, but it may be what matters."""
    offered = days("Am 2.12.2026 Ortsbegehung, am 4.12.2026 Rat. Antwort bis 10.12.2026.")
    assert [(one.day.day, one.deadline) for one in offered] == [(10, True), (2, False), (4, False)]


@pytest.mark.parametrize(
    "text",
    [
        "Ihr Schreiben vom 12.11.2026",
        "bis 31.02.2027",
        "Abschnitt 1.2. und 3.4.",
        "innerhalb von 0 Tagen",
        "",
        "bis 29.11.2026",
    ],
)
def test_no_day(text: str) -> None:
    """Past days, days that no calendar has, numbers of sections, and periods of nothing."""
    assert days(text) == []


def test_a_table_of_days_offers_a_handful_in_no_time() -> None:
    """However many days a text holds, it is read up to a bound."""
    assert len(days("bis 15.12.2026 " * 100_000)) == 1
    assert len(days("".join(f"bis {day}.12.2026\n" for day in range(1, 29)))) == OFFERED
    assert days("bis " * 100_000 + "innerhalb " * 50_000) == []
