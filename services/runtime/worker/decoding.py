"""The event of a record, or what is wrong with it: whatever a record is, looking at it ends no loop."""

from services.core.errors import EventBroken, TryLater
from services.core.messages import envelope, said, topics
from services.core.messages.envelope import Event, Message
from services.runtime.context.observing import where
from services.runtime.context.service import Context


def decoded(message: Message, context: Context) -> Event | str:
    """The event, or the code of what it dies of; TryLater where it is for a later version of ours.

    A procedure's is never that: no upgrade of ours would cure it, and it is held to the rules for procedures.
    """
    try:
        if topics.procedure_of(message.topic):
            return said.decode(message, tenant=context.settings.tenant, now=context.ports.clock.now())
        return envelope.decode(message)
    except EventBroken as error:
        return error.code
    except TryLater:
        raise
    except Exception as error:  # noqa: BLE001  # a record that we cannot even look at must not end the loop
        context.log.error("bug", event_id=envelope.delivery_id(message), **where(error))
        return "bug"
