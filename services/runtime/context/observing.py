"""Logs that people and machines can read: one line an event, the document in every line, nothing personal in any."""

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from services.runtime.context import adapter_log
from services.settings.sections import Logging


def set_up(settings: Logging) -> None:
    """Send our lines and those of libraries to standard error; called once, at start."""
    as_text = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    renderer: Processor = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries put their input into messages (addresses, file names): only their warnings are of use, by name.
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr, force=True)
    adapter_log.listen(level)


def logger(service: str) -> FilteringBoundLogger:
    """The log of one service."""
    log: FilteringBoundLogger = structlog.get_logger().bind(service=service)
    return log


def silent_logger() -> FilteringBoundLogger:
    """A log that writes nothing, for tests and simulations."""
    silent: FilteringBoundLogger = structlog.wrap_logger(
        structlog.ReturnLogger(),
        processors=[_drop],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    )
    return silent


def where(error: BaseException) -> dict[str, str]:
    """What may be said of a fault of ours: its kind and the line it came from, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    line = next((f"{f.filename.rpartition('services/')[2]}:{f.lineno}" for f in reversed(frames)), "")
    return {"error": type(error).__name__, "at": line}


def _drop(_: object, __: str, ___: EventDict) -> EventDict:
    raise structlog.DropEvent
