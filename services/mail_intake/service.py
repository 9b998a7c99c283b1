"""The mail intake: SMTP and `POST /mails`."""

from collections.abc import Sequence

from services.mail_intake.door import SmtpDoor
from services.mail_intake.intake import Intake
from services.mail_intake.routes import routes
from services.runtime.service import Listener, Room, Service


def _listeners(room: Room) -> Sequence[Listener]:
    return (SmtpDoor(Intake(room)),)


SERVICE = Service(name="mail_intake", routes=routes, listeners=_listeners)
