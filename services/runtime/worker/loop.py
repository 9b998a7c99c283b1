"""The loop every service lives in: read, handle, acknowledge.

Failure has three owners. The document's travels on as data and never reaches this loop. The world's (`TryLater`) defers
the delivery, and while it is away one look asks for all that wait (see outages). Ours (anything else) makes a
dead letter, and too many in a row stop the worker.
"""

import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta

from services.core.errors import EventBroken, TryLater
from services.core.messages import envelope, topics
from services.core.messages.envelope import Event
from services.core.ports.event_log import Delivery, Reader
from services.runtime.context.observing import where
from services.runtime.context.service import Context, Service
from services.runtime.worker.attempts import Attempts
from services.runtime.worker.bundles import Bundle, Bundles, Known, key_of, known_as
from services.runtime.worker.dead_letters import ack_replays, dead_letter
from services.runtime.worker.decoding import decoded
from services.runtime.worker.hindered import Hindered
from services.runtime.worker.outages import Outages
from services.runtime.worker.passing import Passing, tell_where_it_stopped
from services.runtime.worker.refusing import refusal

KNOWN = 2_000
"""Ids of acknowledged events that a worker remembers: a repeat costs nothing, a later one is handled again."""

_Key = tuple[str, str]


class Broken(Exception):
    """Too many dead letters in a row: the fault is ours, and this worker must not empty the topic into them."""


class Worker:
    """One member of a service's group. `turn` is called until the process stops; it belongs to one thread."""

    def __init__(
        self,
        service: Service,
        context: Context,
        reader: Reader,
        *,
        outages: Outages | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`outages` are those that all workers of the service share."""
        self._service = service
        self._context = context
        self._reader = reader
        self._settings = context.settings.worker
        self._known: OrderedDict[Known, None] = OrderedDict()
        outages = outages or Outages(context.log, context.settings.worker, monotonic=monotonic)
        self._hindered = Hindered(service, context, outages)
        self._names: dict[Delivery, Known] = {}
        """What the deliveries of this turn are known as: asked twice, and dearer than the look it is for."""
        self._alone: set[Known] = set()
        """Deliveries whose common commit was refused: the next time each of them is committed by itself."""
        self._passing = Passing(context)
        self._in_hand: Sequence[Bundle] = ()
        self._dead_in_a_row: set[str] = set()
        self._suspicious = True
        self._monotonic = monotonic
        self._bundles = Bundles(service, monotonic)
        self._attempts = Attempts(
            context.ports.blobs, tenant=context.settings.tenant, service=service.name, limit=self._settings.attempts
        )

    def turn(self, timeout: timedelta) -> int:
        """Work off one batch and say how many deliveries were worked on; others may wait in hand for their document.

        1. Read. The first batch after a start may hold what killed the process before: it goes one by one, marked.
        2. Handle each; what the world hinders is deferred, and later ones of its key with it.
        3. Commit the service's own writes, mark the dead letters that replays have worked off.
        4. Acknowledge: publish, wait until that is durable, mark done.

        While something is away without which nothing can be done, nothing is read.
        """
        self._hindered.begin_batch()
        self._names.clear()
        if self._hindered.rest():
            time.sleep(timeout.total_seconds())
            return 0
        try:
            return self._turn(timeout)
        except (TryLater, Broken):
            raise
        except BaseException:  # whatever it is, it ends this loop: who gets past it has to know what was in hand
            tell_where_it_stopped(self._in_hand, self._context.log)
            raise

    def _turn(self, timeout: timedelta) -> int:
        self._passing.look()
        deliveries = self._reader.read(self._service.batch(self._context.settings), timeout)
        waiting: set[_Key] = set()
        if not self._suspicious:
            ripe = self._bundles.ripe(deliveries)
            alone = (
                [bundle for bundle in ripe if not self._alone.isdisjoint(map(known_as, bundle))] if self._alone else []
            )
            for bundles in (*([bundle] for bundle in alone), [bundle for bundle in ripe if bundle not in alone]):
                if bundles:
                    self._work(bundles, waiting)
            return sum(map(len, ripe))
        for bundle in self._bundles.at_once(deliveries):
            self._work_marked(bundle, waiting)
        self._suspicious = not deliveries
        return len(deliveries)

    def _work_marked(self, bundle: Bundle, waiting: set[_Key]) -> None:
        # The mark bears the oldest's id: what follows it after the next start may be another one.
        try:
            fresh = self._attempts.begin(envelope.delivery_id(bundle[0].message))
        except TryLater as error:
            self._retry_all_later(bundle, waiting, error)
            return
        self._work([bundle], waiting, verdict="" if fresh else "attempts_exhausted")

    def _work(self, bundles: Sequence[Bundle], waiting: set[_Key], verdict: str = "") -> None:
        self._in_hand = bundles
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
        pause = self._hindered.wait(bundle)
        if pause or any(key_of(delivery) in waiting for delivery in bundle):
            self._defer(bundle, waiting, pause)
            return None
        try:
            published = self._handle_bundle(bundle, verdict)
        except TryLater as error:
            self._retry_all_later(bundle, waiting, error)
            return None
        self._hindered.handled(bundle)
        return published

    def _handle_bundle(self, bundle: Bundle, verdict: str) -> Sequence[Event]:
        # A repeat was handled before. The last of the others stands for them: its handler sees the whole record.
        fresh = [delivery for delivery in bundle if self._name(delivery) not in self._known]
        if verdict:
            dead = [event for delivery in fresh for event in self._dead_letter(delivery, verdict)]
            self._dead_in_a_row.difference_update(event.subject for event in dead[1:])  # they are one death
            return dead
        published: list[Event] = []
        readable: list[tuple[Event, Delivery]] = []
        for delivery in fresh:
            deferred = len(self._hindered) > 0 and known_as(delivery) in self._hindered
            given_up = self._passing.verdict(delivery, deferred=deferred)
            found = given_up or decoded(delivery.message, self._context)
            if isinstance(found, str):  # it stands for nobody, and nobody for it
                published += self._dead_letter(delivery, found, EventBroken(found))
            else:
                readable.append((found, delivery))
        return [*published, *self._handle(*readable[-1])] if readable else published

    def _handle(self, event: Event, delivery: Delivery) -> Sequence[Event]:
        try:
            published = self._service.handle(event, self._context) if self._service.handle else ()
        except TryLater:
            raise
        except EventBroken as error:
            return self._dead_letter(delivery, error.code, error)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is ours: a dead letter, and the breaker counts
            event_id = envelope.delivery_id(delivery.message)
            self._context.log.error("bug", event_id=event_id, document=event.document, **where(error))
            return self._dead_letter(delivery, "bug")
        self._dead_in_a_row.clear()
        return published

    def _dead_letter(self, delivery: Delivery, code: str, broken: EventBroken | None = None) -> list[Event]:
        context, tenant = self._context, self._context.settings.tenant
        event = dead_letter(
            delivery.message, service=context.service, error_code=code, tenant=tenant, ports=context.ports
        )
        # What a procedure writes is no fault of ours. By id: one that cannot be acknowledged now counts once.
        if not topics.procedure_of(delivery.message.topic):
            self._dead_in_a_row.add(event.subject)
        context.log.error("delivery_dead", event_id=event.subject, code=code)
        return [event, *(refusal(self._service, delivery.message, broken, context) if broken else ())]

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
            self._remember(self._name(delivery))

    def _commit_refused(self, done: list[Delivery], waiting: set[_Key], error: Exception) -> None:
        """Something in the batch will never be written: each is committed by itself, and that one given up."""
        self._context.log.error("commit_refused", deliveries=len(done), **where(error))
        if len({key_of(delivery) for delivery in done}) > 1:
            self._alone.update(map(known_as, done))
            self._defer(done, waiting, 0.0)
            return
        try:
            self._reader.ack(done, [event for delivery in done for event in self._dead_letter(delivery, "bug")])
        except TryLater as absent:
            self._retry_all_later(done, waiting, absent)

    def _retry_all_later(self, bundle: Bundle, waiting: set[_Key], error: TryLater) -> None:
        """The world hinders them: they wait for its end, and those behind them."""
        self._defer(bundle, waiting, self._hindered.add(bundle, error))

    def _defer(self, bundle: Bundle, waiting: set[_Key], pause: float) -> None:
        """They come back after the pause, scattered where several wait: who looks first next time is left to chance.

        Else the same one would always look, and may be the only one that is still hindered. The chance is drawn from
        id and time, so that a simulation tells the same story again.
        """
        first = self._settings.pause.total_seconds()
        for delivery in bundle:
            waiting.add(key_of(delivery))
            drawn = zlib.crc32(f"{known_as(delivery)[1]}/{self._monotonic()}".encode()) / 2**32
            scattered = (pause or first) + (drawn * first if len(self._hindered) > 1 else 0.0)
            self._reader.retry_later(delivery, timedelta(seconds=scattered))

    def _name(self, delivery: Delivery) -> Known:
        known = self._names.get(delivery)
        if known is None:
            known = self._names[delivery] = known_as(delivery)
        return known

    def _remember(self, known: Known) -> None:
        self._hindered.acknowledged(known)
        self._alone.discard(known)
        self._known[known] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
