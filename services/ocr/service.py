"""The service that recognises text on pictures of pages, up to twenty at a time, each content once, and shows them."""

from services.ocr.handler import handle
from services.ocr.routes import routes
from services.runtime.context.service import Service

SERVICE = Service(
    name="ocr",
    needs=("ocr",),
    handle=handle,
    members=lambda settings: settings.ocr.workers,
    batch=lambda settings: 2 * settings.ocr.workers,
    routes=routes,
)
