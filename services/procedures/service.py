"""The service of the specialist procedures."""

from datetime import timedelta

from services.procedures.delivering.answering import look_after
from services.procedures.handler import handle
from services.procedures.refusing import refuse
from services.procedures.routes import routes
from services.procedures.sweeping import Sweep
from services.procedures.webhooks.couriers import Couriers
from services.procedures.webhooks.standing import condition
from services.runtime.context.service import Round, Service

SWEEPS_EVERY = timedelta(hours=1)
"""Also the time that an upload has to be described after its content was stored, twice."""

LOOKS_EVERY = timedelta(hours=1)
"""Answers are due after days; so much later a reminder may be."""

SERVICE = Service(
    name="procedures",
    handle=handle,
    refuse=refuse,
    routes=routes,
    rounds=(
        Round(name="uploads", every=lambda _: SWEEPS_EVERY, act=Sweep()),
        Round(name="answers", every=lambda _: LOOKS_EVERY, act=look_after),
    ),
    listeners=lambda context: (Couriers(context),) if context.settings.procedures.webhook_targets else (),
    condition=condition,
)
