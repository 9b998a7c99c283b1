"""Webhooks are set, moved, given another secret, sent again by hand, and taken away: changes of the registration."""

import uuid
from datetime import timedelta

from msgspec.structs import replace

from services.core.errors import Rejected
from services.core.messages.procedures import Procedure
from services.core.messages.webhooks import Webhook
from services.procedures import inbox
from services.procedures.registering.registration import change_one
from services.procedures.webhooks import signing
from services.procedures.webhooks.progress import Progress
from services.runtime.context.service import Context

BOTH_SIGN = timedelta(days=1)
"""How long the former secret signs beside a new one."""


def put(name: str, url: str, context: Context) -> str:
    """Set it, from the next line of the inbox on; returns its secret, once. A known one only moves, and goes on.

    Rejected: `webhook_address`, `webhook_target`; `not_found` for no such procedure.
    """
    refused = context.ports.webhooks.refusal(url)
    if refused and refused != "webhook_away":
        raise Rejected(refused)
    known = context.procedures.named(name)
    if known and known.webhook:
        _again(known, replace(known.webhook, url=url), Progress(name, known.webhook, context).last(), context)
        return ""
    secret, proof, told = signing.new_secret(name, context)
    made = Webhook(url=url, secret=secret, proof=proof, run=_run(), after=inbox.last_line(context, name))
    change_one(name, lambda one: replace(one, webhook=made), context)
    return told


def rotate(name: str, context: Context, *, keep_old: bool) -> str:
    """Another secret from now on; the former signs beside it for a day, unless it is known to strangers.

    Parked for want of a secret it goes on. Rejected `not_found`.
    """
    known, hook = _known(name, context)
    secret, proof, told = signing.new_secret(name, context)
    former = hook.secret if keep_old else None
    until = context.ports.clock.now() + BOTH_SIGN if keep_old else None
    made = replace(hook, secret=secret, proof=proof, former=former, former_until=until)
    _again(known, made, Progress(name, hook, context).last(), context)
    return told


def resend(name: str, context: Context, *, line: int | None, pass_over: bool) -> None:
    """Begin anew: at the line that it is at, at the one behind it, or at this one.

    Rejected `not_found`, `beyond_window`.
    """
    known, hook = _known(name, context)
    last = inbox.last_line(context, name)
    after = Progress(name, hook, context).last() + pass_over if line is None else line - 1
    if after > last:
        raise Rejected("beyond_window")
    _again(known, hook, after, context)


def remove(name: str, context: Context) -> None:
    """Nothing is sent any more; the inbox stays. Rejected `not_found`."""
    _, hook = _known(name, context)
    change_one(name, lambda one: replace(one, webhook=None), context)
    Progress(name, hook, context).clear()


def _again(known: Procedure, hook: Webhook, after: int, context: Context) -> None:
    """A new run behind this line; what was stored of the old one goes."""
    made = replace(hook, run=_run(), after=after)
    change_one(known.name, lambda one: replace(one, webhook=made), context)
    Progress(known.name, hook, context).clear()


def _known(name: str, context: Context) -> tuple[Procedure, Webhook]:
    known = context.procedures.named(name)
    if known is None or known.webhook is None:
        raise Rejected("not_found")
    return known, known.webhook


def _run() -> str:
    return str(uuid.uuid4())
