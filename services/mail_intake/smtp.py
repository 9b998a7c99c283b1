"""The SMTP listener: RFC 5321 spoken by aiosmtpd, but for DATA, which is streamed instead of held in memory."""

import asyncio
import collections
import contextlib
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiosmtpd import smtp

from services.core import catalogue
from services.core.errors import Rejected, TryLater
from services.mail_intake import policy
from services.mail_intake.intake import Intake, Submission
from services.mail_intake.tls import Certificate
from services.mail_intake.transparency import content
from services.runtime.context import uncaptured
from services.runtime.context.observing import where
from services.runtime.streams.spooling import SLOWEST, Share, Spool
from services.runtime.worker.publishing import TellingInThreads

CODES = {
    "busy": "452 4.3.1",
    "store_full": "452 4.3.1",
    "too_many_recipients": "452 4.5.3",
    "recipient_unknown": "550 5.1.1",
    "too_large": "552 5.3.4",
    "empty": "554 5.6.0",
    "network_refused": "554 5.7.1",
    "recipient_excluded": "550 5.7.1",
    "report_broken": "554 5.6.0",
}
"""Reply and enhanced status code (RFC 5321, RFC 3463) of a refusal; anything else is 451: the sender keeps the mail."""

READ_BYTES = 64 * 1024
COMMAND_BYTES = 4096
_AT_ONCE = 0.001
NAMED = 20
"""Receipts in one reply; the sender's log knows that there are more by what it asked for."""
GOODBYE = "421 4.3.2 Closing"

# It writes addresses and commands into its log.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)


def answer(code: str) -> str:
    """The reply to a refused mail."""
    return f"{CODES.get(code, '451 4.3.0')} {catalogue.refusal(code, 'en')}"


@dataclass(kw_only=True, slots=True)
class Reception:
    """What all sessions of the listener share; belongs to its event loop, but for the intake and the threads."""

    intake: Intake
    storing: Executor
    telling: TellingInThreads
    hostname: str
    networks: tuple[policy.Network, ...]
    certificate: Certificate | None = None
    """With which TLS is offered; None where it is not spoken."""
    rates: policy.Rates = field(default_factory=policy.Rates)
    sessions: dict["Session", "asyncio.Task[None]"] = field(default_factory=dict)
    closing: bool = False

    def accept(self, spool: Spool, submission: Submission, resources: ExitStack) -> "Conclusion":
        """Store a mail and say what the sender is told; runs in a thread and never raises."""
        try:
            with resources:
                spool.flush()
                delivered = self.intake.accept(spool, submission)
                if not delivered.accepted:
                    uncaptured.taken(self.intake.context.ports, self.intake.context.settings.tenant)
        except (Rejected, TryLater) as error:
            self.intake.context.log.warning("mail_refused", code=error.code)
            return Conclusion(refusal=answer(error.code))
        except Exception as error:  # noqa: BLE001  # a fault of ours: the sender keeps the mail
            self.intake.context.log.error("bug", **where(error))
            return Conclusion(refusal=answer("internal"))
        self.telling.tell(*(one.event for one in delivered.accepted))
        return Conclusion(receipts=delivered.receipts_of(submission.recipients))


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """What became of a mail that was sent to its end: a refusal, or the receipt of each recipient."""

    refusal: str = ""
    receipts: tuple[str, ...] = ()

    def reply(self, receipts: Sequence[str]) -> str:
        """One line that names these receipts, as many as a reply may hold (RFC 5321 §4.5.3.1.5: 512 octets)."""
        named = " ".join(list(dict.fromkeys(filter(None, receipts)))[:NAMED])
        return self.refusal or f"250 2.0.0 Accepted {named or 'and not captured'}"


class _Rules:
    """What aiosmtpd asks us (its hooks)."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._settings = reception.intake.settings

    async def handle_RCPT(self, *told: Any) -> str:  # noqa: N802  # aiosmtpd's name
        _server, _session, envelope, address, _options = told
        if not policy.is_ours(address, self._settings.domains):
            return answer("recipient_unknown")
        if address in self._reception.intake.exclusion and self._settings.excluded_answer == "refuse":
            uncaptured.refused()
            return answer("recipient_excluded")
        if len(envelope.rcpt_tos) >= policy.MAX_RECIPIENTS:
            return answer("too_many_recipients")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, smtp.TLSSetupException):  # the peer's doing; aiosmtpd ends the connection
            self._reception.intake.context.log.warning("tls_failed")
            return GOODBYE
        self._reception.intake.context.log.error("bug", **where(error))
        return answer("internal")


class Session(smtp.SMTP):
    """One connection."""

    command_size_limit = COMMAND_BYTES
    line_length_limit = READ_BYTES
    """Only how much is read at one time: real mail has longer lines than RFC 5322 allows, and is taken as it is."""

    def __init__(self, reception: Reception) -> None:
        self.reception = reception
        self._receiving = False
        self._deadline = 0.0
        self._silence = reception.intake.settings.timeout.total_seconds()
        super().__init__(
            _Rules(reception),
            data_size_limit=int(reception.intake.settings.max_size),
            enable_SMTPUTF8=True,
            hostname=reception.hostname,
            ident="Poststelle",
            timeout=self._silence,
            loop=asyncio.get_running_loop(),
            **self.security(reception),
        )
        # aiosmtpd keeps these in the class, where every new connection resets them for all others.
        self.command_size_limits = collections.defaultdict(lambda: COMMAND_BYTES)

    def security(self, _: Reception) -> dict[str, Any]:
        """What aiosmtpd is told of TLS and AUTH: nothing, they are not spoken."""
        return {}

    def data_received(self, data: bytes) -> None:
        """Within a mail every byte ends the silence, until the whole takes too long."""
        if self._receiving:
            self._reset_timeout(max(_AT_ONCE, min(self._silence, self._deadline - self.loop.time())))
        super().data_received(data)

    def say_goodbye(self) -> None:
        """End the session, unless it is taking a mail in: then that is finished first."""
        if not self._receiving and self.transport is not None:
            self._writer.write(GOODBYE.encode() + b"\r\n")
            self.transport.close()

    async def _handle_client(self) -> None:
        refusal = self._refusal()
        if refusal:
            await self.push(refusal)
            self._writer.close()
            return
        assert self._handler_coroutine is not None  # noqa: S101  # this task
        self.reception.sessions[self] = self._handler_coroutine
        try:
            with contextlib.suppress(ConnectionError):  # the peer went away
                await super()._handle_client()
        finally:
            del self.reception.sessions[self]

    def _refusal(self) -> str:
        if not policy.may_deliver(policy.peer_address(self.peer()), self.reception.networks):
            return answer("network_refused")
        if self.reception.closing or self._too_many():
            return "421 4.3.2 " + catalogue.refusal("busy", "en")
        return ""

    def _too_many(self) -> bool:
        settings, sessions = self.reception.intake.settings, self.reception.sessions
        own = sum(each.peer() == self.peer() for each in sessions)
        return len(sessions) >= settings.connections or own >= settings.connections_per_peer

    def peer(self) -> str:
        """The address of the other side; empty once it is gone."""
        return str(self.session.peer[0]) if self.session and self.session.peer else ""

    def source(self) -> str:
        """The sending system: as it said by AUTH, else its address."""
        assert self.session is not None  # noqa: S101  # set with the connection
        told = self.session.auth_data if self.session.authenticated else ""
        return str(told or policy.source_of(policy.peer_address(self.peer())))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        return policy.plain_address(arg) or super()._getaddr(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Refuse at once what announces too much (RFC 1870 §6.1); the rest is aiosmtpd's."""
        if not self.reception.rates.admits(self.source(), self.reception.intake.settings.mails_per_minute):
            await self.push(answer("busy"))
            return
        announced = policy.announced_size((arg or "").rpartition(">")[2].split())
        if announced and announced > self.reception.intake.settings.max_size:
            await self.push(answer("too_large"))
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Take a mail in; the answer comes when it is stored."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None  # noqa: S101  # set with the connection
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Need RCPT before DATA")
            return
        self._receiving = True
        try:
            await self._take_in(self.envelope)
        finally:
            self._receiving = False
            self.envelope = self._create_envelope()
        if self.reception.closing:
            self.say_goodbye()

    async def conclude(self, conclusion: Conclusion) -> None:
        """Answer a mail that was sent to its end: with the receipt of every office that it was for."""
        await self.push(conclusion.reply(conclusion.receipts))

    async def _take_in(self, envelope: smtp.Envelope) -> None:
        announced = policy.announced_size(envelope.mail_options)
        with ExitStack() as resources:
            try:
                share = resources.enter_context(self.reception.intake.share(announced))
            except TryLater as error:
                await self.push(answer(error.code))
                return
            self._deadline = self.loop.time() + self._silence + share.size_bytes / SLOWEST
            spool = resources.enter_context(self.reception.intake.spool())
            await self.push("354 End with <CRLF>.<CRLF>")
            nobody = self.reception.intake.exclusion.leaves_nobody(envelope.rcpt_tos, b"")
            refused = await (self._let_go() if nobody else self._read_all(spool, share))
            self._reset_timeout()
            if refused:
                await self.conclude(Conclusion(refusal=answer(refused)))
                return
            job = partial(self.reception.accept, spool, self._submission(envelope), resources.pop_all())
            # Shielded: when the peer goes away now, the thread still ends what it began, and closes the spool itself.
            await self.conclude(await asyncio.shield(asyncio.wrap_future(self.reception.storing.submit(job))))

    async def _let_go(self) -> str:
        """Read to the end what nobody may capture: it lies nowhere, not even for a moment."""
        async for _ in content(self._reader):
            pass
        return ""

    async def _read_all(self, spool: Spool, share: Share) -> str:
        """Read to the end, also of what is refused (RFC 5321 §4.2.5); return the code of the refusal."""
        refused = ""
        async for piece in content(self._reader):
            if not refused:
                refused = await self._lay_down(piece, spool, share)
        return refused or ("" if spool.size_bytes else "empty")

    async def _lay_down(self, piece: bytes, spool: Spool, share: Share) -> str:
        try:
            due = spool.add(piece)
            share.grow_to(spool.size_bytes)
            if due:
                await asyncio.get_running_loop().run_in_executor(self.reception.storing, spool.flush)
        except (Rejected, TryLater) as error:
            return error.code
        return ""

    def _submission(self, envelope: smtp.Envelope) -> Submission:
        sender = policy.readable(envelope.mail_from or "")
        return Submission(
            source=self.source(),
            mail_from="" if sender == "<>" else sender,
            recipients=_readable(envelope.rcpt_tos),
        )


def _readable(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(policy.readable(address) for address in addresses)
