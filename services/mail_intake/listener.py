"""The thread in which the SMTP listener stands: it opens, and it closes when the last mail in hand is stored."""

import asyncio
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from services.core.errors import Misconfigured
from services.mail_intake.intake import Intake
from services.mail_intake.policy import settings_networks
from services.mail_intake.secured import SecuredSession
from services.mail_intake.smtp import Reception, Session
from services.mail_intake.tls import Certificate
from services.runtime.worker.publishing import TellingInThreads

STORING = 16
"""Mails stored at the same time: they wait for the disk or the store, not for each other."""

TELLING = 4
"""Threads that publish; a log that hangs holds up these, and no mail."""

PATIENCE = timedelta(seconds=15)
"""How long a stop waits for mails that are coming in."""


class SmtpListener:
    """A listener (see runtime/service.py) with an event loop of its own."""

    protocol = "SMTP"
    setting = "mail_intake.port"
    session: type[Session] = SecuredSession

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._opened: Future[int] = Future()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._certificate = self._certified()
        self._thread = threading.Thread(target=self._run, name=f"mail_intake-{self.protocol.lower()}", daemon=True)

    def __str__(self) -> str:
        """A line for whoever started the mail room."""
        return f"Mail is taken in at {self._intake.settings.host}, port {self.port} ({self.protocol})."

    @property
    def port(self) -> int:
        """The port it listens on, also where the settings left the choice open."""
        return self._opened.result()

    def start(self) -> None:
        """See the listener; Misconfigured where the address cannot be had."""
        self._thread.start()
        try:
            self._opened.result()
        except OSError as error:
            raise Misconfigured(f"settings mail_intake.host and {self.setting}: this address cannot be had") from error

    def stop(self) -> None:
        """See the listener."""
        if self._loop and self._stop and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _wanted(self) -> int:
        return self._intake.settings.port

    def _certified(self) -> Certificate | None:
        """With what TLS is offered; Misconfigured where that cannot be had, or AUTH is asked for without it."""
        settings = self._intake.settings
        if settings.tls == "off":
            if settings.auth != "off":
                raise Misconfigured("setting mail_intake.auth: needs mail_intake.tls, no key goes over a plain line")
            return None
        return Certificate(settings, self._intake.context.settings.storage.folder)

    def _run(self) -> None:
        storing = ThreadPoolExecutor(STORING, thread_name_prefix="mail_intake-storing")
        telling = ThreadPoolExecutor(TELLING, thread_name_prefix="mail_intake-telling")
        with telling, storing:
            reception = Reception(
                intake=self._intake,
                storing=storing,
                telling=TellingInThreads(self._intake.announcer, telling),
                hostname=socket.gethostname(),
                networks=settings_networks(self._intake.settings),
                certificate=self._certificate,
            )
            try:
                asyncio.run(self._serve(reception))
            finally:
                if not self._opened.done():
                    self._opened.set_exception(OSError())

    async def _serve(self, reception: Reception) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        settings = self._intake.settings
        try:
            server = await self._loop.create_server(lambda: self.session(reception), settings.host, self._wanted())
        except OSError as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()
        await _dismiss(reception)


async def _dismiss(reception: Reception) -> None:
    """Close idle sessions at once, the others when their mail is answered or patience ends."""
    reception.closing = True
    for session in tuple(reception.sessions):
        session.say_goodbye()
    if reception.sessions:
        await asyncio.wait(reception.sessions.values(), timeout=PATIENCE.total_seconds())
