"""The page of figures with half a year behind it: nothing for axe to find, and its picture for the documentation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from selenium.webdriver import Chrome

from services.core.ports.ledger_store import Judged, LedgerStore
from tests.browser.axe import look
from tests.browser.camera import HEIGHT, WIDTH, Camera
from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall

pytestmark = pytest.mark.browser

WEEKS = 24
COLUMNS, RELIABILITY = 10, 5
"""Of the table of offices, and of that of what their probabilities keep."""
OF_OFFICE = {"bauamt": ("52.10", 40), "kasse": ("20.1", 26)}
"""Its position, and its letters a week."""
WORSE_SINCE = 4
"""Weeks ago, when the first proposals of the treasury began to miss."""
SURE, KEEPS, MISSES, CORRECTED, WAITS = 0.9, 0.95, 0.5, 0.03, 0.1
"""From when on a letter is filed by itself, what of a promise comes true, of late too; what is corrected, and waits."""


def half_a_year(book: LedgerStore) -> None:
    """Letters that were mostly proposed right, at a certainty that is a little too high; the treasury got worse."""
    now, chance = datetime.now(UTC), Random(7)
    for back in range(WEEKS):
        for office, (position, count) in OF_OFFICE.items():
            keeps = MISSES if office == "kasse" and back < WORSE_SINCE else KEEPS
            for number in range(count):
                moment = now - timedelta(weeks=back, minutes=number)
                outcome = _outcome(chance, position, keeps)
                book.note_judged(_judged(office, position, f"{back}-{number}", moment, outcome))
    book.commit()


def _outcome(chance: Random, position: str, keeps: float) -> dict[str, Any]:
    certainty = round(chance.betavariate(3, 1), 3)
    automatic = certainty >= SURE and keeps == KEEPS
    corrected = automatic and chance.random() < CORRECTED
    right = not corrected and (automatic or chance.random() < certainty * keeps)
    waits = not automatic and chance.random() < WAITS
    final = "" if waits or (automatic and not corrected) else (position if right else "52")
    reason = "learned" if automatic else "unsure"
    return {"confidence": certainty, "automatic": automatic, "corrected": corrected, "final": final, "reason": reason}


def _judged(office: str, position: str, document: str, moment: datetime, outcome: dict[str, Any]) -> Judged:
    return Judged(
        tenant="main",
        document=f"{office}-{document}",
        version=1,
        judged_at=moment,
        office=office,
        proposed_office=office,
        position=position,
        decided=bool(outcome["final"]),
        **outcome,
    )


def test_half_a_year_of_figures(
    hall: CityHall, address: str, keyboard: Keyboard, chromium: Chrome, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Plots and words by week, office and position; what got worse is named; an office alone shows its own."""
    half_a_year(hall.ports.ledger)
    token = hall.access.add_account("h.berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.width(WIDTH, HEIGHT)
    keyboard.open(f"{address}/guete")
    rows = [line.split("\t") for line in keyboard.text.splitlines()]
    assert [row[-1] for row in rows if row[0] == "Stadtkasse" and len(row) == COLUMNS] == ["schlechter"]
    assert [row[-1] for row in rows if row[0] == "Bauamt" and len(row) == COLUMNS] == ["\N{EN DASH}"]
    assert [row[1] for row in rows if row[0] == "Bauamt" and len(row) == RELIABILITY] == ["eigene Entscheidungen"]
    Camera(keyboard, request.config.getoption("--screenshots") or tmp_path).take("guete", highest=1420)
    for width in (1280, 640, 320):
        keyboard.width(width)
        assert keyboard.overflow() <= 0, width
        violations, _ = look(chromium)
        assert violations == []
    keyboard.open(f"{address}/wissen")
    assert "Positionen, über die wenig bekannt ist" in keyboard.text
    for width in (1280, 320):
        keyboard.width(width)
        assert keyboard.overflow() <= 0, width
        violations, _ = look(chromium)
        assert violations == []
    keyboard.open(f"{address}/guete?amt=kasse")
    assert "Stadtkasse" in keyboard.text
    assert "52.10 Baugenehmigungen" not in keyboard.text
    assert keyboard.complaints() == []
