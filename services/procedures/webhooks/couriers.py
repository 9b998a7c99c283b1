"""A thread for each webhook: one that never answers holds nobody up but itself."""

import contextlib
import functools
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

from services.core.errors import TryLater
from services.procedures.webhooks.sending import LOOKS_EVERY, Courier
from services.runtime.context.observing import where
from services.runtime.context.service import Context

AFTER_A_FAULT = timedelta(minutes=1)
PATIENCE = timedelta(seconds=5)
"""For those who are at it when the process ends; what they had sent is sent once more."""


class Couriers:
    """All of them, in this process; a thread that looks for new ones."""

    def __init__(self, context: Context) -> None:
        self._context, self._holder = context, str(uuid.uuid4())
        self._stopping = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def __str__(self) -> str:
        return "webhooks to " + ", ".join(self._context.settings.procedures.webhook_targets)

    def start(self) -> None:
        """Look for procedures that have one, from now on."""
        self._spawn("", self._look)

    def stop(self) -> None:
        """Send nothing more."""
        self._stopping.set()
        for thread in list(self._threads.values()):
            thread.join(PATIENCE.total_seconds() / len(self._threads))

    def _look(self) -> None:
        while not self._stopping.wait(LOOKS_EVERY.total_seconds()):
            try:
                self._look_once()
            except Exception as error:  # noqa: BLE001  # a registration that cannot be read may be mended
                self._context.log.error("webhook_broken", **where(error))

    def _look_once(self) -> None:
        for one in self._context.procedures.procedures:
            known = self._threads.get(one.name)
            if one.webhook and (known is None or not known.is_alive()):
                self._spawn(one.name, functools.partial(self._run, one.name))

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=f"webhook-{name}", daemon=True)
        self._threads[name] = thread
        thread.start()

    def _run(self, name: str) -> None:
        """Until its webhook is taken away, or the process ends."""
        courier, pause = Courier(name, self._context, holder=self._holder), timedelta(0)
        while not self._stopping.wait(pause.total_seconds()):
            one = self._context.procedures.named(name)
            if one is None or one.webhook is None:
                return
            pause = self._stepped(courier)
        with contextlib.suppress(TryLater):  # then the others wait until our time is over
            courier.give_back()

    def _stepped(self, courier: Courier) -> timedelta:
        try:
            return courier.step()
        except TryLater:
            return LOOKS_EVERY
        except Exception as error:  # noqa: BLE001  # a fault of ours ends this try, not the webhook
            self._context.log.error("webhook_broken", **where(error))
            return AFTER_A_FAULT
