"""The scan intake: `POST /scans`, `PUT /scans/{filename}`, `/hochladen`, and the hot folder where one is set."""

from collections.abc import Sequence

from services.runtime.context.service import Context, Listener, Service
from services.scan_intake.hot_folder.condition import condition
from services.scan_intake.hot_folder.watcher import HotFolder
from services.scan_intake.pages import pages
from services.scan_intake.routes import routes


def _listeners(context: Context) -> Sequence[Listener]:
    folder = context.settings.scan_intake.folder
    return (HotFolder(context, folder),) if folder else ()


SERVICE = Service(
    name="scan_intake", intake=True, routes=routes, pages=pages, listeners=_listeners, condition=condition
)
