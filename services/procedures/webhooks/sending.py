"""One procedure's webhook: the next line of its inbox, signed, sent, and sent again until it is taken.

Lines go one after another, so what is filed in one file comes in its order. What is not taken is tried again after a
pause that doubles; after `procedures.webhook_patience` the webhook is parked at that line, and a person sends again.
"""

import json
import random
import uuid
from datetime import timedelta

from services.core.messages.procedures import Procedure
from services.core.messages.webhooks import Webhook
from services.procedures import cloud_events, inbox
from services.procedures.webhooks import signing
from services.procedures.webhooks.progress import Progress, held_for
from services.runtime.context.service import Context

LOOKS_EVERY = timedelta(seconds=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=15)
AT_ONCE = timedelta(0)
FOR_GOOD = frozenset({"webhook_gone", "webhook_target", "webhook_address", "webhook_secret"})
"""What no further try would change: parked at once. 410 is how a receiver says that it wants no more."""


class Courier:
    """Sends to one procedure; one thread is at it."""

    def __init__(self, name: str, context: Context, *, holder: str = "") -> None:
        self._name, self._context = name, context
        self._holder = holder or str(uuid.uuid4())
        self._run, self._line, self._pause = "", 0, AT_ONCE

    def step(self) -> timedelta:
        """Send the next line where one is due; after which time to look again."""
        one = self._context.procedures.named(self._name)
        hook = one.webhook if one else None
        if one is None or hook is None or one.paused_since:
            return LOOKS_EVERY
        progress = self._progress(one, hook)
        if not inbox.there(self._context, self._name, self._line + 1) or progress.parked():
            return LOOKS_EVERY
        if not progress.take_turn(self._holder):
            self._run = ""  # whoever is at it goes on: read anew how far it is
            return held_for(self._context) / 4
        return self._send(hook, progress)

    def give_back(self) -> None:
        """Another process may send at once: one that ends for an update holds up nobody. TryLater with the store."""
        one = self._context.procedures.named(self._name)
        if one and one.webhook:
            Progress(one.name, one.webhook, self._context).give_back(self._holder)

    def _progress(self, one: Procedure, hook: Webhook) -> Progress:
        progress = Progress(one.name, hook, self._context)
        if self._run != hook.run:
            self._run, self._line, self._pause = hook.run, progress.last(), AT_ONCE
        return progress

    def _send(self, hook: Webhook, progress: Progress) -> timedelta:
        line = self._line + 1
        code = self._posted(hook, line)
        if not code:
            progress.took(line)
            self._line, self._pause = line, AT_ONCE
            return AT_ONCE
        trouble = progress.not_taken(line, code)
        waited = self._context.ports.clock.now() - trouble.since
        if code in FOR_GOOD or waited >= self._context.settings.procedures.webhook_patience:
            progress.park(trouble)
            self._context.log.error("webhook_parked", procedure=self._name, line=line, code=code)
        elif not self._pause:
            self._context.log.warning("webhook_not_taken", procedure=self._name, line=line, code=code)
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        return self._pause * random.uniform(0.8, 1.2)  # noqa: S311  # so that not all come back in one moment

    def _posted(self, hook: Webhook, line: int) -> str:
        if not signing.is_known(hook, self._name, self._context):
            return "webhook_secret"
        event = inbox.line_event(self._context, self._name, line)
        body = json.dumps(cloud_events.structured(event), ensure_ascii=False, separators=(",", ":")).encode()
        secrets = signing.secrets_of(hook, self._name, self._context)
        signed = signing.headers(event.id, body, at=self._context.ports.clock.now(), secrets=secrets)
        return self._context.ports.webhooks.post(hook.url, signed, body)
