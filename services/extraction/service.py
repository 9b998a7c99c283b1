"""The service that reads: a received document becomes text, part by part, and what OCR brings is joined to it.

It shows the pages of each part, too, with what draws them; that is the port of the OCR.
"""

from services.extraction.handler import handle
from services.extraction.pages import pages
from services.extraction.routes import routes
from services.runtime.context.service import Service

SERVICE = Service(
    name="extraction",
    needs=("extractor", "ocr"),
    handle=handle,
    routes=routes,
    pages=pages,
    members=lambda settings: settings.extraction.workers,
)
