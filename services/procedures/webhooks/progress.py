"""How far a webhook was told of its inbox, what it would not take, and which process is at it: all of it stored."""

import contextlib
from collections.abc import Sequence
from datetime import timedelta

from services.core import keys
from services.core.errors import BlobMissing
from services.core.keys import Bucket
from services.core.messages import procedures
from services.core.messages.webhooks import Webhook, WebhookParked, WebhookTrouble, WebhookTurn
from services.core.model import record_files
from services.runtime.context.service import Context


def held_for(context: Context) -> timedelta:
    """How long a process sends alone after it said so: when it sends, half of that is left, twice what an event takes.

    Two at once would only tell twice, and for so long a dead one holds up all others.
    """
    return 4 * context.settings.procedures.webhook_timeout


class Progress:
    """Of one run of one procedure's webhook."""

    def __init__(self, name: str, hook: Webhook, context: Context) -> None:
        self._context, self._blobs, self._hook = context, context.ports.blobs, hook
        self._above = f"{context.settings.tenant}/procedures/{name}"

    def last(self) -> int:
        """The line that was taken last; more than one mark only where somebody died between two."""
        return max((self._hook.after, *self._marks()))

    def took(self, line: int) -> None:
        """It was taken; the new mark is written before the old ones go."""
        old = [mark for mark in self._marks() if mark < line]
        self._blobs.create(Bucket.RECORDS, f"{self._sent}{line}", b"")
        for mark in old:
            self._blobs.delete(Bucket.RECORDS, f"{self._sent}{mark}")
        self._blobs.delete(Bucket.RECORDS, self._trouble)

    def trouble(self) -> WebhookTrouble | None:
        """What is wrong with the line that it is at."""
        with contextlib.suppress(BlobMissing):
            return procedures.decode(WebhookTrouble, self._blobs.read(Bucket.RECORDS, self._trouble))
        return None

    def not_taken(self, line: int, code: str) -> WebhookTrouble:
        """Note it, with the time of the first try; another reason than before takes its place."""
        before = self.trouble()
        if before and (before.line, before.code) == (line, code):
            return before
        since = before.since if before and before.line == line else self._context.ports.clock.now()
        made = WebhookTrouble(line=line, since=since, code=code)
        if before:
            self._blobs.delete(Bucket.RECORDS, self._trouble)
        self._blobs.create(Bucket.RECORDS, self._trouble, record_files.encode(made))
        return made

    def parked(self) -> WebhookParked | None:
        """Where the run was given up."""
        with contextlib.suppress(BlobMissing):
            return procedures.decode(WebhookParked, self._blobs.read(Bucket.RECORDS, self._parked))
        return None

    def park(self, trouble: WebhookTrouble) -> None:
        """Give it up until somebody sends again; once."""
        now = self._context.ports.clock.now()
        made = WebhookParked(line=trouble.line, at=now, since=trouble.since, code=trouble.code)
        self._blobs.create(Bucket.RECORDS, self._parked, record_files.encode(made))

    def clear(self) -> None:
        """Take away all that is stored of the run."""
        for key in list(self._blobs.keys(Bucket.RECORDS, f"{self._run}/")):
            self._blobs.delete(Bucket.RECORDS, key)

    def take_turn(self, holder: str) -> bool:
        """Whether this process sends now, and no other: it said so last, or whoever did is over its time."""
        now, known = self._context.ports.clock.now(), sorted(self._turns())
        last = self._turn(known[-1]) if known else None
        if last and now < last.until and last.holder != holder:
            return False
        held = held_for(self._context)
        if last and last.holder == holder and now < last.until - held / 2:
            return True
        return self._say(WebhookTurn(holder=holder, until=now + held), known)

    def give_back(self, holder: str) -> None:
        """Others may send from now on, where this process was the one that did."""
        now, known = self._context.ports.clock.now(), sorted(self._turns())
        last = self._turn(known[-1]) if known else None
        if last and last.holder == holder and now < last.until:
            self._say(WebhookTurn(holder=holder, until=now), known)

    def _say(self, turn: WebhookTurn, known: Sequence[int]) -> bool:
        """Behind all that was said before: whoever is slow to say something finds the place taken."""
        number = known[-1] + 1 if known else 1
        if not self._blobs.create(Bucket.RECORDS, self._turn_key(number), record_files.encode(turn)):
            return False
        for old in known:
            self._blobs.delete(Bucket.RECORDS, self._turn_key(old))
        return True

    @property
    def _run(self) -> str:
        return f"{self._above}/webhook/{self._hook.run}"

    @property
    def _sent(self) -> str:
        return f"{self._run}/sent/"

    @property
    def _trouble(self) -> str:
        return f"{self._run}/trouble.json"

    @property
    def _parked(self) -> str:
        return f"{self._run}/parked.json"

    def _marks(self) -> list[int]:
        return [keys.number_in(key) for key in self._blobs.keys(Bucket.RECORDS, self._sent)]

    def _turns(self) -> list[int]:
        return [keys.number_in(key) for key in self._blobs.keys(Bucket.RECORDS, f"{self._above}/webhook-turn/")]

    def _turn_key(self, number: int) -> str:
        return f"{self._above}/webhook-turn/{number}.json"

    def _turn(self, number: int) -> WebhookTurn | None:
        """None: somebody took the next turn meanwhile, and took this one away."""
        with contextlib.suppress(BlobMissing):
            return procedures.decode(WebhookTurn, self._blobs.read(Bucket.RECORDS, self._turn_key(number)))
        return None
