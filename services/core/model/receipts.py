"""Receipt numbers: what a sender is given, short enough to be read out on the telephone."""

import hashlib
import re
import secrets
from datetime import datetime
from itertools import count

from services.core import crockford

_SHAPE = re.compile(r"^PE([0-9]{6})([0-9A-HJKMNP-TV-Z]{8})([0-9A-HJKMNP-Z*~$=])$")


def new_receipt(received_at: datetime) -> str:
    """A fresh number of that day, such as `PE-261122-7KQ3-M9TX-W`: date, 40 random bits, check character."""
    while True:
        receipt = _render(received_at.strftime("%y%m%d"), secrets.randbits(40))
        if receipt[-1].isalnum():  # the other check characters are hard to dictate
            return receipt


def receipt_of_part(received_at: datetime, seed: str) -> str:
    """The number of a document that was separated: the same for the same seed, of the day of its batch."""
    for attempt in count():
        digest = hashlib.sha256(f"{seed}/{attempt}".encode()).digest()
        receipt = _render(received_at.strftime("%y%m%d"), int.from_bytes(digest[:5], "big"))
        if receipt[-1].isalnum():
            return receipt
    raise AssertionError  # pragma: no cover


def parse_receipt(text: str) -> str | None:
    """The receipt a person meant, or None: lower case, missing dashes and O/0, I/1 are understood."""
    squeezed = re.sub(r"[\s\-\u2010-\u2015]", "", text).upper()
    if not squeezed.startswith("PE"):
        squeezed = "PE" + squeezed
    found = _SHAPE.fullmatch("PE" + crockford.as_heard(squeezed[2:]))
    if not found:
        return None
    rendered = _render(found[1], crockford.decode(found[2]))
    return rendered if rendered[-1] == found[3] else None


def _render(day: str, number: int) -> str:
    code = crockford.encode(number, 8)
    # The check character covers the day too: a slip in the date must not name another letter.
    check = crockford.check_character(int(day) * 2**40 + number)
    return f"PE-{day}-{code[:4]}-{code[4:]}-{check}"
