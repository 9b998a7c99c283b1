"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The clock of the operating system: it may be set back, and is then believed."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)
