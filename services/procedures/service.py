"""The service of the specialist procedures."""

from services.procedures.handler import handle
from services.procedures.routes import routes
from services.runtime.context.service import Service

SERVICE = Service(name="procedures", handle=handle, routes=routes)
