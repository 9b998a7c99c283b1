"""How the figures of a report are written: on the page in its language, in the table and on paper in German."""

from datetime import date

from services.core import catalogue
from services.core.plan.file_plan import FilePlan
from services.ledger.reports.figures import Report, Step
from services.runtime.translation.speaking import gettext, language
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.translation.spoken import day_in_year, day_shown, number_shown

MONTHS = (
    _("Jan."),
    _("Feb."),
    _("März"),
    _("April"),
    _("Mai"),
    _("Juni"),
    _("Juli"),
    _("Aug."),
    _("Sept."),
    _("Okt."),
    _("Nov."),
    _("Dez."),
)
NOTHING = "\N{EN DASH}"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def lasting(seconds: float | None) -> str:
    """A time as people say it: `unter 1 Min.`, `12 Min.`, `5,5 Std.`, `3,2 Tage`; a dash where there is none."""
    if seconds is None:
        return NOTHING
    if seconds < _MINUTE:
        return gettext("unter 1 Min.")
    if seconds < _HOUR:
        return gettext("{count} Min.").format(count=f"{seconds / _MINUTE:.0f}")
    if seconds < 2 * _DAY:
        return gettext("{count} Std.").format(count=_decimal(seconds / _HOUR))
    return gettext("{count} Tage").format(count=_decimal(seconds / _DAY))


def share(part: int, whole: int) -> str:
    """A share in percent; a dash of nothing."""
    return f"{_decimal(100 * part / whole)} %" if whole else NOTHING


def number(value: int) -> str:
    """`12.345`."""
    return number_shown(f"{value:,}")


def day(value: date) -> str:
    """`05.03.2026`."""
    return day_shown(value)


def step_name(step: Step, by: str) -> str:
    """`März 2026`, or `Woche vom 02.03.`."""
    if by == "month":
        return f"{gettext(MONTHS[step.begins.month - 1])} {step.begins.year}"
    return gettext("Woche vom {day}").format(day=day_in_year(step.begins))


def office_name(office: str, plan: FilePlan) -> str:
    """As the plan calls it."""
    return plan.offices.get(office, office)


def channel_name(channel: str) -> str:
    """`E-Mail`, `Scan`."""
    return catalogue.text(channel, language())


def whose(report: Report, plan: FilePlan) -> str:
    """Whose figures they are."""
    if report.offices_of is None:
        return gettext("Alle Ämter")
    return ", ".join(office_name(one, plan) for one in report.offices_of) or gettext("Kein Amt")


def _decimal(value: float) -> str:
    return number_shown(f"{value:.1f}".removesuffix(".0"))
