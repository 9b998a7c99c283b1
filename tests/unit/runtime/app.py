"""The HTTP app over a house of twins, for tests of what every request meets."""

from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.process import House
from services.settings import Settings
from tests.twins.readers import MemoryOcrEngine, MemoryTextExtractor
from tests.unit.runtime.loop import Loop


def app_of(loop: Loop, house: House, **http: Any) -> FastAPI:
    """The app of this house; its rooms get readers that are ready."""
    ports = replace(loop.room.ports, extractor=MemoryTextExtractor(), ocr=MemoryOcrEngine())
    house.rooms = {name: replace(room, ports=ports) for name, room in house.rooms.items()}
    return create_app(house, access_of(loop), Settings(http=http))


def access_of(loop: Loop) -> Access:
    """Nobody's accounts yet."""
    return Access(loop.room.configuration, log=loop.log, clock=loop.clock, secret=b"secret")
