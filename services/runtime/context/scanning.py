"""Whether post may be taken in while the malware scanner is away."""

from services.core.errors import TryLater
from services.runtime.context.service import Context


def check_may_take_in(context: Context) -> None:
    """TryLater `scanner_away` where the settings say that nothing is taken then; it may wait, in a thread."""
    if context.settings.malware.unreachable == "refuse" and not context.ports.scanner.ready():
        raise TryLater("scanner_away")
