"""Documents for twenty procedures over a real broker, while their service and the broker are killed in turn."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.offices import CalledOffices, Offices
from tests.journeys.registrar import Registrar
from tests.journeys.small_town import Town, places_of, small_town
from tests.journeys.telling import Progress

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("journeys")]

PROCEDURES = tuple(f"verfahren-{number}" for number in range(20))
DOCUMENTS = int(os.environ.get("TEST_DELIVERIES", "160"))
"""CI brings so many; `TEST_DELIVERIES=10000` is the size of a city's month."""
ROUNDS = 2 if DOCUMENTS < 1_000 else 5
"""So often both are killed, the service twice each time."""
WITHIN_S = 600.0 + DOCUMENTS / 5
EVERY_S = 0.5 if DOCUMENTS < 1_000 else 5.0
"""Between two looks at what is there: a look lists everything."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Twenty registered procedures."""
    with small_town(tmp_path, PROCEDURES) as town:
        yield town


@pytest.fixture(params=[Offices, CalledOffices], ids=["by_kafka", "by_webhook"])
def offices(request: pytest.FixtureRequest, town: Town, tmp_path: Path) -> Iterator[Offices]:
    """The procedures take part, on one way or the other."""
    offices: Offices = request.param(town, tmp_path / "offices")
    offices.start()
    try:
        yield offices
    finally:
        offices.stop()


def test_no_delivery_is_missing_and_none_is_answered_twice(
    town: Town, offices: Offices, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every inbox is complete, each file is told in the order of its entries, and each delivery has one answer."""
    registrar = Registrar(town, DOCUMENTS)

    def so_far() -> str:
        return f"filed {registrar.filed}, told {offices.count()}, answered {town.kinds()['answered']} of {DOCUMENTS}"

    progress, begun = Progress(so_far, capfd, within_s=WITHIN_S, every_s=EVERY_S), time.monotonic()
    registrar.start()
    offices.in_trouble()
    for number in range(ROUNDS):
        progress.until(lambda part=number + 1: registrar.filed >= DOCUMENTS * part // (ROUNDS + 1))  # type: ignore[misc]
        town.strike()
    registrar.join(WITHIN_S)
    progress.until(lambda: offices.count() >= DOCUMENTS)
    progress.until(lambda: town.kinds()["answered"] >= DOCUMENTS)
    with capfd.disabled():
        sys.stderr.write(f"{DOCUMENTS} in {time.monotonic() - begun:.0f} s, {offices.repeats()} repeats\n")
    _is_complete(offices)
    assert len({answer.delivery for answer in town.answered()}) == DOCUMENTS
    kinds = town.kinds()
    assert (kinds["delivered"], kinds["answered"], kinds["inbox"]) == (DOCUMENTS, DOCUMENTS, DOCUMENTS)
    assert kinds["refused"] == 0
    assert not town.dead()


def _is_complete(offices: Offices) -> None:
    """Each procedure was told of the entries of its two files, each once, in their order, and of no other's."""
    for number, name in enumerate(PROCEDURES):
        told = offices.told(name)
        wanted = Counter(
            (places_of(name)[place // 20 % 2], place // 40 + 1) for place in range(number, DOCUMENTS, len(PROCEDURES))
        )
        assert Counter((facts["position"], facts["entry"]) for facts in told) == wanted, name
        for position in places_of(name):
            entries = [facts["entry"] for facts in told if facts["position"] == position]
            assert entries == sorted(entries), (name, position)
        assert not [line for line in offices.lines(name) if "refused" in line], name
