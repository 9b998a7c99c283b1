"""A process with all services and no ports, to be described and not to be run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI

from services import stack
from services.core.ports.bundle import Ports
from services.runtime.access.credentials import Access
from services.runtime.app import create_app
from services.runtime.context.configuration import Configuration
from services.runtime.context.observing import silent_logger
from services.runtime.context.service import Context
from services.runtime.process import Process
from services.settings import Settings
from services.settings.sections import Storage


@contextmanager
def whole_process() -> Iterator[tuple[Process, FastAPI]]:
    """The mail room and its app."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_construct(storage=Storage(folder=Path(folder)))
        # Describing asks no port for anything; whoever does, fails here.
        ports = cast("Ports", _Absent())
        configuration = Configuration(cast("Any", _Absent()), tenant=settings.tenant)
        access = Access(configuration, log=cast("Any", _Absent()), clock=cast("Any", _Absent()), secret=b"described")
        services = stack.load_services()
        contexts = {
            service.name: Context(
                service=service.name, ports=ports, settings=settings, configuration=configuration, log=silent_logger()
            )
            for service in services
        }
        process = Process(services=services, contexts=contexts, configuration=configuration)
        yield process, create_app(process, access, settings)


class _Absent:
    """Stands for ports while nothing is asked of them: has every name, does nothing."""

    def __getattr__(self, name: str) -> "_Absent":
        return self
