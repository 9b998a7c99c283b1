"""What reading and drawing pages may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class OcrLimits:
    """What reading may cost."""

    workers: int = 2
    """Processes, each with one thread."""
    page_seconds: float = 60.0
    """Time for one page, twice; then it is `too_slow`."""
    megabytes: int = 1_536
    """Address space of one worker in MiB."""
    max_bytes: int = 500 * 1024 * 1024
    """Larger files are `too_large`."""
    pages_per_worker: int = 200
    """Then it is replaced: what leaks must not pile up."""
