"""The LMTP listener (RFC 2033), for a mail server of the mail room that hands over: one reply for each recipient."""

import re
from typing import Any

from services.mail_intake.listener import SmtpListener
from services.mail_intake.smtp import Conclusion, Session

_PLAIN = re.compile(r"([245])(?!20)\d\d (?!\d\.\d)")
"""A reply of aiosmtpd's own, which has no enhanced status code; the greeting must not have one (RFC 2034 §4)."""
_NOT_HERE = "500 5.5.1 This is LMTP, say LHLO"


class LmtpSession(Session):
    """One connection. Recipients share one fate, told to each with the receipt of its box's office."""

    async def smtp_LHLO(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """What SMTP calls EHLO."""
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, _: str | None) -> None:  # noqa: N802  # same
        """No word of LMTP."""
        await self.push(_NOT_HERE)

    async def smtp_EHLO(self, _: str | None) -> None:  # noqa: N802  # same
        """No word of LMTP."""
        await self.push(_NOT_HERE)

    async def check_helo_needed(self, _: str = "") -> bool:
        """Asks for the right word."""
        return bool(await super().check_helo_needed("LHLO"))

    async def conclude(self, conclusion: Conclusion) -> None:
        """One reply for each recipient, in the order of RCPT."""
        assert self.envelope is not None  # noqa: S101  # set with the connection
        for number, _ in enumerate(self.envelope.rcpt_tos):
            await self.push(conclusion.reply(conclusion.receipts[number : number + 1]))

    async def push(self, status: Any) -> None:
        """Say also what LMTP has to offer (RFC 2033 §5), and keep to it."""
        if status == "250 HELP":  # the last of what EHLO offers
            status = "250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"
        elif found := _PLAIN.match(status):
            status = f"{status[: found.end()]}{found[1]}.0.0 {status[found.end() :]}"
        await super().push(status)


class LmtpListener(SmtpListener):
    """Opened where the setting gives it a port."""

    protocol = "LMTP"
    setting = "mail_intake.lmtp_port"
    session = LmtpSession

    def _certified(self) -> None:
        """No TLS: LMTP is spoken on one machine, or in a network that is closed."""

    def _wanted(self) -> int:
        return self._intake.settings.lmtp_port or 0
