"""Which procedures there are: a configuration that every process follows."""

from services.core.errors import Rejected
from services.core.messages import topics
from services.core.messages.procedures import Procedure
from services.core.model import record_files
from services.runtime.context.configuration import announce
from services.runtime.context.service import Context

_RETRIES = 20


def register(wanted: Procedure, context: Context) -> bool:
    """Make its topics, then put it in force; whether it is new. Rejected for a place that the plan has not."""
    plan = context.plan
    if any(position not in plan.by_code for position in wanted.positions):
        raise Rejected("unknown_position")
    if plan.unknown_offices((*wanted.offices, wanted.office), main=context.settings.filing.office):
        raise Rejected("unknown_office")
    context.ports.log.ensure_topics([topics.inbox_of(wanted.name), topics.outbox_of(wanted.name)])
    for _ in range(_RETRIES):
        base, known = context.configuration.version("procedures"), context.procedures
        before = known.named(wanted.name)
        content = record_files.encode(known.with_one(wanted))
        if before == wanted or context.configuration.store("procedures", content, base=base):
            announce(context.configuration, "procedures", log=context.ports.log, clock=context.ports.clock)
            return before is None
    raise Rejected("stale")
