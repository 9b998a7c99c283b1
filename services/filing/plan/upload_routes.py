"""A plan's file as the body of a request: any form, within the limit, as a stream."""

from fastapi import Request

from services.core.errors import Rejected
from services.core.plan import plan_check
from services.runtime.web.http import STREAMED

_TEXT = {"schema": {"type": "string"}}
PLAN_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}, "text/csv": _TEXT, "application/xml": _TEXT},
    }
}


async def plan_content(request: Request) -> bytes:
    """All bytes; Rejected `too_large` as soon as there are more than any plan has."""
    setattr(request.state, STREAMED, True)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > plan_check.MAX_BYTES:
            raise Rejected("too_large")
    return bytes(body)
