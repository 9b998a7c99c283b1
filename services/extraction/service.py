"""The service that reads: a received document becomes text, part by part, and what OCR brings is joined to it."""

from services.extraction.handler import handle
from services.extraction.pages import pages
from services.extraction.routes import routes
from services.runtime.context.service import Service

SERVICE = Service(
    name="extraction",
    needs=("extractor",),
    handle=handle,
    routes=routes,
    pages=pages,
    members=lambda settings: settings.extraction.workers,
)
