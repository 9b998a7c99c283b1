"""The mail intake: SMTP, LMTP and `POST /mails`."""

from collections.abc import Sequence

from services.mail_intake.intake import Intake
from services.mail_intake.listener import SmtpListener
from services.mail_intake.lmtp import LmtpListener
from services.mail_intake.routes import routes
from services.runtime.context.service import Context, Listener, Service


def _listeners(context: Context) -> Sequence[Listener]:
    intake = Intake(context)
    if context.settings.mail_intake.lmtp_port is None:
        return (SmtpListener(intake),)
    return (SmtpListener(intake), LmtpListener(intake))


SERVICE = Service(name="mail_intake", intake=True, routes=routes, listeners=_listeners)
