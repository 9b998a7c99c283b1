"""In which language a request is answered, and how a sentence of the pages reads in it.

A sentence stands in the code in German. `gettext` says it now; `gettext_noop` marks one that is said later, by the
filter `translated` of the pages. Without a request, and for whatever is written down for others, all stays German.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TypeVar

from services.core import catalogue
from services.core.catalogue import Language
from services.runtime.translation.catalogue import english

__all__ = (
    "Language",
    "all_said",
    "gettext",
    "gettext_noop",
    "language",
    "ngettext",
    "preferred",
    "reason",
    "refusal",
    "speaking",
    "text",
)

Key = TypeVar("Key")

_MOST_ASKED = 1_000
"""Characters of an Accept-Language that are read."""


def _german() -> Language:
    return "de"


_asked: ContextVar[Callable[[], Language]] = ContextVar("language", default=_german)


@contextmanager
def speaking(asked: Callable[[], Language]) -> Iterator[None]:
    """Answer in the language that this names; it is asked once, and only where something is said."""
    token = _asked.set(cache(asked))
    try:
        yield
    finally:
        _asked.reset(token)


def language() -> Language:
    """The language of whoever is answered."""
    return _asked.get()()


def gettext(sentence: str) -> str:
    """The sentence as it is said to whoever is answered; German where nobody translated it."""
    return sentence if language() == "de" else english().plain.get(sentence, sentence)


def ngettext(one: str, many: str, number: int) -> str:
    """The same for a sentence with a number: `one` for 1, `many` for all others."""
    at = 0 if number == 1 else 1
    known = None if language() == "de" else english().counted.get(one)
    return (known or (one, many))[at]


def gettext_noop(sentence: str) -> str:
    """The sentence as it stands: it has an English one, and is translated where it is shown."""
    return sentence


def all_said(labels: Mapping[Key, str]) -> dict[Key, str]:
    """Labels that were marked, as they are said to whoever is answered."""
    return {key: gettext(label) for key, label in labels.items()}


def refusal(code: str) -> str:
    """The sentence for a refused request, for a page."""
    return catalogue.refusal(code, language())


def reason(code: str) -> str:
    """The sentence for a reason, for a page."""
    return catalogue.reason(code, language())


def text(code: str) -> str:
    """The sentence for a problem, state or channel, for a page."""
    return catalogue.text(code, language())


def preferred(accepted: str) -> Language:
    """The language for a browser that says this (RFC 9110 §12.5.4): German unless it asks for English before German."""
    weights = {"de": 0.0, "en": 0.0}
    for piece in accepted[:_MOST_ASKED].split(","):
        tag, _, weight = piece.partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in weights:
            weights[name] = max(weights[name], _weight(weight))
    return "en" if weights["en"] > weights["de"] else "de"


def _weight(said: str) -> float:
    name, _, number = said.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(number), 0.0), 1.0)
    except ValueError:
        return 0.0
