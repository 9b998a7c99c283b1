"""Answers that a client may keep and ask again for: the same content is 304 (RFC 9110 §13.1.2)."""

import hashlib

from fastapi import Request, Response


def fresh(request: Request, content: bytes) -> Response:
    """The JSON, or 304 where the client has this very content."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
