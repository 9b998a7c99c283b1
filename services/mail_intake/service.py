"""The mail intake: SMTP, LMTP and `POST /mails`."""

from collections.abc import Sequence

from services.mail_intake.door import SmtpDoor
from services.mail_intake.intake import Intake
from services.mail_intake.lmtp import LmtpDoor
from services.mail_intake.routes import routes
from services.runtime.context.service import Listener, Room, Service


def _listeners(room: Room) -> Sequence[Listener]:
    intake = Intake(room)
    if room.settings.mail_intake.lmtp_port is None:
        return (SmtpDoor(intake),)
    return (SmtpDoor(intake), LmtpDoor(intake))


SERVICE = Service(name="mail_intake", routes=routes, listeners=_listeners)
