"""A mail gateway as cities have it: several sessions, and what was not acknowledged is sent again until it is."""

import itertools
import queue
import random
import smtplib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage

from tests.journeys.instance import deliver

GIVES_UP_AFTER_S = 600.0


class Gateway:
    """Delivers a pile of mails in the background; `receipts` grows as they are acknowledged."""

    def __init__(
        self,
        ports: Sequence[int],
        mails: Sequence[EmailMessage],
        *,
        sessions: int = 4,
        patience_s: float = GIVES_UP_AFTER_S,
    ) -> None:
        """Where one port does not answer, the next one is tried."""
        self._ports = itertools.cycle(ports)
        self._pile: queue.SimpleQueue[tuple[int, EmailMessage]] = queue.SimpleQueue()
        for numbered in enumerate(mails):
            self._pile.put(numbered)
        self._count = len(mails)
        self._deadline = time.monotonic() + patience_s
        self._patience_s = patience_s
        self.receipts: dict[int, str] = {}
        self._threads = [threading.Thread(target=self._session, daemon=True) for _ in range(sessions)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> dict[int, str]:
        """Wait until every mail is acknowledged; the receipt of each, by its place in the pile."""
        for thread in self._threads:
            thread.join(self._patience_s)
        assert len(self.receipts) == self._count
        return self.receipts

    def wait_for(self, count: int) -> None:
        """Until so many mails are acknowledged."""
        while len(self.receipts) < count:
            assert time.monotonic() < self._deadline
            time.sleep(0.01)

    def _session(self) -> None:
        session: smtplib.SMTP | None = None
        with suppress(queue.Empty):
            while True:
                number, mail = self._pile.get_nowait()
                session = self._deliver(number, mail, session)
        if session:
            session.close()

    def _deliver(self, number: int, mail: EmailMessage, session: smtplib.SMTP | None) -> smtplib.SMTP | None:
        while time.monotonic() < self._deadline:
            try:
                session = session or smtplib.SMTP("127.0.0.1", next(self._ports), timeout=30)
                self.receipts[number] = deliver(session, mail)
            except (OSError, smtplib.SMTPException):
                if session:
                    session.close()
                session = None
                time.sleep(0.1)
            else:
                return session
        return session


def moments(seed: int, *, count: int, mails: int) -> list[tuple[int, float]]:
    """When disaster strikes: how many mails were acknowledged by then, and how many seconds later."""
    chance = random.Random(seed)
    return sorted((chance.randrange(mails // 20, mails * 9 // 10), chance.uniform(0, 0.3)) for _ in range(count))
