"""Every refused request in one shape: RFC 9457, with a code and a sentence from the catalogue."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from services.core import catalogue
from services.core.errors import BlobMissing, OriginalDamaged, Rejected, TryLater
from services.runtime.context.observing import logger, where
from services.runtime.web.http import accompany

STATUS = {
    "bad_request": 400,
    "bad_query": 400,
    "bad_receipt": 404,
    "bad_reference": 404,
    "unknown_account": 404,
    "bad_link": 404,
    "empty": 400,
    "unauthorised": 401,
    "wrong_password": 401,
    "session_expired": 401,
    "forbidden": 403,
    "sealed": 403,
    "bad_form": 403,
    "foreign_origin": 403,
    "not_found": 404,
    "unknown_delivery": 404,
    "timed_out": 408,
    "not_yet": 409,
    "not_sealed": 409,
    "still_infected": 409,
    "signatures_not_newer": 409,
    "no_scanner": 409,
    "already_decided": 409,
    "pages_unchanged": 409,
    "name_taken": 409,
    "already_answered": 409,
    "submission_reused": 409,
    "already_running": 409,
    "procedure_paused": 409,
    "no_model": 409,
    "training_now": 409,
    "last_administrator": 409,
    "position_in_use": 409,
    "erased": 410,
    "beyond_window": 410,
    "stale": 412,
    "plan_changed": 412,
    "model_changed": 412,
    "too_large": 413,
    "wrong_media_type": 415,
    "version_required": 428,
    "too_many_requests": 429,
    "internal": 500,
    "damaged": 500,
    "record_broken": 500,
}
"""HTTP status of a code; any other refusal is 422 (RFC 9110 §15.5.21): understood, but not to be carried out."""

UNPROCESSABLE = 422
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
_MEMBERS = {"type": _TEXT, "title": _TEXT, "status": _NUMBER, "detail": _TEXT, "code": _TEXT}
_CODE_OF_STATUS = {
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "bad_request",
    408: "timed_out",
    413: "too_large",
}
FILES_METHODS = ("GET", "HEAD")
"""What static files take, which are no routes."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def problem(code: str, *, status: int | None = None, facts: dict[str, str | int] | None = None) -> JSONResponse:
    """The answer for a refused request."""
    status = status or STATUS.get(code, UNPROCESSABLE)
    body: dict[str, str | int] = {
        "type": f"urn:poststelle:problem:{code}",
        "title": catalogue.refusal(code, "en"),
        "status": status,
        "detail": catalogue.refusal(code),
        "code": code,
    }
    body |= facts or {}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for its page in OpenAPI."""
    schema = {"type": "object", "required": ["type", "title", "status", "code"], "properties": _MEMBERS}
    content = {"application/problem+json": {"schema": schema}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def other_answers(**answers: str) -> dict[int | str, dict[str, Any]]:
    """The good answers of a route besides its usual one, such as `_304`, and when they are given."""
    return {int(status.strip("_")): {"description": when} for status, when in answers.items()}


def translate_errors(app: FastAPI) -> None:
    """Turn the failures of the mail room into answers, in this one place."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(TryLater, _try_later)
    app.add_exception_handler(BlobMissing, _missing)
    app.add_exception_handler(OriginalDamaged, _damaged)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def wants_page(request: Request) -> bool:
    """Whether a browser asks, which shows pages to people."""
    return "text/html" in request.headers.get("accept", "")


def _answer(
    request: Request, code: str, *, status: int | None = None, facts: dict[str, str | int] | None = None
) -> Response:
    """The problem as JSON, or as the desk's page of errors where a browser asks and this process has a desk."""
    error_page = getattr(request.app.state, "error_page", None)
    if error_page is None or not wants_page(request):
        return problem(code, status=status, facts=facts)
    page: Response = error_page(request, code, status or STATUS.get(code, UNPROCESSABLE))
    return page


def _rejected(request: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected):
        return _answer(request, "internal")
    return _answer(request, error.code, facts=error.facts)


def _try_later(request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, TryLater) else ""
    # Which server is away is said in the log, not to strangers.
    return _answer(request, code if code in catalogue.REFUSALS else "unavailable", status=503)


def _missing(request: Request, _: Exception) -> Response:
    return _answer(request, "not_found")


def _damaged(request: Request, _: Exception) -> Response:
    return _answer(request, OriginalDamaged.code)


def _malformed(request: Request, error: Exception) -> Response:
    # The library's texts quote the input; only where it was wrong is said.
    places = [error_["loc"] for error_ in error.errors()] if isinstance(error, RequestValidationError) else []
    where_wrong = ", ".join(".".join(str(part) for part in place[1:]) for place in places)
    return _answer(request, "bad_request", facts={"field": where_wrong[:200]})


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = _answer(request, _CODE_OF_STATUS.get(status, "bad_request"), status=status)
    if isinstance(error, HTTPException) and status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_allowed(request) or FILES_METHODS)
    return answer


def _allowed(request: Request) -> list[str]:
    """The methods of every route at this path: the framework's own answer names those of the first only."""
    asked = {"type": "http", "path": request.url.path, "root_path": "", "headers": []}
    routes = [route for route in request.app.router.routes if not isinstance(route, Mount)]
    return [
        method
        for method in _METHODS
        if any(route.matches(asked | {"method": method})[0] is Match.FULL for route in routes)
    ]


def _fault(request: Request, error: Exception) -> Response:
    request_id = getattr(request.state, "request_id", "")
    logger("http").error("bug", request=request_id, **where(error))
    answer = _answer(request, "internal")
    accompany(answer.headers, request_id)  # this one is made outside of every middleware
    return answer
