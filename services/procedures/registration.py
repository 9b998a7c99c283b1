"""Which procedures there are: a configuration that every process follows."""

from services.core.errors import Rejected
from services.core.messages import topics
from services.core.messages.procedures import Procedure
from services.core.model import record_files
from services.runtime.context.configuration import announce
from services.runtime.context.service import Room

_RETRIES = 20


def register(wanted: Procedure, room: Room) -> bool:
    """Make its topics, then put it in force; whether it is new. Rejected for a place that the plan has not."""
    plan = room.plan
    if any(position not in plan.by_code for position in wanted.positions):
        raise Rejected("unknown_position")
    if plan.unknown_offices((*wanted.offices, wanted.office), main=room.settings.filing.office):
        raise Rejected("unknown_office")
    room.ports.log.ensure_topics([topics.inbox_of(wanted.name), topics.outbox_of(wanted.name)])
    for _ in range(_RETRIES):
        base, known = room.configuration.version("procedures"), room.procedures
        before = known.named(wanted.name)
        content = record_files.encode(known.with_one(wanted))
        if before == wanted or room.configuration.store("procedures", content, base=base):
            announce(room.configuration, "procedures", log=room.ports.log, clock=room.ports.clock)
            return before is None
    raise Rejected("stale")
