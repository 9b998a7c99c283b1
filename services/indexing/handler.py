"""Every event says one thing to the index: look at the record again."""

from collections.abc import Sequence

from services.core.messages import topics
from services.core.messages.envelope import Cause, Event
from services.core.messages.events import DocumentIndexed
from services.core.model import record
from services.indexing.entry import entry_of
from services.runtime.context.service import Context


def handle(event: Event, context: Context) -> Sequence[Event]:
    """Write the entry of the record as it is now; the worker commits before the event is told."""
    found = record.load(context.ports.blobs, event.tenant, event.document)
    entry = entry_of(found, context.plan)
    if entry is None:
        return ()
    context.ports.index.write([entry])
    facts = DocumentIndexed(document=entry.document, version=entry.version)
    # Told once more, an event may find a later version, and may stand for the one that brought it: under the id of its
    # first telling nobody who knows that one would ever hear of the later version.
    cause = Cause.of(event).nth(entry.version)
    return (topics.emit(facts, cause=cause, service=context.service, now=context.ports.clock.now()),)


def commit(context: Context) -> None:
    """Make what was written durable and found."""
    context.ports.index.commit()
