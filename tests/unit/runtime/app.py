"""The HTTP app over a process of fakes, for tests of what every request meets."""

from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.process import Process
from services.settings import Settings
from tests.fakes.readers import MemoryOcrEngine, MemoryTextExtractor
from tests.unit.runtime.loop import Loop


def app_of(loop: Loop, process: Process, **http: Any) -> FastAPI:
    """The app of this mail room; its services get readers that are ready."""
    ports = replace(loop.context.ports, extractor=MemoryTextExtractor(), ocr=MemoryOcrEngine())
    process.contexts = {name: replace(context, ports=ports) for name, context in process.contexts.items()}
    return create_app(process, access_of(loop), Settings(http=http))


def access_of(loop: Loop) -> Access:
    """Nobody's accounts yet."""
    return Access(loop.context.configuration, log=loop.log, clock=loop.clock, secret=b"secret")
