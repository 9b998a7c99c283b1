"""What the log of a mail room says of processes that died or had to be ended."""

import json
from collections import Counter
from contextlib import suppress

from services.runtime.context.adapter_log import DEATHS


def deaths(logged: str) -> dict[str, int]:
    """How many there were of each kind; lines that are none of ours, such as those of a library, say nothing."""
    counted: Counter[str] = Counter()
    for line in logged.splitlines():
        with suppress(ValueError, AttributeError):
            counted[json.loads(line).get("event")] += 1
    return {kind: counted[kind] for kind in DEATHS}
