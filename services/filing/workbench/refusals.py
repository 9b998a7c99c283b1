"""Why a decision was refused, in words: who decided before, and when, to those who may see what it was about."""

from contextlib import suppress
from datetime import datetime

from services.core import catalogue
from services.core.errors import Rejected
from services.core.model.accounts import Caller
from services.runtime.access.credentials import Access
from services.runtime.access.visibility import known, title_for
from services.runtime.context.service import Context
from services.runtime.web.local_time import shown

STATES = {
    "filed": "abgelegt",
    "filing": "zum Ablegen bestimmt",
    "no_record": "als nicht aktenrelevant vermerkt",
}


def refused_because(error: Rejected, access: Access, caller: Caller, context: Context) -> str:
    """The sentence of the refusal, and of what was decided already by whom and when."""
    sentence, document = catalogue.refusal(error.code), str(error.facts.get("document", ""))
    if error.code != "already_decided" or not document:
        return sentence
    title = ""
    with suppress(Rejected):
        title = title_for(known(context, caller.viewer, document), caller.viewer)
    by, at = str(error.facts["by"]), datetime.fromisoformat(str(error.facts["at"]))
    who = "automatisch" if by == "automation" else f"von {access.name_of(by) or 'einem Programm'}"
    what = STATES.get(str(error.facts["state"]), "neu geordnet")
    name = f"„{title}“" if title else "Ein Schriftstück davon"
    return f"{name} wurde am {shown(at)} {who} {what}. Erst wenn es wieder im Posteingang liegt, sind die Seiten frei."
