"""The event of a record, or what is wrong with it: whatever a record is, looking at it ends no loop."""

from structlog.typing import FilteringBoundLogger

from services.core.errors import EventBroken, EventNewer, TryLater
from services.core.messages import envelope, topics
from services.core.messages.envelope import Event, Message
from services.runtime.context.observing import where


def decoded(message: Message, log: FilteringBoundLogger) -> Event | str:
    """The event, or the code of what it dies of; TryLater where it is for a later version of ours."""
    try:
        return envelope.decode(message)
    except EventBroken as error:
        return error.code
    except EventNewer as error:  # a procedure's is nothing that an upgrade of ours would cure
        if not topics.procedure_of(message.topic):
            raise
        return error.code
    except TryLater:
        raise
    except Exception as error:  # noqa: BLE001  # a record that we cannot even look at must not end the loop
        log.error("bug", event_id=envelope.delivery_id(message), **where(error))
        return "bug"
