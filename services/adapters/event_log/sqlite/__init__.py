"""The event log of the embedded stack: one SQLite file, one process, one writing thread."""

from services.adapters.event_log.sqlite.log import SqliteEventLog

__all__ = ["SqliteEventLog"]
