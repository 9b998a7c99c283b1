"""The scan intake: `POST /scans` and `PUT /scans/{filename}`."""

from services.runtime.service import Service
from services.scan_intake.routes import routes

SERVICE = Service(name="scan_intake", routes=routes)
