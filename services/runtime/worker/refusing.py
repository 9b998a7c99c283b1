"""What the writer of a record is answered that breaks the contract: said beside its dead letter."""

from collections.abc import Sequence

from services.core.errors import EventBroken, TryLater
from services.core.messages import envelope
from services.core.messages.envelope import Event, Message
from services.runtime.context.observing import where
from services.runtime.context.service import Context, Service


def refusal(service: Service, message: Message, error: EventBroken, context: Context) -> Sequence[Event]:
    """The service's answer, if it gives one. The record is dead already: an answer that cannot be made ends no loop."""
    if service.refuse is None:
        return ()
    try:
        return service.refuse(message, error, context)
    except TryLater:
        raise
    except Exception as bug:  # noqa: BLE001  # ours, and told; the record's own fate is decided
        context.log.error("bug", event_id=envelope.delivery_id(message), **where(bug))
        return ()
