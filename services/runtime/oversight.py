"""How the house is: documents by state, what is ready, and whether everything that it needs is there."""

import secrets
import shutil
from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.core import keys
from services.core.entries import Query, Viewer
from services.core.errors import TryLater
from services.core.keys import Bucket
from services.runtime.http import Administrator, readiness
from services.runtime.lifecycle import House
from services.runtime.service import Room

EVERYTHING = Query(limit=1)


class Overview(BaseModel):
    """Documents by state, ports by readiness, stopped services with the code of the reason."""

    documents: dict[str, int]
    ports: dict[str, bool]
    red: dict[str, str]


class Check(BaseModel):
    """One thing that the house needs, and what was found."""

    name: str
    good: bool
    text: str


class Checks(BaseModel):
    """All of them."""

    items: list[Check]


def oversight_routes() -> APIRouter:
    """`GET /overview` and `GET /checks`."""
    router = APIRouter()

    @router.get("/overview", summary="How the house is")
    def show(request: Request, _: Administrator) -> Overview:
        return overview(request.app.state.house)

    @router.get("/checks", summary="Whether everything is there that the house needs")
    def check(request: Request, _: Administrator) -> Checks:
        return Checks(items=list(checks(_a_room(request.app.state.house))))

    return router


def overview(house: House) -> Overview:
    """How the house is."""
    room = _a_room(house)
    counts = room.ports.ledger.counts(room.settings.tenant)
    return Overview.model_validate({"documents": counts} | readiness(house))


def checks(room: Room) -> Iterator[Check]:
    """Try out what the house needs; nothing that fails keeps the others from being tried."""
    ports = room.ports
    for name, attempt in (
        ("store", _store),
        ("log", lambda _: _ready(ports.log.ready(), "answers", "does not answer")),
        ("tika", lambda _: _ready(ports.extractor.ready(), "reads documents", "not ready; documents wait")),
        ("ocr", lambda _: _ready(ports.ocr.ready(), "German data found", "no German data; scans wait")),
        ("index", _index),
        ("disk", _disk),
        ("plan", _plan),
    ):
        yield _tried(name, attempt, room)


_Finding = tuple[bool, str]


def _tried(name: str, attempt: Callable[[Room], _Finding], room: Room) -> Check:
    try:
        good, text = attempt(room)
    except TryLater as error:
        good, text = False, error.code
    return Check(name=name, good=good, text=text)


def _ready(good: bool, yes: str, no: str) -> _Finding:  # noqa: FBT001  # the finding itself
    return good, yes if good else no


def _store(room: Room) -> _Finding:
    key = keys.probe(room.settings.tenant, secrets.token_hex(8))
    created = room.ports.blobs.create(Bucket.RECORDS, key, b"probe")
    same = room.ports.blobs.read(Bucket.RECORDS, key) == b"probe"
    room.ports.blobs.delete(Bucket.RECORDS, key)
    return _ready(created and same, "writes and reads", "does not give back what was written")


def _index(room: Room) -> _Finding:
    viewer = Viewer(account="check", tenant=room.settings.tenant, all_offices=True)
    indexed = room.ports.index.search(EVERYTHING, viewer).total
    counts = room.ports.ledger.counts(room.settings.tenant)
    known = sum(count for state, count in counts.items() if state != "erased")
    return indexed == known, f"{indexed} documents, the ledger knows {known}"


def _disk(room: Room) -> _Finding:
    free, reserve = shutil.disk_usage(room.settings.storage.folder).free, room.settings.storage.reserve
    return free > reserve, f"{free // 2**20} MiB free, {reserve // 2**20} MiB are the reserve"


def _plan(room: Room) -> _Finding:
    plan = room.plan
    return bool(plan.positions), f"version {plan.version}, {len(plan.positions)} positions"


def _a_room(house: House) -> Room:
    return next(iter(house.rooms.values()))
