"""The city hall's clock as it is written down: in papers and lists, which are German for whoever reads them later."""

from datetime import datetime

from services.core.ports.clock import HERE


def written(moment: datetime | None) -> str:
    """A time in a document of ours: `23.11.2026, 14:05 Uhr`; empty where there is none."""
    return moment.astimezone(HERE).strftime("%d.%m.%Y, %H:%M Uhr") if moment else ""
