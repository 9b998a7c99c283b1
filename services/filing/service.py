"""The service that files documents and keeps the registers."""

from services.filing.decisions import repair
from services.filing.handler import handle
from services.filing.pages import pages
from services.filing.routes import routes
from services.runtime.context.service import Round, Service

SERVICE = Service(
    name="filing",
    needs=("index",),
    handle=handle,
    routes=routes,
    pages=pages,
    rounds=(Round(name="repair", every=lambda settings: settings.filing.repair_every, act=repair),),
)
