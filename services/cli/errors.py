"""Exit codes and sentences for what can go wrong on the command line."""

from services.core import catalogue
from services.core.errors import Misconfigured, Rejected, TryLater, Unreachable

DONE, FAILED, USAGE, AWAY, BROKEN, LATER = 0, 1, 2, 69, 70, 75
"""0 done, 1 failed, 2 wrong usage, 69 service away (EX_UNAVAILABLE), 70 a loop died (EX_SOFTWARE), 75 try again.

The last is EX_TEMPFAIL.
"""


class Refused(Exception):
    """The running instance answered with a problem; the sentence is its own."""

    def __init__(self, sentence: str, *, status: int, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.code = code


class Away(Exception):
    """No instance answers at the address."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def exit_code_of(error: Exception) -> int | None:
    """The exit code of a failure that has one; None for a fault of ours."""
    if isinstance(error, Away | Unreachable):
        return AWAY
    if isinstance(error, TryLater) or (isinstance(error, Refused) and error.status in (429, 503)):
        return LATER
    if isinstance(error, Misconfigured):
        return USAGE
    return FAILED if isinstance(error, Refused | Rejected) else None


def sentence_of(error: Exception) -> str:
    """What to tell the person."""
    if isinstance(error, Away):
        return f"no instance answers at {error.url}. Is it running? `poststelle run` starts one."
    if isinstance(error, Refused):
        return error.sentence
    if isinstance(error, TryLater | Rejected):
        return catalogue.refusal(error.code, "en")
    return str(error)
