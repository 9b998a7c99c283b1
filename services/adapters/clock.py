"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """See `Clock`."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)
