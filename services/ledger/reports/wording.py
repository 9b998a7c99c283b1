"""How the figures of a report are written for people: German, the same on the page, in the table and on paper."""

from datetime import date

from services.core import catalogue
from services.core.plan.file_plan import FilePlan
from services.ledger.reports.figures import Report, Step

MONTHS = ("Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")
NOTHING = "\N{EN DASH}"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def lasting(seconds: float | None) -> str:
    """A time as people say it: `unter 1 Min.`, `12 Min.`, `5,5 Std.`, `3,2 Tage`; a dash where there is none."""
    if seconds is None:
        return NOTHING
    if seconds < _MINUTE:
        return "unter 1 Min."
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} Min."
    if seconds < 2 * _DAY:
        return f"{_decimal(seconds / _HOUR)} Std."
    return f"{_decimal(seconds / _DAY)} Tage"


def share(part: int, whole: int) -> str:
    """A share in percent; a dash of nothing."""
    return f"{_decimal(100 * part / whole)} %" if whole else NOTHING


def number(value: int) -> str:
    """`12.345`."""
    return f"{value:,}".replace(",", ".")


def day(value: date) -> str:
    """`05.03.2026`."""
    return value.strftime("%d.%m.%Y")


def step_name(step: Step, by: str) -> str:
    """`März 2026`, or `Woche vom 02.03.`."""
    if by == "month":
        return f"{MONTHS[step.begins.month - 1]} {step.begins.year}"
    return f"Woche vom {step.begins:%d.%m.}"


def office_name(office: str, plan: FilePlan) -> str:
    """As the plan calls it."""
    return plan.offices.get(office, office)


def channel_name(channel: str) -> str:
    """`E-Mail`, `Scan`."""
    return catalogue.text(channel)


def whose(report: Report, plan: FilePlan) -> str:
    """Whose figures they are."""
    if report.offices_of is None:
        return "Alle Ämter"
    return ", ".join(office_name(one, plan) for one in report.offices_of) or "Kein Amt"


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",").removesuffix(",0")
