"""A hall whose documents are scanned by a stand-in for clamd."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from services.adapters.malware_scanner.clamd import ClamdScanner, ScanLimits
from tests.component.city_hall import CityHall
from tests.component.clamd_stand_in import StandIn

LIMITS = ScanLimits(timedelta(seconds=0.4), 200_000)


def a_hall(folder: Path, daemon: StandIn, *, unreachable: str = "wait", **malware: Any) -> CityHall:
    """Scanned by this daemon; its book waits for nothing."""
    how = {"clamd": daemon.address, "unreachable": unreachable, **malware}
    scanner = ClamdScanner(daemon.address, LIMITS)
    return CityHall(folder, malware=how, scanner=scanner, ledger={"grace": timedelta(0)})
