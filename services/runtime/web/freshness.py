"""Conditions of a request (RFC 9110 §13): answers that a client may keep, and changes of what it has seen."""

import hashlib
import re

from fastapi import Request, Response

from services.core.errors import Rejected

_VERSION = re.compile(r'\s*"([0-9]{1,16})(?:\.[0-9]{1,9})?"\s*')
"""The version of a record, behind which the document's own tag names the version of the plan."""


def fresh(request: Request, content: bytes) -> Response:
    """The JSON, or 304 where the client has this very content."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def seen_version(if_match: str) -> int:
    """The version of a record that a request has seen, by its `If-Match`; Rejected where it names none of ours."""
    if not if_match.strip() or if_match.strip() == "*":  # any version will do: the very thing that must not be
        raise Rejected("version_required")
    found = _VERSION.fullmatch(if_match)
    if found is None:
        raise Rejected("stale")  # RFC 9110 §13.1.1: no strong tag of ours, so none that matches
    return int(found[1])
