"""Writing something derived anew while the mail room works: in the background, one at a time, and how far it is."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.core.errors import Rejected, TryLater
from services.runtime.context.observing import where
from services.runtime.context.service import Context
from services.runtime.web.http import Administrator


class Tell(Protocol):
    """Called with the number of documents read so far, and of damaged originals among them."""

    def __call__(self, done: int, damaged: int = 0) -> None: ...


def silent(done: int, damaged: int = 0) -> None:
    """For whoever does not listen."""
    del done, damaged


TELLS_EVERY_S = 0.5
Rebuild = Callable[[Context, Tell], int]
"""Does the work and returns how many documents it was."""


@dataclass(slots=True)
class Rebuilding:
    """At most one rebuild of its kind in this process, and how far it is."""

    context: Context
    rebuild: Rebuild
    running: bool = False
    done: int = 0
    damaged: int = 0
    failed: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Start in the background; Rejected while one runs."""
        with self._lock:
            if self.running:
                raise Rejected("already_running")
            self.running, self.done, self.damaged, self.failed = True, 0, 0, ""
            self._over.clear()
        threading.Thread(target=self._run, name=f"rebuild-{self.context.service}", daemon=True).start()

    def progress(self) -> Iterator[str]:
        """How far it is, a line of JSON every half second and one at its end. It goes on when nobody reads them."""
        while not self._over.wait(TELLS_EVERY_S):
            yield self._to_json()
        yield self._to_json()

    def _to_json(self) -> str:
        return (
            RebuildState(
                running=self.running, done=self.done, damaged=self.damaged, failed=self.failed
            ).model_dump_json()
            + "\n"
        )

    def _run(self) -> None:
        try:
            self.done = self.rebuild(self.context, self._tell)
        except TryLater as error:
            self.failed = error.code
        except Exception as error:  # noqa: BLE001  # told to whoever asked for it; what lives goes on
            self.context.log.error("rebuild_failed", **where(error))
            self.failed = "internal"
        finally:
            self.running = False
            self._over.set()

    def _tell(self, done: int, damaged: int = 0) -> None:
        self.done, self.damaged = done, damaged


class RebuildState(BaseModel):
    """How far a rebuild is: documents read so far, damaged originals among them, the code of what ended it early."""

    running: bool
    done: int
    damaged: int = 0
    failed: str


def rebuild_routes(name: str, rebuilding: Rebuilding) -> APIRouter:
    """`POST /rebuilds/{name}` begins one and tells how far it is, on one connection: no other process knows."""
    router = APIRouter()
    lines: dict[int | str, dict[str, Any]] = {
        200: {"model": RebuildState, "description": "A line of JSON every half second (application/x-ndjson)"}
    }

    @router.post(
        f"/rebuilds/{name}",
        summary=f"Write the {name} anew from the store",
        responses=lines,
        response_class=StreamingResponse,
    )
    def begin(_: Administrator) -> StreamingResponse:
        rebuilding.begin()
        return StreamingResponse(rebuilding.progress(), media_type="application/x-ndjson")

    return router
