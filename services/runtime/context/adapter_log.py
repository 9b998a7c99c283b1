"""What adapters tell of themselves, as lines of ours and as a figure: deaths of the processes that they watch."""

import logging

import structlog
from prometheus_client import Counter

OURS = "poststelle"
"""The loggers that adapters speak through (see adapters/telling); those of libraries stay silent."""
DEATHS = (
    *("tika_ended", "tika_start_failed", "ocr_worker_ended", "sheet_worker_ended"),
    *("html_reader_ended", "worker_died"),
)
"""What a process of ours died of, or was ended for. Counted from nought, so that the first one is seen as a rise."""

_ended = Counter("poststelle_child_deaths", "Child processes that ended unasked or were ended for hanging.", ["code"])
for _code in DEATHS:
    _ended.labels(_code)


def listen(level: int) -> None:
    """Write what adapters tell from now on, from this level on; called once, at start, and harmless again."""
    ours = logging.getLogger(OURS)
    ours.handlers = [_Lines()]
    ours.setLevel(level)
    ours.propagate = False  # the root is for libraries, and would write it a second time


class _Lines(logging.Handler):
    """Makes a line of ours of each record: its message is the event, its logger's name the service."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write and count it; a log that cannot be written to must not end the thread that watches a process."""
        event = record.getMessage()
        if event in DEATHS:
            _ended.labels(event).inc()
        try:
            log = structlog.get_logger().bind(service=record.name.removeprefix(f"{OURS}."))
            log.log(record.levelno, event, **getattr(record, "facts", {}))
        except OSError:
            self.handleError(record)
