"""Deliveries of one worker that wait for the end of an outage, and what the worker may do meanwhile."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Literal

from services.core.errors import TryLater
from services.core.ports.event_log import Delivery
from services.runtime.context.service import Context, Service
from services.runtime.worker.bundles import Known, known_as
from services.runtime.worker.outages import Hindrance, Outages

MOST = 10_000
"""Deliveries of which a worker remembers what they wait for."""
ALWAYS: tuple[Literal["blobs", "log"], ...] = ("blobs", "log")
"""Ports without which no service can do anything."""
WORK = "work"
"""Where an outage is that hinders some deliveries and not others."""
AT_LEAST = 0.1
"""Seconds for which nothing is read while everything waits: a look that is due now is taken by the next turn."""


class Hindered:
    """What a worker's deliveries wait for. The outages belong to all workers of the service, this to one of them."""

    def __init__(self, service: Service, context: Context, outages: Outages) -> None:
        self._needed = (*service.stands_on, *ALWAYS)
        self._ports = context.ports
        self._log = context.log
        self._outages = outages
        self._waiting: OrderedDict[Known, Hindrance] = OrderedDict()
        self._found_back: set[Hindrance] = set()
        """What one of this batch found to be back; the others need not look for themselves."""

    def __contains__(self, known: Known) -> bool:
        return known in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def begin_batch(self) -> None:
        """What was found to be back may be away again."""
        self._found_back.clear()

    def rest(self) -> bool:
        """Look for what everything needs, where a look is due; whether something of it is still away."""
        self._outages.sweep()
        for outage in self._outages:
            if outage.at in self._needed and not self._outages.wait(outage.hindrance):
                if getattr(self._ports, outage.at).ready():
                    self._outages.ended(outage.hindrance)
                else:
                    self._outages.hindered(outage.at, outage.code, fresh=0)
        return self._away() > 0

    def wait(self, deliveries: Iterable[Delivery]) -> float:
        """Seconds until these may try again; 0: at once, as those that never were hindered."""
        return self._away() or max(map(self._outages.wait, self._met(deliveries) - self._found_back), default=0.0)

    def add(self, deliveries: Sequence[Delivery], error: TryLater) -> float:
        """The world hinders them: they wait for its end. The seconds until somebody looks."""
        known = [known_as(delivery) for delivery in deliveries]
        fresh = sum(one not in self._waiting for one in known)
        known_kind = fresh and self._outages.knows(WORK, error.code)
        hindrance, pause = self._outages.hindered(WORK if known_kind else self._what_is_away(), error.code, fresh=fresh)
        self._found_back.discard(hindrance)
        for one in known:
            self._waiting.pop(one, None)
            self._waiting[one] = hindrance
            self._log.debug("retry_later", event_id=one[1], code=error.code, pause=pause)
            if len(self._waiting) > MOST:  # the oldest went to another member long ago, which asks for itself
                self._waiting.popitem(last=False)
        return pause

    def handled(self, deliveries: Iterable[Delivery]) -> None:
        """These got through, so what they waited for is back; it has not ended before they are acknowledged."""
        self._found_back |= self._met(deliveries)

    def acknowledged(self, known: Known) -> None:
        """It waits no more, and whatever hindered it is over."""
        if hindrance := self._waiting.pop(known, None):
            self._outages.ended(hindrance)

    def _met(self, deliveries: Iterable[Delivery]) -> set[Hindrance]:
        if not self._waiting:  # as nearly always, and what a delivery is known as takes longer than the look
            return set()
        return {self._waiting[one] for one in map(known_as, deliveries) if one in self._waiting}

    def _what_is_away(self) -> str:
        """The port that everything needs, where that is away; else only deliveries of one kind wait."""
        return next((name for name in self._needed if not getattr(self._ports, name).ready()), WORK)

    def _away(self) -> float:
        """Seconds until it is looked again for what everything needs; 0: it is there."""
        dues = [outage.due for outage in self._outages if outage.at in self._needed]
        return max(AT_LEAST, max(dues) - self._outages.now()) if dues else 0.0
