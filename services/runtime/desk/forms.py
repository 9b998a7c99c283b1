"""Forms of the desk: cookies of a visit, the word that proves a form to be ours, and fields within limits."""

import secrets
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response

from services.core.errors import Rejected
from services.runtime.access.credentials import Access
from services.runtime.web.http import SESSION_COOKIE, identify

VISIT_COOKIE = "poststelle_visit"
"""Names a browser before somebody signed in there, so that the sign-in form is protected as well."""
NOTE_COOKIE = "poststelle_note"
"""The code of a sentence that the next page shows once."""
MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 50
MANY_FIELDS = 1_300
"""Of a form with fields for each page of a scan."""


def visit_of(request: Request) -> str:
    """What a form is bound to: the session, or before one the browser's visit; empty for a first request."""
    if "authorization" not in request.headers and identify(request):
        return request.cookies.get(SESSION_COOKIE, "")
    return request.cookies.get(VISIT_COOKIE, "")


def begin_visit(request: Request) -> str:
    """The visit that this request belongs to, or a new one, whose cookie `remember` sets."""
    visit = visit_of(request)
    if not visit:
        visit = request.state.new_visit = secrets.token_urlsafe(24)
    return visit


def remember(request: Request, response: Response) -> None:
    """Tell the browser the visit that this page began, and forget the note that it showed."""
    if getattr(request.state, "new_visit", ""):
        set_cookie(request, response, VISIT_COOKIE, request.state.new_visit)
    if request.cookies.get(NOTE_COOKIE):
        response.delete_cookie(NOTE_COOKIE, path="/")


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie that no script reads and no other site sends along; over TLS only where people reach us so."""
    secure = request.app.state.settings.http.public_url.startswith("https:")
    hours = request.app.state.settings.http.session_hours
    response.set_cookie(name, value, max_age=hours * 3600, httponly=True, samesite="lax", secure=secure, path="/")


async def _fields(request: Request) -> dict[str, str]:
    return await _sent(request, MAX_FIELDS)


async def _many_fields(request: Request) -> dict[str, str]:
    return await _sent(request, MANY_FIELDS)


async def _sent(request: Request, most: int) -> dict[str, str]:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise Rejected("too_large")
    try:
        found = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=most))
    except ValueError as error:
        raise Rejected("bad_request") from error
    access: Access = request.app.state.access
    if not access.is_form_of(visit_of(request), found.pop("form", "")):
        raise Rejected("bad_form")
    return found


Fields = Annotated[dict[str, str], Depends(_fields)]
"""The fields of a form that was made for this session; Rejected `bad_form` for any other, before anything is done."""
ManyFields = Annotated[dict[str, str], Depends(_many_fields)]
"""The same of a form that lays out the pages of a scan."""


def local_path(path: str) -> str:
    """Where to go on, if it is a page of ours; else the beginning."""
    local = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if local else "/"
