"""Who wrote, as one word to count and filter by: the address of a mail, else the name that stands on the letter."""

import re

from services.core.language import german

_ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,150}@[^\s<>,;:\"()]{1,150}")
_LONGEST = 160
"""Characters that a sender is told apart by; what is longer is cut, so that no index keeps a page as a word."""


def sender_key(sender: str) -> str:
    """`erika@example.org` for `Erika Muster <Erika@Example.org>`, `stadtwerke neustadt` for a letterhead.

    Empty where nothing tells who wrote. The same for an entry of the index and for what somebody typed.
    """
    address = _ADDRESS.search(sender)
    word = address[0] if address else " ".join(sender.split())
    return german.clean(word).lower().strip()[:_LONGEST]
