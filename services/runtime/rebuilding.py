"""Writing something derived anew while the house works: in the background, one at a time, and how far it is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import APIRouter
from pydantic import BaseModel

from services.core.errors import Rejected, TryLater
from services.runtime.http import Administrator
from services.runtime.observing import where
from services.runtime.service import Room

Tell = Callable[[int], None]
"""Called with the number of documents read so far."""
Rebuild = Callable[[Room, Tell], int]
"""Does the work and returns how many documents it was."""


@dataclass(slots=True)
class Rebuilding:
    """At most one rebuild of its kind in this process, and how far it is."""

    room: Room
    rebuild: Rebuild
    running: bool = False
    done: int = 0
    failed: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Start in the background; Rejected while one runs."""
        with self._lock:
            if self.running:
                raise Rejected("already_running")
            self.running, self.done, self.failed = True, 0, ""
        threading.Thread(target=self._run, name=f"rebuild-{self.room.service}", daemon=True).start()

    def _run(self) -> None:
        try:
            self.done = self.rebuild(self.room, self._tell)
        except TryLater as error:
            self.failed = error.code
        except Exception as error:  # noqa: BLE001  # told to whoever asked for it; what lives goes on
            self.room.log.error("rebuild_failed", **where(error))
            self.failed = "internal"
        finally:
            self.running = False

    def _tell(self, done: int) -> None:
        self.done = done


class RebuildState(BaseModel):
    """How far a rebuild is: documents read so far, and the code of what ended it early."""

    running: bool
    done: int
    failed: str


def rebuild_routes(name: str, rebuilding: Rebuilding) -> APIRouter:
    """`POST /rebuilds/{name}` begins one, `GET` tells how far it is."""
    router = APIRouter()

    @router.post(f"/rebuilds/{name}", status_code=202, summary=f"Write the {name} anew from the store")
    def begin(_: Administrator) -> RebuildState:
        rebuilding.begin()
        return state(_)

    @router.get(f"/rebuilds/{name}", summary=f"How far the rebuild of the {name} is")
    def state(_: Administrator) -> RebuildState:
        return RebuildState(running=rebuilding.running, done=rebuilding.done, failed=rebuilding.failed)

    return router
