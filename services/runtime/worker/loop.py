"""The loop every service lives in: read, handle, settle.

Failure has three owners. The document's travels on as data and never reaches this loop. The world's (`TryLater`) puts
the delivery back. Ours (anything else) makes a dead letter, and too many in a row stop the worker.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta

from services.core.errors import EventBroken, EventNewer, TryLater
from services.core.messages import envelope, topics
from services.core.messages.envelope import Event
from services.core.ports.event_log import Delivery, Reader
from services.runtime.context.observing import where
from services.runtime.context.service import Context, Service
from services.runtime.worker.attempts import Attempts
from services.runtime.worker.bundles import Bundle, Bundles
from services.runtime.worker.dead_letters import ack_replays, dead_letter

KNOWN = 10_000
"""Ids of acknowledged events that a worker remembers, so that a repeat costs nothing."""

_Key = tuple[str, str]
_Known = tuple[str, str]
"""Topic and id: an id counts on its own topic alone, or a procedure that guesses the next id of another one would make
the genuine event pass for a repeat."""


class Broken(Exception):
    """Too many dead letters in a row: the fault is ours, and this worker must not empty the topic into them."""


class Worker:
    """One member of a service's group. `turn` is called until the process stops; it belongs to one thread."""

    def __init__(
        self, service: Service, context: Context, reader: Reader, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._service = service
        self._context = context
        self._reader = reader
        self._settings = context.settings.worker
        self._known: OrderedDict[_Known, None] = OrderedDict()
        self._pauses: OrderedDict[_Known, timedelta] = OrderedDict()
        self._alone: set[_Known] = set()
        """Deliveries whose common commit was refused: the next time each of them is committed by itself."""
        self._dead_in_a_row: set[str] = set()
        self._suspicious = True
        self._bundles = Bundles(service, monotonic)
        self._attempts = Attempts(
            context.ports.blobs, tenant=context.settings.tenant, service=service.name, limit=self._settings.attempts
        )

    def turn(self, timeout: timedelta) -> int:
        """Work off one batch and say how many deliveries were worked on; others may wait in hand for their document.

        1. Read. The first batch after a start may hold what killed the process before: it goes one by one, marked.
        2. Handle each; what the world hinders is deferred, and later ones of its key with it.
        3. Commit the service's own writes, mark the dead letters that replays have worked off.
        4. Settle: publish, wait until that is durable, mark done.
        """
        deliveries = self._reader.read(self._service.batch(self._context.settings), timeout)
        waiting: set[_Key] = set()
        if not self._suspicious:
            ripe = self._bundles.ripe(deliveries)
            alone = [bundle for bundle in ripe if not self._alone.isdisjoint(map(_known_as, bundle))]
            for bundles in (*([bundle] for bundle in alone), [bundle for bundle in ripe if bundle not in alone]):
                if bundles:
                    self._work(bundles, waiting)
            return sum(map(len, ripe))
        for delivery in deliveries:
            self._work_marked(delivery, waiting)
        self._suspicious = not deliveries
        return len(deliveries)

    def _work_marked(self, delivery: Delivery, waiting: set[_Key]) -> None:
        event_id = envelope.delivery_id(delivery.message)
        try:
            fresh = self._attempts.begin(event_id)
        except TryLater as error:
            waiting.add(_key(delivery))
            self._retry_later(delivery, error)
            return
        self._work([[delivery]], waiting, verdict="" if fresh else "attempts_exhausted")

    def _work(self, bundles: Sequence[Bundle], waiting: set[_Key], verdict: str = "") -> None:
        done: list[Delivery] = []
        publish: list[Event] = []
        with self._context.semaphore.entered():
            for bundle in bundles:
                self._context.semaphore.let_pass()
                published = self._try_bundle(bundle, waiting, verdict)
                if published is not None:
                    publish += published
                    done += bundle
        self._ack(done, publish, waiting)
        self._attempts.over()
        if len(self._dead_in_a_row) >= self._settings.breaker:
            raise Broken(self._service.name)

    def _try_bundle(self, bundle: Bundle, waiting: set[_Key], verdict: str) -> Sequence[Event] | None:
        """What it brings about; None where it was deferred."""
        if any(_key(delivery) in waiting for delivery in bundle):
            self._retry_all_later(bundle, waiting)
            return None
        try:
            return self._handle_bundle(bundle, verdict)
        except TryLater as error:
            self._retry_all_later(bundle, waiting, error)
            return None

    def _handle_bundle(self, bundle: Bundle, verdict: str) -> Sequence[Event]:
        # A repeat was handled before. The last of the others stands for them: its handler sees the whole record.
        fresh = [delivery for delivery in bundle if _known_as(delivery) not in self._known]
        if verdict:
            return [event for delivery in fresh for event in self._dead_letter(delivery, verdict)]
        published: list[Event] = []
        readable: list[tuple[Event, Delivery]] = []
        for delivery in fresh:
            try:
                readable.append((envelope.decode(delivery.message), delivery))
            except EventBroken as error:  # no event of ours: it stands for nobody, and nobody for it
                published += self._dead_letter(delivery, error.code)
            except EventNewer as error:  # a procedure's is nothing that an upgrade of ours would cure
                if not topics.procedure_of(delivery.message.topic):
                    raise
                published += self._dead_letter(delivery, error.code)
            except TryLater:
                raise
            except Exception as error:  # noqa: BLE001  # a record that we cannot even look at must not end the loop
                self._context.log.error("bug", event_id=envelope.delivery_id(delivery.message), **where(error))
                published += self._dead_letter(delivery, "bug")
        return [*published, *self._handle(*readable[-1])] if readable else published

    def _handle(self, event: Event, delivery: Delivery) -> Sequence[Event]:
        try:
            published = self._service.handle(event, self._context) if self._service.handle else ()
        except TryLater:
            raise
        except EventBroken as error:
            return self._dead_letter(delivery, error.code)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is ours: a dead letter, and the breaker counts
            event_id = envelope.delivery_id(delivery.message)
            self._context.log.error("bug", event_id=event_id, document=event.document, **where(error))
            return self._dead_letter(delivery, "bug")
        self._dead_in_a_row.clear()
        return published

    def _dead_letter(self, delivery: Delivery, code: str) -> list[Event]:
        context = self._context
        tenant = context.settings.tenant
        event = dead_letter(
            delivery.message, service=context.service, error_code=code, tenant=tenant, ports=context.ports
        )
        if not topics.procedure_of(delivery.message.topic):  # what a procedure writes is no fault of ours
            self._dead_in_a_row.add(
                event.subject
            )  # by id: one that cannot be acknowledged now dies again, and counts once
        context.log.error("delivery_dead", event_id=event.subject, code=code)
        return [event]

    def _ack(self, done: list[Delivery], publish: list[Event], waiting: set[_Key]) -> None:
        if not done:
            return
        try:
            if self._service.commit:
                self._service.commit(self._context)
            messages = [delivery.message for delivery in done]
            ack_replays(
                messages, service=self._context.service, tenant=self._context.settings.tenant, ports=self._context.ports
            )
            self._attempts.over()  # waiting for the log is nothing to die of, and may be long enough to be killed in
            self._reader.ack(done, publish)
        except TryLater as error:
            self._retry_all_later(done, waiting, error)
            return
        except Exception as error:  # noqa: BLE001  # ours, as in a handler: a dead letter, and the loop goes on
            self._commit_refused(done, waiting, error)
            return
        for delivery in done:
            self._remember(_known_as(delivery))

    def _commit_refused(self, done: list[Delivery], waiting: set[_Key], error: Exception) -> None:
        """Something in the batch will never be written: each is committed by itself, and that one given up."""
        self._context.log.error("commit_refused", deliveries=len(done), **where(error))
        if len({_key(delivery) for delivery in done}) > 1:
            self._alone.update(map(_known_as, done))
            self._retry_all_later(done, waiting)
            return
        try:
            self._reader.ack(done, [event for delivery in done for event in self._dead_letter(delivery, "bug")])
        except TryLater as absent:
            self._retry_all_later(done, waiting, absent)

    def _retry_all_later(self, bundle: Bundle, waiting: set[_Key], error: TryLater | None = None) -> None:
        for delivery in bundle:
            waiting.add(_key(delivery))
            self._retry_later(delivery, error)

    def _retry_later(self, delivery: Delivery, error: TryLater | None = None) -> None:
        message_id, known = envelope.delivery_id(delivery.message), _known_as(delivery)
        pause = self._pauses.pop(known, self._settings.pause)
        self._pauses[known] = min(pause * 2, self._settings.longest_pause)
        if len(self._pauses) > KNOWN:  # the oldest went to another member long ago, which counts for itself
            self._pauses.popitem(last=False)
        if error:
            self._context.log.warning("retry_later", event_id=message_id, code=error.code, pause=pause.total_seconds())
        self._reader.retry_later(delivery, pause)

    def _remember(self, known: _Known) -> None:
        self._pauses.pop(known, None)
        self._alone.discard(known)
        self._known[known] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)


def _known_as(delivery: Delivery) -> _Known:
    return delivery.message.topic, envelope.delivery_id(delivery.message)


def _key(delivery: Delivery) -> _Key:
    return delivery.message.topic, delivery.message.key
