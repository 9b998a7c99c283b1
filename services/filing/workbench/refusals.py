"""Why a decision was refused, in words: who decided before, what and when, to those who may see what it was about."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.core.model.record import Record
from services.core.model.record_files import Decision
from services.core.model.side_files import Postponed
from services.filing.postponing import open_ones
from services.runtime.access.credentials import Access
from services.runtime.access.visibility import known, title_for
from services.runtime.context.local_day import HERE
from services.runtime.context.service import Context
from services.runtime.translation.speaking import gettext, refusal
from services.runtime.translation.speaking import gettext_noop as _
from services.runtime.translation.spoken import day_shown, shown

STATES = {
    "filed": _("abgelegt"),
    "filing": _("zum Ablegen bestimmt"),
    "no_record": _("als nicht aktenrelevant vermerkt"),
}
_REARRANGED = _("neu geordnet")
DONE = {
    "no_record": _("als nicht aktenrelevant vermerkt"),
    "reopen": _("zurück in den Posteingang geholt"),
    "arrange": _("in seinen Seiten neu geordnet"),
    "supersede": _("durch neu geordnete Schriftstücke ersetzt"),
}
"""What a decision without a place does to a letter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals:
    """What refusals say to somebody: only of letters that this person may see, for they name colleagues and files."""

    access: Access
    caller: Caller
    context: Context

    def because(self, error: Rejected) -> str:
        """The sentence of the refusal, and of what was decided already by whom and when."""
        sentence, document = refusal(error.code), str(error.facts.get("document", ""))
        if error.code != "already_decided" or not document:
            return sentence
        title, viewer = "", self.caller.viewer
        with suppress(Rejected):
            title = title_for(known(self.context, viewer, document), viewer)
        by, at = str(error.facts["by"]), datetime.fromisoformat(str(error.facts["at"]))
        name = self.access.name_of(by) or gettext("einem Programm")
        who = gettext("automatisch") if by == "automation" else gettext("von {name}").format(name=name)
        what = gettext(STATES.get(str(error.facts["state"]), _REARRANGED))
        which = gettext("„{title}“").format(title=title) if title else gettext("Ein Schriftstück davon")
        sentence = gettext(
            "{which} wurde am {at} {who} {what}. Erst wenn es wieder im Posteingang liegt, sind die Seiten frei."
        )
        return sentence.format(which=which, at=shown(at), who=who, what=what)

    def of_letter(self, error: Rejected, found: Record, seen: int) -> str:
        """Who was faster where somebody was, else what is wrong."""
        faster = self.overtaken(found, seen) if error.code in ("stale", "already_decided") else ""
        return faster or self.because(error)

    def overtaken(self, found: Record, seen: int) -> str:
        """Who decided about this letter since version `seen`, what, and when; empty where nobody did."""
        context, own = self.context, self.caller.id
        made = found.decisions[-1] if found.decisions and found.decisions[-1].base_revision >= seen else None
        waits = next((one for one in open_ones(context) if one.document == found.document), None)
        # One's own decision that waits is shown beside the letter, with the way to take it back.
        decided = waits if waits and waits.actor != own else made
        if decided is None:
            return ""
        colleague = self.access.name_of(decided.actor) or gettext("ein Programm")
        who = gettext("haben Sie") if decided.actor == own else gettext("hat {name}").format(name=colleague)
        when = _when(decided.decided_at, context.ports.clock.now())
        name = title_for(found, self.caller.viewer)
        which = gettext("„{title}“").format(title=name) if name else gettext("das Schreiben ohne Titel")
        done = _done(decided, found, context.plan.offices)
        return gettext("Inzwischen {who} {which} {when} {done}.").format(who=who, which=which, when=when, done=done)


def _done(decided: Decision | Postponed, found: Record, offices: Mapping[str, str]) -> str:
    if decided.action in DONE:
        return gettext(DONE[decided.action])
    if decided.action == "assign":
        office = offices.get(decided.office or "", gettext("Poststelle"))
        return gettext("„{office}“ zugewiesen").format(office=office)
    ends = (one.file for one in found.filings if isinstance(decided, Decision) and one.decision == decided.decision)
    file = decided.file or next((file for file in ends if file), "")
    if file:
        return gettext("in Akte {file} abgelegt").format(file=file)
    return gettext("in eine neue Akte unter {position} abgelegt").format(position=decided.position)


def _when(moment: datetime, now: datetime) -> str:
    here = moment.astimezone(HERE)
    if here.date() == now.astimezone(HERE).date():
        return gettext("um {time} Uhr").format(time=f"{here:%H:%M}")
    return gettext("am {day} um {time} Uhr").format(day=day_shown(here), time=f"{here:%H:%M}")
