"""The HTTP interface as it describes itself, with what holds everywhere told at each of its operations."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from services.runtime.web.http import SESSION_COOKIE
from services.runtime.web.problems import documented

EVERYWHERE = (401, 403, 429, 503)
"""Whoever asks has to be known, allowed and not too hasty, and the mail room awake."""
MALFORMED = 400
_UNPROCESSABLE = "422"
_FRAMEWORKS = ("HTTPValidationError", "ValidationError")
"""Shapes of the framework's own refusals, which we never send: those are problems with the code `bad_request`."""

SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key of a machine, as `poststelle key add` makes it: `psk_…`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The session of a person. What changes something also needs an `Origin` that is ours.",
    },
}
"""Who asks shows one of them (`security` of OpenAPI 3.1)."""

Described = dict[str, Any]


def described(app: FastAPI) -> Callable[[], Described]:
    """What takes the place of the app's own description."""
    plain = app.openapi

    @cache
    def openapi() -> Described:
        found = plain()
        for operation in _operations(found):
            _complete(operation)
        components = found.setdefault("components", {})
        for name in _FRAMEWORKS:
            components.get("schemas", {}).pop(name, None)
        components["securitySchemes"] = SECURITY
        found["security"] = [{name: []} for name in SECURITY]  # any one of them, at every operation
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
