"""Where a letter ends: its complimentary close, behind which stands who wrote it."""

import re

CLOSE = re.compile(
    r"^[ \t]*(?:(?:mit|viele|beste|liebe|freundliche|herzliche)n?\b[^\n]{0,30}\bgr(?:ü|ue)(?:ß|ss)en?|"
    r"hochachtungsvoll|mfg|gru(?:ß|ss))\b",
    re.MULTILINE | re.IGNORECASE,
)
"""The line that a complimentary close begins."""
LONGEST_CLOSE = 600
"""Characters of name, address and telephone behind it; what is longer says something."""


def without_close(text: str) -> str:
    """The text up to its last complimentary close; all of it where what follows is no name and address any more."""
    places = [found.start() for found in CLOSE.finditer(text)]
    return text[: places[-1]] if places and len(text) - places[-1] <= LONGEST_CLOSE else text
