"""The HTTP interface as it describes itself, with what holds everywhere told at each of its operations."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from services.runtime.web.problems import documented

EVERYWHERE = (401, 403, 429, 503)
"""Whoever asks has to be known, allowed and not too hasty, and the mail room awake."""
MALFORMED = 400
_UNPROCESSABLE = "422"
_FRAMEWORKS = ("HTTPValidationError", "ValidationError")
"""Shapes of the framework's own refusals, which we never send: those are problems with the code `bad_request`."""

Described = dict[str, Any]


def described(app: FastAPI) -> Callable[[], Described]:
    """What takes the place of the app's own description."""
    plain = app.openapi

    @cache
    def openapi() -> Described:
        found = plain()
        for operation in _operations(found):
            _complete(operation)
        schemas = found.get("components", {}).get("schemas", {})
        for name in _FRAMEWORKS:
            schemas.pop(name, None)
        return found

    return openapi


def _operations(found: Described) -> Iterator[Described]:
    for path in found["paths"].values():
        yield from path.values()


def _complete(operation: Described) -> None:
    answers: Described = operation["responses"]
    statuses = list(EVERYWHERE)
    if _FRAMEWORKS[0] in str(answers.get(_UNPROCESSABLE)):
        del answers[_UNPROCESSABLE]
        statuses.append(MALFORMED)
    for status, answer in documented(*statuses).items():
        answers.setdefault(str(status), answer)
    operation["responses"] = dict(sorted(answers.items()))
