"""STARTTLS (RFC 3207) and AUTH (RFC 4954) of the SMTP listener; the protocol itself is aiosmtpd's."""

from typing import Any, cast

from aiosmtpd import smtp

from services.core.model import accounts
from services.core.model.accounts import Accounts
from services.mail_intake.smtp import Reception, Session
from services.runtime.access.proofs.bearer_keys import key_of

_OFF = "502 5.5.1 Not spoken here"
_INJECTED = "501 5.5.1 Nothing may follow STARTTLS before the handshake"


class SecuredSession(Session):
    """A connection that can be made safe, and on which a sending system may say who it is."""

    def security(self, reception: Reception) -> dict[str, Any]:
        """What aiosmtpd is told: the certificate, and who may sign in. AUTH is only heard behind TLS."""
        settings = reception.intake.settings
        if not reception.certificate:
            return {}
        return {
            "tls_context": reception.certificate.context,
            "require_starttls": settings.tls == "required",
            "authenticator": self._authenticated,
            "auth_required": settings.auth == "required",
        }

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Begin the handshake; commands that were sent before it are refused with the connection.

        A stranger between us and the sender could have put them there (CVE-2011-0411); aiosmtpd would drop them.
        """
        if self._reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001  # asyncio tells it nowhere else
            await self.push(_INJECTED)
            self._writer.close()
            return
        certificate = self.reception.certificate
        if certificate and not certificate.renew():
            self.reception.intake.context.log.warning("tls_certificate_unreadable")
        await super().smtp_STARTTLS(arg or "")

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802  # same
        """A sending system says who it is: any name, and its key as the password."""
        if self.reception.intake.settings.auth == "off":
            await self.push(_OFF)
            return
        await super().smtp_AUTH(arg or "")

    async def push(self, status: Any) -> None:
        """Offer AUTH only where it is spoken."""
        if self.reception.intake.settings.auth == "off" and str(status).startswith("250-AUTH"):
            return
        await super().push(status)

    def _authenticated(self, *told: Any) -> smtp.AuthResult:
        """Whether the password is the key of a system that may deliver; its source is what receipts name."""
        configuration = self.reception.intake.context.configuration
        known = configuration.parsed("accounts", accounts.decode)
        key = key_of(cast("Accounts", known), told[-1].password.decode("utf-8", "replace")) if known else None
        if key is None or "deliver" not in key.rights:
            self.reception.intake.context.log.warning("smtp_auth_failed")
            return smtp.AuthResult(success=False, handled=False)
        return smtp.AuthResult(success=True, auth_data=key.source)
