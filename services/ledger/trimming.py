"""Keeps the log from growing for ever: what every service has worked off goes after a while.

It is the ledger's, because its process is the one that every installation has exactly once.
"""

from services.runtime.context.service import Context


def trim(context: Context) -> None:
    """Let go of old events; a broker does that by itself, and then there is nothing to do here."""
    ports = context.ports
    trimmed = ports.log.trim(ports.clock.now() - context.settings.storage.keep_events)
    if trimmed:
        context.log.info("events_trimmed", count=trimmed)
