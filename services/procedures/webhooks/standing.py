"""How it is with a procedure's webhook, for those who look after it; and for `poststelle check`."""

from datetime import datetime
from typing import NamedTuple

from services.core import catalogue
from services.core.messages.procedures import Procedure
from services.core.messages.webhooks import Webhook
from services.procedures import inbox
from services.procedures.webhooks.progress import Progress
from services.runtime.context.service import Context, Finding


class Standing(NamedTuple):
    """What was taken last, what waits, and what is wrong."""

    last_line: int
    waiting: int
    code: str = ""
    trouble_since: datetime | None = None
    parked_at: datetime | None = None


def standing(one: Procedure, hook: Webhook, context: Context) -> Standing:
    """As it is now."""
    progress = Progress(one.name, hook, context)
    last, trouble, parked = progress.last(), progress.trouble(), progress.parked()
    wrong = parked or trouble
    return Standing(
        last_line=last,
        waiting=max(0, inbox.last_line(context, one.name) - last),
        code=wrong.code if wrong else "",
        trouble_since=wrong.since if wrong else None,
        parked_at=parked.at if parked else None,
    )


def condition(context: Context) -> Finding | None:
    """Whether each webhook takes what it is sent; None where no procedure has one."""
    found = [(one.name, standing(one, one.webhook, context)) for one in context.procedures.procedures if one.webhook]
    parked = [(name, now.code) for name, now in found if now.parked_at]
    if parked:
        said = "; ".join(f"{name}: {catalogue.refusal(code, 'en')}" for name, code in parked)
        return False, f"parked: {said}", "Mend it there, then: poststelle procedure webhook resend NAME"
    failing = [name for name, now in found if now.code]
    said = f", tried again: {', '.join(failing)}" if failing else ""
    return (True, f"{len(found)} webhooks, none parked{said}", "") if found else None
