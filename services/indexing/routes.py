"""Asking for a fresh index."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.indexing.rebuilding import Rebuilding
from services.runtime.http import Administrator
from services.runtime.service import Room


class RebuildState(BaseModel):
    """How far a rebuild is: documents read so far, and the code of what ended it early."""

    running: bool
    done: int
    failed: str


def routes(room: Room) -> APIRouter:
    """`POST /rebuilds/index` begins one, `GET` tells how far it is."""
    router = APIRouter()
    rebuilding = Rebuilding(room)

    @router.post("/rebuilds/index", status_code=202)
    def begin(_: Administrator) -> RebuildState:
        rebuilding.begin()
        return state(_)

    @router.get("/rebuilds/index")
    def state(_: Administrator) -> RebuildState:
        return RebuildState(running=rebuilding.running, done=rebuilding.done, failed=rebuilding.failed)

    return router
