"""Events of stored stages: each tells every word that it shares with the record, whoever tells it."""

from datetime import UTC, datetime

import pytest
from msgspec import Struct

from services.core.model.record_files import Classification, Extraction, PageRange
from services.core.protocol import facts

NOW = datetime(2026, 12, 1, tzinfo=UTC)
READING = Extraction(cause="c", made_at=NOW, complete=True, extractor_version="1", problem="broken")
JUDGEMENT = Classification(
    cause="c",
    made_at=NOW,
    extraction=1,
    plan_version="7",
    classifier_version="w3",
    outcome="abstained",
    office="52",
    office_confidence=0.5,
    reason="unknown_number",
    certainty="likely",
    kind="invoice",
    knowledge_version="k9",
)
PAGES = PageRange(part="1", sha256="00", first_page=1, last_page=2, content_key="k")


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (READING, facts.of_extraction(READING, "d", 3)),
        (PAGES, facts.of_awaited(PAGES, "d", 3)),
        (JUDGEMENT, facts.of_classification(JUDGEMENT, "d", 3)),
    ],
)
def test_an_event_tells_every_word_it_shares_with_the_record(made: Struct, told: Struct) -> None:
    """A word added to both is told by every author, or this fails."""
    shared = {*made.__struct_fields__} & {*told.__struct_fields__}
    assert shared
    assert {name: getattr(told, name) for name in shared} == {name: getattr(made, name) for name in shared}
    assert (told.document, told.revision) == ("d", 3)  # type: ignore[attr-defined]


def test_what_is_called_otherwise_is_told_too() -> None:
    """The problem of a reading, and the reason of a judgement, are codes in events."""
    assert facts.of_extraction(READING, "d", 3).problem_code == "broken"
    assert facts.of_classification(JUDGEMENT, "d", 3).reason_code == "unknown_number"
