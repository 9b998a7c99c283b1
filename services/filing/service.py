"""The service that files documents and keeps the registers."""

from datetime import timedelta

from services.filing.decisions import repair
from services.filing.handler import handle
from services.filing.handling import handling
from services.filing.pages import pages
from services.filing.postponing import apply_due, sweep_ends
from services.filing.routes import routes
from services.filing.titles import titling
from services.filing.workbench.presence import sweep_presence
from services.runtime.context.service import Round, Service

SERVICE = Service(
    name="filing",
    needs=("index",),
    handle=handle,
    routes=routes,
    pages=pages,
    rounds=(
        Round(name="repair", every=lambda settings: settings.filing.repair_every, act=repair),
        Round(name="titles", every=lambda settings: settings.filing.repair_every, act=titling.tell_again),
        Round(name="handlings", every=lambda settings: settings.filing.repair_every, act=handling.tell_again),
        Round(name="postponed", every=lambda _: timedelta(seconds=1), act=apply_due),
        Round(name="presence", every=lambda _: timedelta(minutes=1), act=sweep_presence),
        Round(name="postponed_ends", every=lambda _: timedelta(hours=1), act=sweep_ends),
    ),
)
