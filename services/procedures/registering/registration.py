"""Which procedures there are: a configuration that every process follows."""

from collections.abc import Callable

from msgspec.structs import replace

from services.core.errors import Rejected
from services.core.messages import topics
from services.core.messages.procedures import Procedure, Procedures
from services.core.model import record_files
from services.core.plan.file_plan import FilePlan
from services.core.vocabulary import HIGHEST_PROTECTION, USUAL_PROTECTION, Protection
from services.runtime.context.configuration import announce
from services.runtime.context.service import Context

_RETRIES = 20


def register(wanted: Procedure, context: Context) -> bool:
    """Make its topics, then put it in force; whether it is new. Rejected for a place that the plan has not.

    A known one keeps its webhook, and stays paused where it is. Where no level is named, it is given what its
    positions need.
    """
    plan = context.plan
    if any(position not in plan.by_code for position in wanted.positions):
        raise Rejected("unknown_position")
    if plan.unknown_offices((*wanted.offices, wanted.office), main=context.settings.filing.office):
        raise Rejected("unknown_office")
    context.ports.log.ensure_topics([topics.inbox_of(wanted.name), topics.outbox_of(wanted.name)])
    is_new: list[bool] = []
    now = context.ports.clock.now()

    def changed(known: Procedures) -> Procedures:
        before = known.named(wanted.name)
        is_new.append(before is None)
        made = replace(wanted, protection=wanted.protection or _usual_level(wanted, before, plan))
        since = before.since if before and _given(before) == _given(made) else now
        kept = replace(made, paused_since=before.paused_since, webhook=before.webhook) if before else made
        return known.with_one(replace(kept, since=since))

    _change(changed, context)
    return is_new[-1]


def _usual_level(wanted: Procedure, before: Procedure | None, plan: FilePlan) -> Protection:
    """Whoever names a position means what is filed there and below; an office is named for its usual post."""
    named = replace(wanted, offices=(), protection=HIGHEST_PROTECTION)
    levels = [plan.protection_of[code] for code in plan.by_code if named.gets(code, plan)]
    had = (before.protection or HIGHEST_PROTECTION) if before else USUAL_PROTECTION
    return max(had, *levels, USUAL_PROTECTION)


def pause(name: str, context: Context) -> Procedure:
    """From now on it is told nothing and not listened to; a paused one stays as it is. Rejected `not_found`."""
    now = context.ports.clock.now()

    def changed(known: Procedures) -> Procedures:
        one = _named(name, known)
        return known if one.paused_since else known.with_one(replace(one, paused_since=now))

    return _named(name, _change(changed, context))


def resume(name: str, context: Context) -> Procedure:
    """It takes part again. Rejected `not_found`."""
    return change_one(name, lambda one: replace(one, paused_since=None), context)


def change_one(name: str, change: Callable[[Procedure], Procedure], context: Context) -> Procedure:
    """Change the registration of one procedure. Rejected `not_found`."""
    return _named(name, _change(lambda known: known.with_one(change(_named(name, known))), context))


def remove(name: str, context: Context) -> None:
    """It takes part no more; what was exchanged stays in the store. Rejected `not_found`."""

    def changed(known: Procedures) -> Procedures:
        return known.without(_named(name, known).name)

    _change(changed, context)


def _given(one: Procedure) -> tuple[frozenset[str], frozenset[str], Protection | None, bool]:
    """What it is given, whatever the order in which that was said."""
    return frozenset(one.positions), frozenset(one.offices), one.protection, one.invoices


def _named(name: str, known: Procedures) -> Procedure:
    found = known.named(name)
    if found is None:
        raise Rejected("not_found")
    return found


def _change(change: Callable[[Procedures], Procedures], context: Context) -> Procedures:
    # Versions are created once: whoever comes second decides again on the newer one.
    for _ in range(_RETRIES):
        base, known = context.configuration.version("procedures"), context.procedures
        wanted = change(known)
        same = _in_order(wanted) == _in_order(known)
        if same or context.configuration.store("procedures", record_files.encode(wanted), base=base):
            announce(context.configuration, "procedures", log=context.ports.log, clock=context.ports.clock)
            return wanted
    raise Rejected("stale")


def _in_order(known: Procedures) -> list[Procedure]:
    return sorted(known.procedures, key=lambda one: one.name)
