"""The city hall's clock: stored times are UTC, people read and type local ones."""

from datetime import date, datetime

from services.runtime.context.local_day import HERE


def shown(moment: datetime | None) -> str:
    """A time as people read it: `23.11.2026, 14:05 Uhr`; empty where there is none."""
    return moment.astimezone(HERE).strftime("%d.%m.%Y, %H:%M Uhr") if moment else ""


def shortly(moment: datetime | None) -> str:
    """A time where there is little room: `14:05` on the day itself, `23.11.`, or with the year `23.11.2025`."""
    if moment is None:
        return ""
    here, now = moment.astimezone(HERE), datetime.now(HERE)
    if here.date() == now.date():
        return here.strftime("%H:%M")
    return here.strftime("%d.%m." if here.year == now.year else "%d.%m.%Y")


def day_shown(day: date) -> str:
    """A day as people read it: `15.12.2026`."""
    return day.strftime("%d.%m.%Y")
