"""The scan intake: `POST /scans`, `PUT /scans/{filename}`, and the hot folder where one is set."""

from collections.abc import Sequence

from services.runtime.context.service import Listener, Room, Service
from services.scan_intake.hot_folder.condition import condition
from services.scan_intake.hot_folder.watcher import HotFolder
from services.scan_intake.routes import routes


def _listeners(room: Room) -> Sequence[Listener]:
    folder = room.settings.scan_intake.folder
    return (HotFolder(room, folder),) if folder else ()


SERVICE = Service(name="scan_intake", routes=routes, listeners=_listeners, condition=condition)
